import Type, { type Static } from 'typebox';
import { IncidentCost } from './cost.js';
import { RegulatoryClock } from './regulatory-clock.js';

export const SubscriptionKind = Type.Union([
  Type.Literal('person'),
  Type.Literal('dataOnly'),
  Type.Literal('machine'),
  Type.Literal('fleet'),
  Type.Literal('emergency'),
]);
export type SubscriptionKind = Static<typeof SubscriptionKind>;

/** Counts of impacted subscribers of one incident at one moment. */
export const ImpactSummary = Type.Object(
  {
    subscribers: Type.Integer({ minimum: 0, description: 'people and fleets; machines apart' }),
    expected: Type.Number({ minimum: 0, description: 'sum of probabilities' }),
    machines: Type.Integer({ minimum: 0 }),
    visitors: Type.Optional(
      Type.Integer({
        minimum: 0,
        description: 'phones of other networks seen at its cells; absent: they are not counted',
      }),
    ),
    services: Type.Optional(
      Type.Object(
        {
          voice: Type.Number({ minimum: 0 }),
          data: Type.Number({ minimum: 0 }),
          sms: Type.Number({ minimum: 0 }),
        },
        {
          additionalProperties: false,
          description: 'expected number of people who lost each service, parts added up',
        },
      ),
    ),
    bySegment: Type.Record(Type.String(), Type.Integer({ minimum: 0 })),
    userMinutes: Type.Number({ minimum: 0 }),
    rankScore: Type.Number(),
    rankParts: Type.Record(Type.String(), Type.Number()),
    cost: Type.Optional(IncidentCost),
    clocks: Type.Optional(
      Type.Array(RegulatoryClock, { description: 'duties to report, as the rules have them' }),
    ),
    isEstimate: Type.Optional(
      Type.Boolean({
        description: 'who is affected is still being listed: counts are estimated by cells',
      }),
    ),
  },
  { additionalProperties: false },
);
export type ImpactSummary = Static<typeof ImpactSummary>;

export const NotificationKind = Type.Union([
  Type.Literal('onset', { description: 'service is lost' }),
  Type.Literal('update', { description: 'a new estimate, to those who were told' }),
  Type.Literal('restored', { description: 'it is back, to those who were told' }),
  Type.Literal('works', { description: 'planned works, ahead of them' }),
  Type.Literal('overrun', { description: 'planned works that take longer than announced' }),
]);
export type NotificationKind = Static<typeof NotificationKind>;

/** How somebody is written to. */
export const Channel = Type.Union([
  Type.Literal('sms'),
  Type.Literal('push', { description: 'a notification of the operator\u2019s app' }),
  Type.Literal('email'),
]);
export type Channel = Static<typeof Channel>;

/** All channels. */
export const CHANNELS: readonly Channel[] = ['sms', 'push', 'email'];

/** Where a message is: the last four are final. */
export const MessageState = Type.Union([
  Type.Literal('pending'),
  Type.Literal('claimed'),
  Type.Literal('accepted'),
  Type.Literal('delivered'),
  Type.Literal('failed'),
  Type.Literal('suppressed'),
  Type.Literal('uncertain'),
]);
export type MessageState = Static<typeof MessageState>;

/** One person due one text about one incident. The number itself is never part of it. */
export const Notification = Type.Object(
  {
    schemaVersion: Type.Literal(1),
    messageId: Type.String(),
    incidentId: Type.String(),
    lineageId: Type.String(),
    kind: NotificationKind,
    revision: Type.Integer({ minimum: 1 }),
    subscriberId: Type.Integer(),
    state: MessageState,
    reason: Type.Union([Type.String(), Type.Null()]),
    segments: Type.Integer({ minimum: 0 }),
    maskedNumber: Type.String(),
    updatedAt: Type.String({ format: 'date-time' }),
  },
  { additionalProperties: false, $id: 'notification' },
);
export type Notification = Static<typeof Notification>;

/** What a CRM record says of an incident; it expires by itself at `validUntil`. */
export const CrmFlag = Type.Object(
  {
    schemaVersion: Type.Literal(1),
    subscriberId: Type.Integer(),
    incidentId: Type.String(),
    lineageId: Type.String(),
    since: Type.String({ format: 'date-time' }),
    service: Type.Union([Type.Literal('none'), Type.Literal('degraded')]),
    probability: Type.Number({ minimum: 0, maximum: 1 }),
    told: Type.Boolean(),
    cause: Type.String({ description: 'in plain words' }),
    estimatedRepairAt: Type.Union([Type.String({ format: 'date-time' }), Type.Null()]),
    sentence: Type.String({ description: 'what an agent can say' }),
    validUntil: Type.String({ format: 'date-time' }),
  },
  { additionalProperties: false, $id: 'crm-flag' },
);
export type CrmFlag = Static<typeof CrmFlag>;
