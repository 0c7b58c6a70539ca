import Type, { type Static } from 'typebox';

const positive = (description: string, maximum: number) =>
  Type.Number({ exclusiveMinimum: 0, maximum, description });

/** A hard limit an operator sets beside the model. */
export const HardLimit = Type.Object(
  {
    kpi: Type.String({ minLength: 1, description: 'name of the KPI' }),
    below: Type.Optional(Type.Number({ description: 'bad when the value is under this' })),
    above: Type.Optional(Type.Number({ description: 'bad when the value is over this' })),
    periods: Type.Integer({ minimum: 1, maximum: 1000, description: 'in a row before it counts' }),
  },
  { additionalProperties: false },
);
export type HardLimit = Static<typeof HardLimit>;

/** `rules/detection.yaml`; what each key does and what raising it costs stands in that file. */
export const DetectionRules = Type.Object(
  {
    version: Type.Literal(1),
    falseIncidentsPer1000CellsPerMonth: positive('wanted false alarm rate', 1000),
    warmupDays: Type.Number({ minimum: 1, maximum: 60 }),
    shapes: Type.Object(
      {
        refitDays: Type.Integer({ minimum: 1, maximum: 90 }),
        leastObjects: Type.Integer({ minimum: 10, maximum: 1000 }),
        mostClusters: Type.Integer({ minimum: 1, maximum: 12 }),
        newcomerDays: Type.Number({ minimum: 2, maximum: 60 }),
      },
      { additionalProperties: false },
    ),
    weekend: Type.Array(Type.Integer({ minimum: 1, maximum: 7 }), { maxItems: 6 }),
    memory: Type.Object(
      {
        levelDays: positive('days', 365),
        profileDays: positive('days', 365),
        spreadDays: positive('days', 365),
      },
      { additionalProperties: false },
    ),
    newLevelAfterHours: positive('hours', 8760),
    evidence: Type.Object(
      {
        drift: Type.Number({ minimum: 1.2, maximum: 10 }),
        cap: Type.Number({ minimum: 5, maximum: 100 }),
      },
      { additionalProperties: false },
    ),
    leastLoss: Type.Object(
      {
        ratio: Type.Number({ minimum: 0, maximum: 1 }),
        gauge: Type.Number({ minimum: 0, maximum: 1 }),
        count: Type.Number({ minimum: 0, maximum: 1 }),
        availability: Type.Number({ minimum: 0, maximum: 1 }),
      },
      { additionalProperties: false },
    ),
    priorStrength: Type.Number({ minimum: 1, maximum: 1e6 }),
    clear: Type.Object(
      {
        periods: Type.Integer({ minimum: 1, maximum: 1000 }),
        z: positive('robust standard deviations', 10),
      },
      { additionalProperties: false },
    ),
    silence: Type.Object(
      {
        regularShare: Type.Number({ minimum: 0.5, maximum: 1 }),
        leastScore: Type.Number({ minimum: 0, maximum: 1 }),
        forgetAfterDays: positive('days', 365),
      },
      { additionalProperties: false },
    ),
    surplus: Type.Object(
      {
        z: positive('robust standard deviations', 50),
        ratio: Type.Number({ minimum: 1 }),
        slightZ: positive('robust standard deviations', 50),
      },
      { additionalProperties: false },
    ),
    limits: Type.Array(HardLimit, { maxItems: 200 }),
    pendingPeriods: Type.Integer({ minimum: 2, maximum: 100_000 }),
  },
  { additionalProperties: false, $id: 'detection-rules' },
);
export type DetectionRules = Static<typeof DetectionRules>;
