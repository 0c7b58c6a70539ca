import Type, { type Static } from 'typebox';

const closed = { additionalProperties: false } as const;
const Share = Type.Number({ minimum: 0, maximum: 1 });

/** `rules/forecast.yaml`; the meaning of each key stands beside it there. */
export const ForecastRules = Type.Object(
  {
    version: Type.Literal(1),
    intervalSeconds: Type.Union([300, 600, 900, 1800, 3600].map((each) => Type.Literal(each))),
    horizonHours: Type.Integer({ minimum: 1, maximum: 336 }),
    zone: Type.String({ minLength: 1 }),
    surge: Type.Object(
      {
        propensityNone: Share,
        propensityDegraded: Share,
        peakMinutes: Type.Number({ minimum: 1, maximum: 240 }),
        toldReduction: Share,
        afterWave: Share,
        priorStrength: Type.Number({ minimum: 1, maximum: 10_000 }),
        queue: Type.Union([Type.String(), Type.Null()]),
      },
      closed,
    ),
    staffing: Type.Object(
      {
        ahtSeconds: Type.Number({ exclusiveMinimum: 0 }),
        serviceLevel: Type.Number({ exclusiveMinimum: 0, exclusiveMaximum: 1 }),
        thresholdSeconds: Type.Number({ minimum: 0 }),
        patienceSeconds: Type.Number({ exclusiveMinimum: 0 }),
        maxOccupancy: Type.Number({ exclusiveMinimum: 0, maximum: 1 }),
        shrinkage: Type.Number({ minimum: 0, exclusiveMaximum: 1 }),
      },
      closed,
    ),
  },
  { ...closed, $id: 'forecast-rules' },
);
export type ForecastRules = Static<typeof ForecastRules>;
