import Type, { type Static } from 'typebox';
import { SubscriptionKind } from '../domain/customer.js';
import { Incident, IncidentState } from '../domain/incident.js';

const closed = { additionalProperties: false } as const;
const TimeOfDay = Type.String({ pattern: '^([01][0-9]|2[0-3]):[0-5][0-9]$' });

/** Hours of a person's local day; `from` after `to` spans midnight. */
export const QuietHours = Type.Object({ from: TimeOfDay, to: TimeOfDay }, closed);
export type QuietHours = Static<typeof QuietHours>;

const KindPolicy = Type.Object(
  {
    enabled: Type.Boolean(),
    quietHours: Type.Union([QuietHours, Type.Null()], {
      description: 'local hours in which it is held back; null: it may come at any hour',
    }),
    validMinutes: Type.Number({
      minimum: 1,
      description:
        'how long it stays worth sending; ends sooner when it should be repaired at the latest',
    }),
    minRemainingMinutes: Type.Number({
      minimum: 0,
      description: 'with less than this left it is not sent any more',
    }),
  },
  closed,
);

/** `rules/notification.yaml`: who is told what, when, and who must agree first. */
export const NotificationPolicy = Type.Object(
  {
    version: Type.Literal(1),
    shadow: Type.Boolean({ description: 'decide and record everything, send nothing' }),
    incidents: Type.Object(
      {
        states: Type.Array(IncidentState, { minItems: 1 }),
        severities: Type.Array(Incident.properties.severity, { minItems: 1 }),
        minPeople: Type.Number({ minimum: 0, description: 'expected number of affected people' }),
        minOpenMinutes: Type.Number({
          minimum: 0,
          description: 'how long it must have been open, so that a flap tells nobody',
        }),
        minCauseProbability: Type.Number({ minimum: 0, maximum: 1 }),
        plannedWorks: Type.Boolean({ description: 'whether incidents of planned works are told' }),
      },
      closed,
    ),
    people: Type.Object(
      {
        minProbability: Type.Number({ minimum: 0, maximum: 1 }),
        excludeKinds: Type.Array(SubscriptionKind),
        maxOnsetsPerDay: Type.Integer({ minimum: 1, description: 'per number, in 24 hours' }),
        defaultZone: Type.Union([Type.String(), Type.Null()], {
          description: 'IANA zone of people and sites without one; null: unknown means not now',
        }),
      },
      closed,
    ),
    priority: Type.Object(
      {
        vulnerable: Type.Integer({ minimum: 0, maximum: 100 }),
        reachable: Type.Integer({ minimum: 0, maximum: 100 }),
        segments: Type.Record(Type.String(), Type.Integer({ minimum: 0, maximum: 100 })),
      },
      closed,
    ),
    kinds: Type.Object({ onset: KindPolicy, restored: KindPolicy }, closed),
    approval: Type.Object(
      {
        abovePeople: Type.Number({ minimum: 0, description: 'beyond it a person must approve' }),
        wrongWavesPerYear: Type.Number({
          minimum: 0,
          maximum: 1000,
          description: 'wrong waves a year that may be expected of those that go by themselves',
        }),
      },
      closed,
    ),
    estimate: Type.Object(
      {
        isSaid: Type.Boolean(),
        minAheadMinutes: Type.Number({ minimum: 0 }),
        maxAheadMinutes: Type.Number({ minimum: 1 }),
        roundMinutes: Type.Integer({ minimum: 1, maximum: 240 }),
        maxBandMinutes: Type.Number({ minimum: 0, maximum: 100_000 }),
      },
      closed,
    ),
    texts: Type.Object(
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
        optOut: Type.String({
          description: '`reply`: STOP answers the sender; otherwise the words that say how else',
        }),
      },
      closed,
    ),
  },
  { ...closed, $id: 'notification-policy' },
);
export type NotificationPolicy = Static<typeof NotificationPolicy>;
