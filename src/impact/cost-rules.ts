import Type, { type Static } from 'typebox';

const closed = { additionalProperties: false } as const;
const Amount = Type.Number({ minimum: 0 });

function perSegment(description: string) {
  return Type.Object(
    { other: Amount, segments: Type.Record(Type.String(), Amount) },
    { ...closed, description: `${description}; other: segments that are not listed` },
  );
}

/** A value by segment, `other` for those not listed. */
export const PerSegment = perSegment('a value by segment');
export type PerSegment = Static<typeof PerSegment>;

/** `cost` of `rules/impact.yaml`: what service that is not had is worth. */
export const CostRules = Type.Object(
  {
    currency: Type.String({ pattern: '^[A-Z]{3}$', description: 'ISO 4217, such as EUR' }),
    valuePerHour: perSegment('value of an hour of service to the operator, per customer'),
    churnPerHour: perSegment('share of customers who leave for an hour without service'),
    slaCredits: Type.Array(
      Type.Object(
        {
          segment: Type.String({ minLength: 1 }),
          allowanceMinutes: Type.Number({
            minimum: 0,
            description: 'minutes a month that a customer may be without service',
          }),
          credit: Type.Number({
            minimum: 0,
            description: 'due to each customer beyond the allowance',
          }),
        },
        closed,
      ),
    ),
  },
  closed,
);
export type CostRules = Static<typeof CostRules>;

/** Everything that must hold together; at least one key. */
export const ClockCondition = Type.Object(
  {
    userMinutes: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
    durationMinutes: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
    subscribers: Type.Optional(
      Type.Number({ exclusiveMinimum: 0, description: 'expected number of people affected' }),
    ),
    emergencyCalling: Type.Optional(Type.Literal(true, { description: 'it is lost' })),
    sites: Type.Optional(Type.Integer({ minimum: 1, description: 'sites affected, how wide' })),
    area: Type.Optional(
      Type.Array(Type.String({ minLength: 1 }), {
        minItems: 1,
        description:
          'at least one affected site is of these ids; `FR-29-*` stands for all that begin so',
      }),
    ),
  },
  { ...closed, minProperties: 1 },
);
export type ClockCondition = Static<typeof ClockCondition>;

/** One entry of `clocks` of `rules/impact.yaml`: a duty to report by a deadline. */
export const ClockRule = Type.Object(
  {
    id: Type.String({ pattern: '^[a-z0-9-]+$', maxLength: 60 }),
    name: Type.String({ minLength: 1, maxLength: 80 }),
    when: Type.Array(ClockCondition, {
      minItems: 1,
      description: 'any one of these starts it, once the incident is confirmed',
    }),
    from: Type.Union([Type.Literal('condition'), Type.Literal('detection')], {
      description: 'whether time counts from when the condition was reached or from detection',
    }),
    deadlineMinutes: Type.Number({ exclusiveMinimum: 0 }),
  },
  closed,
);
export type ClockRule = Static<typeof ClockRule>;
