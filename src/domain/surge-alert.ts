import Type, { type Static } from 'typebox';

const Time = Type.String({ format: 'date-time' });
const orNull = <Kind extends Parameters<typeof Type.Union>[0][number]>(kind: Kind) =>
  Type.Union([kind, Type.Null()]);

/** What a surge means for one queue, in the time that is looked ahead. */
export const QueueSurge = Type.Object(
  {
    queue: Type.String(),
    from: Type.String({ format: 'date-time', description: 'first interval of the surge' }),
    until: Type.String({ format: 'date-time', description: 'end of its last interval' }),
    peakAt: Time,
    peakCalls: Type.Number({ minimum: 0, description: 'expected in the busiest interval' }),
    peakOrdinary: Type.Number({ minimum: 0, description: 'ordinary calls of that interval' }),
    extraCalls: Type.Number({ minimum: 0, description: 'that incidents add in all' }),
    agents: Type.Integer({ minimum: 0, description: 'needed at work at the peak' }),
    gapAgents: orNull(
      Type.Number({ description: 'most people missing on the roster; null without a roster' }),
    ),
    gapHours: orNull(Type.Number({ description: 'hours of people missing in all' })),
  },
  { additionalProperties: false },
);
export type QueueSurge = Static<typeof QueueSurge>;

/** `surge`: the first word of it; `wider`: further queues; `allClear`: it is over. */
export const SurgeNews = Type.Union([
  Type.Literal('surge'),
  Type.Literal('wider'),
  Type.Literal('allClear'),
]);
export type SurgeNews = Static<typeof SurgeNews>;

/** What the intraday desk and outsourcers are told: by webhook as it stands, by e-mail in words. */
export const SurgeAlert = Type.Object(
  {
    schemaVersion: Type.Literal(1),
    deliveryId: Type.String({
      description: 'the same for every attempt: take a second one as a repeat',
    }),
    alertId: Type.String({ description: 'the same from the first word to the all-clear' }),
    kind: SurgeNews,
    revision: Type.Integer({ minimum: 1 }),
    recipient: Type.String(),
    decidedAt: Time,
    raisedAt: Time,
    leadSeconds: orNull(
      Type.Integer({ description: 'from the decision to the surge; null for an all-clear' }),
    ),
    queues: Type.Array(QueueSurge, { description: 'worst first; of an all-clear as last known' }),
    incidents: Type.Array(Type.String(), { description: 'ids of those that bring calls' }),
    acknowledgeUrl: Type.String({ format: 'uri' }),
  },
  { additionalProperties: false, $id: 'surge-alert' },
);
export type SurgeAlert = Static<typeof SurgeAlert>;
