import Type, { type Static } from 'typebox';

const Time = Type.String({ format: 'date-time' });
const Amount = Type.Number({ minimum: 0 });

/** A quantity that grows while an incident lasts. */
export const Projected = Type.Object(
  {
    soFar: Amount,
    toCome: Type.Number({ minimum: 0, description: 'from now until `until`' }),
    low: Type.Union([Amount, Type.Null()], {
      description: 'to come if repaired at the early end of the band; null without a band',
    }),
    high: Type.Union([Amount, Type.Null()], { description: 'likewise at the late end' }),
  },
  { additionalProperties: false },
);
export type Projected = Static<typeof Projected>;

/** What people of one segment lose. */
export const SegmentCost = Type.Object(
  {
    segment: Type.String(),
    subscribers: Type.Integer({ minimum: 0 }),
    expected: Type.Number({ minimum: 0, description: 'sum of probabilities' }),
    lossPerMinute: Type.Number({ minimum: 0, description: 'user-minutes lost each minute now' }),
    userMinutes: Projected,
    value: Projected,
    credits: Projected,
  },
  { additionalProperties: false },
);
export type SegmentCost = Static<typeof SegmentCost>;

/** What an incident costs: so far, and until it is repaired. Money is in `currency`. */
export const IncidentCost = Type.Object(
  {
    basis: Type.Union([Type.Literal('repair'), Type.Literal('horizon'), Type.Literal('over')], {
      description: 'what `until` comes from: the estimated repair, or how far the rules look',
    }),
    until: Type.Union([Time, Type.Null()], { description: 'null once it is over' }),
    lossPerMinute: Type.Number({ minimum: 0, description: 'user-minutes lost each minute now' }),
    userMinutes: Projected,
    currency: Type.String(),
    value: Type.Object(Projected.properties, {
      additionalProperties: false,
      description: 'value of the service that is not had',
    }),
    credits: Type.Object(Projected.properties, {
      additionalProperties: false,
      description: 'credits due by contract, of this incident alone',
    }),
    churn: Type.Object(Projected.properties, {
      additionalProperties: false,
      description: 'customers at risk of leaving',
    }),
    segments: Type.Array(SegmentCost, { description: 'greatest user-minutes first' }),
    emergency: Type.Object(
      {
        people: Type.Number({ minimum: 0, description: 'expected, who can call nobody now' }),
        services: Type.Integer({ minimum: 0, description: 'without service now' }),
        mostPeople: Type.Number({ minimum: 0, description: 'the most there have been' }),
        mostServices: Type.Integer({ minimum: 0 }),
        isLost: Type.Boolean({ description: 'emergency calling is lost, or was when it ended' }),
      },
      { additionalProperties: false },
    ),
  },
  { additionalProperties: false },
);
export type IncidentCost = Static<typeof IncidentCost>;
