import Type, { type Static } from 'typebox';

const closed = { additionalProperties: false } as const;
const Share = Type.Number({ minimum: 0, maximum: 1 });
const Factor = Type.Number({ minimum: 0, maximum: 100 });
const orNull = <Kind extends Parameters<typeof Type.Union>[0][number]>(kind: Kind) =>
  Type.Union([kind, Type.Null()]);
const Names = Type.Array(Type.String({ minLength: 1 }), { minItems: 1 });

const LocalDates = Type.Array(Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' }));

/** Which queue calls of an incident go to; what is not given matches anything. */
const QueueRoute = Type.Object(
  {
    cause: Type.Optional(Names),
    segment: Type.Optional(Names),
    language: Type.Optional(Names),
    service: Type.Optional(Type.Union([Type.Literal('none'), Type.Literal('degraded')])),
    queue: Type.String({ minLength: 1 }),
  },
  closed,
);

const Surge = Type.Object(
  {
    propensityNone: Share,
    propensityDegraded: Share,
    segments: Type.Record(Type.String(), Factor),
    hours: Type.Array(Type.Number({ minimum: 0.01, maximum: 10 }), { minItems: 24, maxItems: 24 }),
    delayMinutes: Type.Number({ minimum: 1, maximum: 480 }),
    levelSpread: Type.Number({ minimum: 0.05, maximum: 3 }),
    delaySpread: Type.Number({ minimum: 0.05, maximum: 2 }),
    priorIncidents: Type.Number({ exclusiveMinimum: 0, maximum: 1000 }),
    toldReduction: Share,
    afterWave: Share,
    afterWaveMinutes: Type.Number({ minimum: 1, maximum: 480 }),
    redial: Type.Number({ minimum: 0, maximum: 0.95 }),
    ivrContained: Share,
    routes: Type.Array(QueueRoute),
  },
  closed,
);
export type SurgeRules = Static<typeof Surge>;

const target = {
  ahtSeconds: Type.Number({ exclusiveMinimum: 0, maximum: 86_400 }),
  serviceLevel: Type.Number({ exclusiveMinimum: 0, exclusiveMaximum: 1 }),
  thresholdSeconds: Type.Number({ minimum: 0, maximum: 86_400 }),
  asaSeconds: orNull(Type.Number({ exclusiveMinimum: 0, maximum: 86_400 })),
  abandonment: orNull(Type.Number({ exclusiveMinimum: 0, maximum: 1 })),
  patienceSeconds: Type.Number({ exclusiveMinimum: 0, maximum: 86_400 }),
  maxOccupancy: Type.Number({ exclusiveMinimum: 0, maximum: 1 }),
  shrinkage: Type.Number({ minimum: 0, exclusiveMaximum: 1 }),
};

const Target = Type.Object(target, closed);
/** How one queue is staffed. */
export type QueueStaffing = Static<typeof Target>;

const Staffing = Type.Object(
  {
    ...target,
    incidentHandling: Type.Number({ minimum: 0.1, maximum: 10 }),
    queues: Type.Record(Type.String(), Type.Partial(Target, closed)),
    cost: Type.Object(
      {
        currency: Type.String({ minLength: 1, maxLength: 8 }),
        agentHour: Type.Number({ minimum: 0 }),
        abandonedCall: Type.Number({ minimum: 0 }),
      },
      closed,
    ),
  },
  closed,
);
export type StaffingRules = Static<typeof Staffing>;

const Holidays = Type.Object(
  {
    country: orNull(Type.String({ pattern: '^[A-Z]{2}$' })),
    region: orNull(Type.String({ minLength: 1, maxLength: 8 })),
    dates: LocalDates,
    except: LocalDates,
  },
  closed,
);
/** Which local days are public holidays. */
export type HolidayRules = Static<typeof Holidays>;

/** `rules/forecast.yaml`; the meaning of each key stands beside it there. */
export const ForecastRules = Type.Object(
  {
    version: Type.Literal(1),
    intervalSeconds: Type.Union([
      Type.Literal(300),
      Type.Literal(600),
      Type.Literal(900),
      Type.Literal(1800),
      Type.Literal(3600),
    ]),
    horizonHours: Type.Integer({ minimum: 1, maximum: 336 }),
    zone: Type.String({ minLength: 1 }),
    holidays: Type.Optional(Holidays),
    surge: Surge,
    staffing: Staffing,
  },
  { ...closed, $id: 'forecast-rules' },
);
export type ForecastRules = Static<typeof ForecastRules>;

/** What holds for one queue: the rules, with what they say of that queue put over them. */
export function staffingOf(rules: StaffingRules, queue: string): QueueStaffing {
  const own = Object.hasOwn(rules.queues, queue) ? rules.queues[queue] : undefined;
  return { ...rules, ...own };
}
