import Type, { type Static } from 'typebox';
import { QueueSurge, SurgeNews } from '../domain/surge-alert.js';
import { Nullable, Time } from './schemas.js';

/** Where news to one recipient is; `shadow`: it was not to be sent. */
export const DeliveryState = Type.Union([
  Type.Literal('pending'),
  Type.Literal('claimed'),
  Type.Literal('sent'),
  Type.Literal('failed'),
  Type.Literal('superseded'),
  Type.Literal('shadow'),
]);

/** What became of news to one recipient. */
export const DeskDelivery = Type.Object({
  recipient: Type.String(),
  kind: SurgeNews,
  state: DeliveryState,
  reason: Nullable(Type.String()),
  attempts: Type.Integer(),
  sentAt: Nullable(Time),
});

export const Acknowledgement = Type.Object({
  who: Type.String(),
  via: Type.Union([Type.Literal('link'), Type.Literal('dashboard')]),
  note: Type.String(),
  at: Time,
});

/** One alert from the first word to the all-clear. */
export const SurgeAlertItem = Type.Object({
  alertId: Type.String(),
  raisedAt: Time,
  clearedAt: Nullable(Time),
  queues: Type.Array(Type.String()),
  surges: Type.Array(QueueSurge, { description: 'as of the last forecast that held a surge' }),
  incidents: Type.Array(Type.String()),
  deliveries: Type.Array(DeskDelivery),
  acknowledgements: Type.Array(Acknowledgement),
});
export type SurgeAlertItem = Static<typeof SurgeAlertItem>;
