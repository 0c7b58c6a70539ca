import Type, { type Static } from 'typebox';
import { SubscriptionKind } from '../domain/customer.js';
import { Incident, IncidentState } from '../domain/incident.js';
import { ChannelsPolicy, OptOutPolicy } from './policy-channels.js';
import { KindPolicy, PlacedKindPolicy, UpdatePolicy, WorksPolicy } from './policy-kinds.js';

const closed = { additionalProperties: false } as const;
const Share = Type.Number({ minimum: 0, maximum: 1 });
const Money = Type.Union([Type.Number({ minimum: 0 }), Type.Null()]);
const Factor = Type.Number({ minimum: 0, maximum: 1000 });
const Service = Type.Union([Type.Literal('none'), Type.Literal('degraded')]);

const Incidents = Type.Object(
  {
    states: Type.Array(IncidentState, { minItems: 1 }),
    severities: Type.Array(Incident.properties.severity, { minItems: 1 }),
    minPeople: Type.Number({ minimum: 0, description: 'expected number of affected people' }),
    minOpenMinutes: Type.Number({
      minimum: 0,
      description: 'how long it must have been open, so that a flap tells nobody',
    }),
    minCertainty: Type.Number({
      minimum: 0,
      maximum: 1,
      description: 'how sure it must be that service really failed',
    }),
    minCauseProbability: Share,
    plannedWorks: Type.Boolean({ description: 'whether incidents of planned works are told' }),
  },
  closed,
);

/** An exception for some people; what is not given does not matter. */
export const PersonRule = Type.Object(
  {
    kinds: Type.Optional(Type.Array(SubscriptionKind, { minItems: 1 })),
    segments: Type.Optional(Type.Array(Type.String(), { minItems: 1 })),
    services: Type.Optional(Type.Array(Service, { minItems: 1 })),
    vulnerable: Type.Optional(Type.Boolean()),
    minProbability: Type.Union([Share, Type.Null()], {
      description: 'from this probability on they are told; null: never',
    }),
  },
  closed,
);
export type PersonRule = Static<typeof PersonRule>;

/** Lines that are their account's manager's affair; what is not given does not matter. */
const ManagedRule = Type.Object(
  {
    kinds: Type.Optional(Type.Array(SubscriptionKind, { minItems: 1 })),
    segments: Type.Optional(Type.Array(Type.String(), { minItems: 1 })),
  },
  { ...closed, minProperties: 1 },
);

const People = Type.Object(
  {
    minProbability: Share,
    rules: Type.Array(PersonRule, { description: 'the first that fits counts' }),
    excludeKinds: Type.Array(SubscriptionKind),
    managed: Type.Optional(
      Type.Array(ManagedRule, {
        description: 'whose account’s manager is told in place of each line; default: fleets',
      }),
    ),
    maxPerDay: Type.Integer({ minimum: 1, description: 'texts per number, in 24 hours' }),
    maxPerWeek: Type.Integer({ minimum: 1, description: 'texts per number, in 7 days' }),
    defaultZone: Type.Union([Type.String(), Type.Null()], {
      description: 'IANA zone of people and sites without one; null: unknown means not now',
    }),
  },
  closed,
);

const Order = Type.Object(
  {
    vulnerableFirst: Type.Boolean(),
    propensity: Type.Object({ none: Share, degraded: Share }, closed),
    reachability: Type.Object({ now: Share, later: Share }, closed),
    value: Type.Object({ default: Factor, segments: Type.Record(Type.String(), Factor) }, closed),
  },
  closed,
);

const Region = Type.Object(
  {
    name: Type.String({ minLength: 1 }),
    south: Type.Number({ minimum: -90, maximum: 90 }),
    west: Type.Number({ minimum: -180, maximum: 180 }),
    north: Type.Number({ minimum: -90, maximum: 90 }),
    east: Type.Number({ minimum: -180, maximum: 180 }),
  },
  closed,
);

const Rollout = Type.Object(
  {
    numbers: Type.Union(
      [Type.Array(Type.String({ pattern: '^\\+[1-9][0-9]{6,14}$' }), { minItems: 1 }), Type.Null()],
      { description: 'only these are ever written to; null: all' },
    ),
    regions: Type.Union([Type.Array(Region, { minItems: 1 }), Type.Null()], {
      description: 'only incidents with every site in one of these are told; null: all',
    }),
    percent: Type.Number({ minimum: 0, maximum: 100, description: 'of numbers, always the same' }),
  },
  closed,
);

const Budget = Type.Object(
  {
    currency: Type.String({ pattern: '^[A-Z]{3}$' }),
    perSegment: Type.Number({ minimum: 0, description: 'price of one segment' }),
    perIncident: Money,
    perMonth: Money,
  },
  closed,
);

const Approval = Type.Object(
  {
    abovePeople: Type.Number({ minimum: 0, description: 'beyond it a person must approve' }),
    byCause: Type.Record(Type.String(), Type.Number({ minimum: 0 }), {
      description: 'the same for incidents whose cause is of a kind',
    }),
    wrongWavesPerYear: Type.Number({
      minimum: 0,
      maximum: 1000,
      description: 'wrong waves a year that may be expected of those that go by themselves',
    }),
    escalateAfterMinutes: Type.Number({ minimum: 1, maximum: 1440 }),
    otherwise: Type.Union([Type.Literal('hold'), Type.Literal('sendShort')], {
      description: 'what happens when the last on the list has not answered either',
    }),
  },
  closed,
);

const Estimate = Type.Object(
  {
    isSaid: Type.Boolean(),
    minAheadMinutes: Type.Number({ minimum: 0 }),
    maxAheadMinutes: Type.Number({ minimum: 1 }),
    roundMinutes: Type.Integer({ minimum: 1, maximum: 240 }),
    maxBandMinutes: Type.Number({ minimum: 0, maximum: 100_000 }),
  },
  closed,
);

const TextsPolicy = Type.Object(
  {
    brand: Type.String({ maxLength: 30, description: 'who is speaking' }),
    defaultLanguage: Type.String({ minLength: 2 }),
    fallback: Type.Record(Type.String(), Type.Array(Type.String()), {
      description: 'language without a file of its own: languages tried before the default',
    }),
    preferGsm7: Type.Boolean({
      description: 'respell characters outside GSM-7 (ê as e) rather than pay for UCS-2',
    }),
    maxSegments: Type.Integer({ minimum: 1, maximum: 10 }),
    optOut: OptOutPolicy,
  },
  closed,
);

/** `rules/notification.yaml`: who is told what, when, and who must agree first. */
export const NotificationPolicy = Type.Object(
  {
    version: Type.Literal(1),
    shadow: Type.Boolean({ description: 'decide and record everything, send nothing' }),
    rollout: Rollout,
    incidents: Incidents,
    people: People,
    order: Order,
    kinds: Type.Object(
      {
        onset: PlacedKindPolicy,
        update: UpdatePolicy,
        restored: KindPolicy,
        works: WorksPolicy,
        overrun: PlacedKindPolicy,
      },
      closed,
    ),
    channels: ChannelsPolicy,
    budget: Budget,
    approval: Approval,
    estimate: Estimate,
    texts: TextsPolicy,
  },
  { ...closed, $id: 'notification-policy' },
);
export type NotificationPolicy = Static<typeof NotificationPolicy>;
