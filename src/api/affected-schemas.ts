import Type, { type Static } from 'typebox';
import { SubscriptionKind } from '../domain/customer.js';
import { IncidentState } from '../domain/incident.js';
import { ReachChannel, ServiceShares } from '../domain/services.js';
import { Nullable, Time } from './schemas.js';

/** From when to when somebody was affected by one incident, and what they lost. */
const Spell = {
  affectedFrom: Time,
  affectedTo: Nullable(Time),
  probability: Type.Number({ minimum: 0, maximum: 1 }),
  service: Type.Union([Type.Literal('none'), Type.Literal('degraded')]),
  lost: { ...ServiceShares, description: 'share of each service lost, if they were affected' },
  userMinutes: Type.Number({ minimum: 0, description: 'lost until the row last changed' }),
};

/** Who was affected by one incident, by id; names and numbers are not part of it. */
export const AffectedPage = Type.Object({
  people: Type.Array(
    Type.Object({
      subscriberId: Type.Integer(),
      kind: SubscriptionKind,
      brand: Type.String(),
      segment: Type.String(),
      ...Spell,
      reach: {
        ...ReachChannel,
        description:
          'how they can be told now: a text arrives (sms), e-mail or push (data), a call or the voice menu (voice), or nothing before service is back (whenBack)',
      },
    }),
  ),
  next: Nullable(Type.Integer({ description: 'give it as `after` to go on; null at the end' })),
});
export type AffectedPage = Static<typeof AffectedPage>;

/** Incidents that one subscription was in, newest first, as long as they are kept. */
export const AffectedHistory = Type.Object({
  subscriberId: Type.Integer(),
  incidents: Type.Array(Type.Object({ incidentId: Type.String(), state: IncidentState, ...Spell })),
});
export type AffectedHistory = Static<typeof AffectedHistory>;

const Count = Nullable(Type.Integer({ minimum: 0, description: 'null: too few to be told' }));

/** What running incidents mean for the customers of one brand: counts only. */
export const PartnerNotice = Type.Object({
  brand: Type.String(),
  at: Time,
  incidents: Type.Array(
    Type.Object({
      incidentId: Type.String(),
      state: IncidentState,
      startedAt: Time,
      estimatedRepairAt: Nullable(Time),
      causeKind: Nullable(Type.String()),
      subscribers: Count,
      machines: Count,
      lost: {
        ...ServiceShares,
        description: 'share of each service that its customers in it lost on average',
      },
      isEstimate: Type.Boolean({ description: 'who is affected is still being listed' }),
    }),
  ),
});
export type PartnerNotice = Static<typeof PartnerNotice>;
