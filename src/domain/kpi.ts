import Type, { type Static } from 'typebox';
import type { ObjectType } from './ids.js';
import { Service } from './services.js';

/** How a KPI is tested: successes of attempts, a level, or an over-dispersed number of events. */
export const KpiKind = Type.Union([
  Type.Literal('ratio'),
  Type.Literal('gauge'),
  Type.Literal('count'),
]);
export type KpiKind = Static<typeof KpiKind>;

/** The services that users lose when a KPI is bad. */
export const KpiServices = Type.Array(Service, {
  minItems: 1,
  uniqueItems: true,
  description: 'services that users lose when it is bad: voice, data, sms; default all',
});

/** One KPI as `rules/kpis.yaml` or a feed declares it. */
export const KpiDefinition = Type.Object(
  {
    kind: KpiKind,
    unit: Type.String({ description: 'for people: %, Mbit/s, users' }),
    range: Type.Optional(
      Type.Tuple([Type.Number(), Type.Number()], {
        description: 'least and greatest value that can be true; outside is a reject',
      }),
    ),
    bad: Type.Union([Type.Literal('low'), Type.Literal('high'), Type.Literal('both')], {
      description: 'the direction that hurts customers',
    }),
    weight: Type.Optional(
      Type.Number({ minimum: 0, maximum: 10, description: 'share in the verdict; default 1' }),
    ),
    traffic: Type.Optional(
      Type.Boolean({ description: 'true when zero means that nobody is served; default false' }),
    ),
    role: Type.Optional(
      Type.Union([Type.Literal('availability'), Type.Literal('traffic'), Type.Literal('quality')], {
        description: 'what its loss means to a customer; default quality',
      }),
    ),
    services: Type.Optional(KpiServices),
    description: Type.Optional(Type.String()),
  },
  { additionalProperties: false },
);
export type KpiDefinition = Static<typeof KpiDefinition>;

/** `rules/kpis.yaml`: KPI name to definition. */
export const KpiRules = Type.Object(
  { version: Type.Literal(1), kpis: Type.Record(Type.String(), KpiDefinition) },
  { additionalProperties: false, $id: 'kpi-rules' },
);
export type KpiRules = Static<typeof KpiRules>;

/** One object's KPIs for one period, as JSON on Kafka or a dead letter shows it. */
export const KpiReport = Type.Object(
  {
    schemaVersion: Type.Literal(1),
    feed: Type.String(),
    objectType: Type.Union([
      Type.Literal('cell'),
      Type.Literal('site'),
      Type.Literal('link'),
      Type.Literal('function'),
    ]),
    objectId: Type.String({ minLength: 1, maxLength: 256 }),
    periodStart: Type.String({ format: 'date-time' }),
    periodSeconds: Type.Integer({ minimum: 1, maximum: 86_400 }),
    kpis: Type.Record(
      Type.String(),
      Type.Object(
        { value: Type.Number(), attempts: Type.Optional(Type.Number({ minimum: 0 })) },
        { additionalProperties: false },
      ),
    ),
  },
  { additionalProperties: false, $id: 'kpi-report' },
);
export type KpiReport = Static<typeof KpiReport>;

/**
 * Many reports of one feed in columns: row `r`, KPI `k` is at `r * kpis.length + k`.
 * `values` holds the KPI in its own unit (a ratio as a fraction of 1), NaN where it was absent or
 * rejected. `attempts` holds the denominator of a ratio, NaN where the feed gives none.
 * Rows are in arrival order; times are period starts in epoch milliseconds.
 */
export interface ReportBlock {
  readonly feed: string;
  readonly objectType: ObjectType;
  readonly periodSeconds: number;
  readonly kpis: readonly string[];
  readonly rows: number;
  readonly objectIds: readonly string[];
  readonly periodStartMs: Float64Array;
  readonly values: Float64Array;
  readonly attempts: Float64Array;
}
