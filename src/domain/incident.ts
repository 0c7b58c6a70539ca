import Type, { type Static } from 'typebox';
import { Repair, RepairWord } from './repair.js';
import { ServiceShares } from './services.js';

export const IncidentState = Type.Union([
  Type.Literal('suspected'),
  Type.Literal('open'),
  Type.Literal('recovering'),
  Type.Literal('resolved'),
  Type.Literal('closed'),
]);
export type IncidentState = Static<typeof IncidentState>;

export const Severity = Type.Union([
  Type.Literal('critical'),
  Type.Literal('major'),
  Type.Literal('minor'),
  Type.Literal('warning'),
]);
export type Severity = Static<typeof Severity>;

/** A resource that may have caused an incident, with how probable that is given the evidence. */
export const CauseCandidate = Type.Object(
  {
    kind: Type.String({
      description: 'cell, sector, site, transport, aggregation, power, core, area, unknown, …',
    }),
    id: Type.String(),
    probability: Type.Number({ minimum: 0, maximum: 1 }),
    evidence: Type.Array(Type.String()),
    alike: Type.Optional(
      Type.Array(
        Type.Object({ kind: Type.String(), id: Type.String() }, { additionalProperties: false }),
        { description: 'resources over the very same cells, which only an alarm can tell from it' },
      ),
    ),
  },
  { additionalProperties: false },
);
export type CauseCandidate = Static<typeof CauseCandidate>;

/** One change in an incident's life and why it happened. */
export const IncidentEvent = Type.Object(
  {
    at: Type.String({ format: 'date-time' }),
    kind: Type.String({
      description:
        'suspected, opened, grew, shrank, cause, recovering, resolved, closed, reopened, merged, split, planned, silenced, repair, customers, comment, act',
    }),
    reason: Type.String(),
  },
  { additionalProperties: false },
);
export type IncidentEvent = Static<typeof IncidentEvent>;

/** An incident as correlate states it; what people lost is added by impact. */
export const Incident = Type.Object(
  {
    schemaVersion: Type.Literal(1),
    id: Type.String(),
    lineageId: Type.String(),
    revision: Type.Integer({ minimum: 1, description: 'rises with every change' }),
    state: IncidentState,
    startedAt: Type.String({ format: 'date-time' }),
    detectedAt: Type.Union([Type.String({ format: 'date-time' }), Type.Null()], {
      description: 'event time at which it became open; null while only suspected',
    }),
    endedAt: Type.Union([Type.String({ format: 'date-time' }), Type.Null()]),
    estimatedRepairAt: Type.Union([Type.String({ format: 'date-time' }), Type.Null()]),
    repair: Type.Optional(Repair),
    repairOverrun: Type.Optional({
      ...RepairWord,
      description: 'the last time that was announced, when it has passed without repair',
    }),
    cells: Type.Array(
      Type.Object(
        {
          cellId: Type.String(),
          degree: Type.Number({
            minimum: 0,
            maximum: 1,
            description: 'share lost of the service that lost most',
          }),
          services: Type.Optional({
            ...ServiceShares,
            description: 'share lost of each service; absent when all lost the same',
          }),
          since: Type.String({ format: 'date-time' }),
        },
        { additionalProperties: false },
      ),
    ),
    absorbed: Type.Optional(
      Type.Object(
        {
          share: Type.Number({ minimum: 0, maximum: 1 }),
          neighbours: Type.Integer({ minimum: 1 }),
          asOf: Type.String({ format: 'date-time' }),
        },
        {
          additionalProperties: false,
          description:
            'share of the users of its dark cells whom neighbours serve, measured at so many of them by what they carry beyond expectation',
        },
      ),
    ),
    sites: Type.Array(Type.String()),
    cause: Type.Object(
      {
        kind: Type.String(),
        id: Type.String(),
        probability: Type.Number({ minimum: 0, maximum: 1 }),
        candidates: Type.Array(CauseCandidate),
        setBy: Type.Optional(Type.String({ description: 'the person who said so' })),
      },
      { additionalProperties: false },
    ),
    certainty: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 1,
        description:
          'once it was open: probability that service really failed, by its evidence and by what became of incidents as sure as this one',
      }),
    ),
    kpis: Type.Optional(
      Type.Array(Type.String(), { description: 'KPIs whose anomalies spoke for it, or `silence`' }),
    ),
    severity: Severity,
    explanation: Type.String(),
    alarmIds: Type.Array(Type.String()),
    anomalyIds: Type.Array(Type.String()),
    plannedWorkId: Type.Union([Type.String(), Type.Null()]),
    plannedWorkEndsAt: Type.Optional(Type.String({ format: 'date-time' })),
    acknowledgedBy: Type.Union([Type.String(), Type.Null()]),
    silencedUntil: Type.Optional(
      Type.String({ format: 'date-time', description: 'until then nobody is told of it' }),
    ),
    isTakenOut: Type.Optional(
      Type.Boolean({
        description:
          'over since an import took all of it out of the inventory: nothing is repaired',
      }),
    ),
    mergedInto: Type.Optional(
      Type.String({ description: 'id of the incident that this one, now closed, goes on as' }),
    ),
    absorbedLineages: Type.Optional(
      Type.Array(Type.String(), {
        description: 'lineages merged into this one: who was told under them was told',
      }),
    ),
  },
  { additionalProperties: false, $id: 'incident' },
);
export type Incident = Static<typeof Incident>;

/** An incident that changed, with the events since the last time it was handed on. */
export interface IncidentChange {
  readonly incident: Incident;
  readonly events: readonly IncidentEvent[];
}

/** Cells whose silence is held to be the telemetry's, not the network's. */
export interface TelemetryGap {
  readonly fromMs: number;
  readonly toMs: number | null;
  readonly feed: string;
  readonly cells: readonly string[];
  readonly reason: string;
}

/** States in which customers are told and flags are kept. */
export function isActive(state: IncidentState): boolean {
  return state === 'open' || state === 'recovering';
}
