import Type, { type Static, type TSchema } from 'typebox';
import { ImpactSummary, MessageState } from '../domain/customer.js';
import { CauseCandidate, Incident, IncidentEvent, IncidentState } from '../domain/incident.js';
import { IntervalForecast } from '../domain/interval-forecast.js';
import { Repair } from '../domain/repair.js';

export const Time = Type.String({ format: 'date-time' });
export const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
/** A domain schema without its `$id`, so that it can stand in several routes. */
export const inline = <T extends TSchema>(schema: T): T => {
  const { $id: _, ...rest } = schema as T & { $id?: string };
  return rest as unknown as T;
};

export const Problem = Type.Object(
  { code: Type.String(), message: Type.String() },
  { description: 'why it was refused: a code to act on and a sentence to read' },
);

/** One line of the ranked list. */
export const IncidentItem = Type.Object({
  id: Type.String(),
  lineageId: Type.String(),
  revision: Type.Integer(),
  state: inline(IncidentState),
  severity: Incident.properties.severity,
  startedAt: Time,
  detectedAt: Nullable(Time),
  endedAt: Nullable(Time),
  estimatedRepairAt: Nullable(Time),
  repair: Type.Optional(Repair),
  repairOverrun: Incident.properties.repairOverrun,
  updatedAt: Time,
  cellCount: Type.Integer(),
  siteCount: Type.Integer(),
  places: Type.Array(Type.String(), { description: 'up to four, those with most sites first' }),
  placeCount: Type.Integer(),
  cause: Type.Object({
    kind: Type.String(),
    id: Type.String(),
    probability: Type.Number(),
  }),
  explanation: Type.String(),
  acknowledgedBy: Nullable(Type.String()),
  plannedWorkId: Nullable(Type.String()),
  silencedUntil: Nullable(Time),
  mergedInto: Nullable(Type.String({ description: 'the incident that it goes on as' })),
  certainty: Nullable(
    Type.Number({ description: 'probability that service really failed; null before it opened' }),
  ),
  rankScore: Type.Number(),
  impact: Nullable(ImpactSummary),
  told: Type.Integer({ description: 'messages handed over or delivered' }),
});
export type IncidentItem = Static<typeof IncidentItem>;

export const IncidentPage = Type.Object({
  total: Type.Integer(),
  items: Type.Array(IncidentItem),
});
export type IncidentPage = Static<typeof IncidentPage>;

/** How many messages of a kind are in a state for a reason. */
export const MessageCount = Type.Object({
  kind: Type.String(),
  state: MessageState,
  reason: Nullable(Type.String()),
  count: Type.Integer(),
});

/** A wave: everybody due one kind of text about one revision of an incident. */
export const Wave = Type.Object({
  id: Type.String(),
  kind: Type.String(),
  revision: Type.Integer(),
  state: Type.String(),
  reason: Type.String(),
  decidedAt: Time,
  validUntil: Time,
  variant: Type.String({ description: 'full, or short: without times and what is lost' }),
  asked: Type.Integer({ description: 'how many on call were asked to approve it' }),
  counts: Type.Record(Type.String(), Type.Integer(), {
    description: 'people looked at, messages written, and people by why they get none',
  }),
});

export const IncidentCell = Type.Object({
  cellId: Type.String(),
  siteId: Nullable(Type.String()),
  siteName: Nullable(Type.String()),
  technology: Nullable(Type.String()),
  degree: Type.Number(),
  since: Time,
});

export const ImpactPoint = Type.Object({
  at: Time,
  subscribers: Type.Integer(),
  userMinutes: Type.Number(),
});

/** Calls that all open incidents together are expected to add, over all queues. */
export const SurgePoint = Type.Object({
  start: Time,
  ordinary: Type.Number(),
  surge: Type.Number(),
});

/** Phones of one other network at an incident's cells. */
export const IncidentVisitors = Type.Object({
  network: Type.String({ description: 'MCC and MNC; empty: only the country is known' }),
  name: Nullable(Type.String({ description: 'what the rules call the network' })),
  country: Type.String({ description: 'ISO 3166-1 alpha-2; empty: not known' }),
  now: Type.Integer({ minimum: 0 }),
  most: Type.Integer({ minimum: 0, description: 'at once, since it began' }),
});
export type IncidentVisitors = Static<typeof IncidentVisitors>;

export const IncidentDetail = Type.Object({
  ...IncidentItem.properties,
  candidates: Type.Array(CauseCandidate),
  alarmIds: Type.Array(Type.String()),
  flags: Type.Integer({ description: 'CRM records that should show this incident' }),
  tickets: Type.Array(Type.Object({ system: Type.String(), ticketId: Type.String() }), {
    description: 'its trouble tickets, by ticket system',
  }),
  visitors: Type.Array(IncidentVisitors, {
    description: 'roamers and customers of sharing partners at its cells, most first',
  }),
  timeline: Type.Array(IncidentEvent, { description: 'oldest first' }),
  cells: Type.Array(IncidentCell, { description: 'worst first, the first 200' }),
  growth: Type.Array(ImpactPoint, { description: 'oldest first' }),
  messages: Type.Array(MessageCount),
  waves: Type.Array(Wave),
  surge: Type.Array(SurgePoint, { description: 'next 12 hours; empty once it is over' }),
});
export type IncidentDetail = Static<typeof IncidentDetail>;

/** One KPI of one cell against what was expected; all arrays have one entry per period. */
export const KpiSeries = Type.Object({
  cellId: Type.String(),
  siteName: Nullable(Type.String()),
  feed: Type.String(),
  kpi: Type.String(),
  unit: Type.String(),
  periodSeconds: Type.Integer(),
  from: Time,
  values: Type.Array(Nullable(Type.Number())),
  expected: Type.Array(Nullable(Type.Number())),
  lo: Type.Array(Nullable(Type.Number())),
  hi: Type.Array(Nullable(Type.Number())),
});
export type KpiSeries = Static<typeof KpiSeries>;

export const CellState = Type.Union([
  Type.Literal('ok'),
  Type.Literal('noData', { description: 'its telemetry is missing; not held to be failed' }),
  Type.Literal('suspected'),
  Type.Literal('degraded'),
  Type.Literal('down'),
]);
export type CellState = Static<typeof CellState>;

/** Cells as GeoJSON (RFC 7946): those in incidents first, then others up to the limit. */
export const CellFeatures = Type.Object({
  type: Type.Literal('FeatureCollection'),
  truncated: Type.Boolean({ description: 'true when healthy cells were left out' }),
  features: Type.Array(
    Type.Object({
      type: Type.Literal('Feature'),
      geometry: Type.Object({
        type: Type.Literal('Point'),
        coordinates: Type.Tuple([Type.Number(), Type.Number()]),
      }),
      properties: Type.Object({
        id: Type.String(),
        site: Type.String(),
        siteName: Nullable(Type.String()),
        azimuth: Nullable(Type.Number()),
        technology: Nullable(Type.String()),
        state: CellState,
        degree: Type.Number(),
        incidentId: Nullable(Type.String()),
      }),
    }),
  ),
});
export type CellFeatures = Static<typeof CellFeatures>;

export const SitePoint = Type.Object({
  id: Type.String(),
  name: Nullable(Type.String()),
  lat: Type.Number(),
  lon: Type.Number(),
  cells: Type.Integer(),
});
export type SitePoint = Static<typeof SitePoint>;

export const GapItem = Type.Object({
  id: Type.String(),
  feed: Type.String(),
  from: Time,
  to: Nullable(Time),
  cells: Type.Integer(),
  reason: Type.String(),
});
export type GapItem = Static<typeof GapItem>;

/** A queue's current forecast with what came so far. */
export const QueueForecast = Type.Object({
  queue: Type.String(),
  issuedAt: Nullable(Time),
  intervals: Type.Array(inline(IntervalForecast)),
  actual: Type.Array(
    Type.Object({
      start: Time,
      ivrOffered: Nullable(Type.Number()),
      ivrContained: Nullable(Type.Number()),
      offered: Type.Number(),
      answered: Nullable(Type.Number()),
      abandoned: Nullable(Type.Number()),
    }),
  ),
  roster: Type.Array(
    Type.Object({ start: Time, intervalSeconds: Type.Integer(), agents: Type.Number() }),
  ),
});
export type QueueForecast = Static<typeof QueueForecast>;

export const DeadLetterCount = Type.Object({
  feed: Type.String(),
  source: Type.String(),
  reason: Type.String(),
  count: Type.Integer(),
  lastAt: Time,
  lastDetail: Nullable(Type.String()),
});
export type DeadLetterCount = Static<typeof DeadLetterCount>;

export const DeadLetterSample = Type.Object({
  id: Type.String(),
  feed: Type.String(),
  source: Type.String(),
  reason: Type.String(),
  detail: Type.String(),
  payload: Type.String({ description: 'the first 2,000 characters' }),
  at: Time,
});
export type DeadLetterSample = Static<typeof DeadLetterSample>;

export const SourceItem = Type.Object({
  source: Type.String(),
  updatedAt: Time,
});
export type SourceItem = Static<typeof SourceItem>;

export const AuditEntry = Type.Object({
  id: Type.String(),
  at: Time,
  actor: Type.String(),
  action: Type.String(),
  target: Nullable(Type.String()),
  why: Type.String(),
});
export type AuditEntry = Static<typeof AuditEntry>;

export const Switches = Type.Object({
  killSwitch: Type.Object({
    on: Type.Boolean(),
    since: Nullable(Time),
    by: Nullable(Type.String()),
    why: Nullable(Type.String()),
  }),
  shadow: Type.Boolean({ description: 'everything but sending' }),
  shadowWhy: Nullable(Type.String({ description: 'what shadow mode comes from; null when off' })),
});
export type Switches = Static<typeof Switches>;

const HealthStatus = Type.Union([
  Type.Literal('up'),
  Type.Literal('degraded'),
  Type.Literal('down'),
]);
/** How each part is, since when, and what is wrong in one sentence. */
export const HealthView = Type.Object({
  status: HealthStatus,
  networkTime: Time,
  components: Type.Array(
    Type.Object({
      name: Type.String(),
      status: HealthStatus,
      since: Time,
      detail: Type.Optional(Type.String({ description: 'only for those signed in' })),
      reason: Type.Optional(Type.String({ description: 'kind of trouble, for everybody' })),
    }),
  ),
});
