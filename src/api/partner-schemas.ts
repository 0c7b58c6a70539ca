import Type, { type Static } from 'typebox';
import { PartnerArea, PartnerCounts, PartnerNewsKind } from '../domain/partner-news.js';
import { Nullable, Time } from './schemas.js';
import { Acknowledgement, DeliveryState } from './surge-schemas.js';

/** What one partner was told of an incident, and what became of it. */
export const PartnerNoticeItem = Type.Object({
  alertId: Type.String(),
  partner: Type.String(),
  raisedAt: Time,
  overAt: Nullable(Time),
  last: Type.Object(
    {
      kind: PartnerNewsKind,
      decidedAt: Time,
      counts: PartnerCounts,
      areas: Type.Array(PartnerArea),
    },
    { description: 'the last word, as it was told: counts that are too small are null' },
  ),
  deliveries: Type.Array(
    Type.Object({
      recipient: Type.String(),
      kind: PartnerNewsKind,
      revision: Type.Integer(),
      state: DeliveryState,
      reason: Nullable(Type.String()),
      attempts: Type.Integer(),
      decidedAt: Time,
      sentAt: Nullable(Time),
    }),
    { description: 'each word to each address, oldest first' },
  ),
  acknowledgements: Type.Array(Acknowledgement),
});
export type PartnerNoticeItem = Static<typeof PartnerNoticeItem>;
