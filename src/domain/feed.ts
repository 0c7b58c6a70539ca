import Type, { type Static } from 'typebox';
import { KpiKind, KpiServices } from './kpi.js';

const Source = Type.Object(
  { column: Type.String({ description: 'column, JSON path, or tag or field of line protocol' }) },
  { additionalProperties: false },
);

const Counters = Type.Union([Type.String(), Type.Array(Type.String(), { minItems: 1 })], {
  description: 'one column, or several that are added up: [abnormal_releases, normal_releases]',
});

const FieldSource = Type.Union(
  [
    Type.String(),
    Type.Array(Type.String(), { minItems: 1 }),
    Type.Object({ path: Type.String(), match: Type.String() }, { additionalProperties: false }),
  ],
  {
    description:
      'alarm, presence, calls, ticket and counts: where a field of ours stands: a path; several, of which the first that is not empty counts; or a path and a regular expression whose first group, else whole match, is taken',
  },
);
export type FieldSource = Static<typeof FieldSource>;

/** A feed's KPI: where it is read, and its definition where `rules/kpis.yaml` lacks it. */
export const FeedKpi = Type.Object(
  {
    kind: Type.Optional(KpiKind),
    column: Type.Optional(Type.String()),
    successes: Type.Optional(Counters),
    attempts: Type.Optional(Counters),
    scale: Type.Optional(
      Type.Number({
        description: 'multiplies the value as read: 0.01 turns percent into a fraction',
      }),
    ),
    unit: Type.Optional(Type.String()),
    range: Type.Optional(Type.Tuple([Type.Number(), Type.Number()])),
    bad: Type.Optional(
      Type.Union([Type.Literal('low'), Type.Literal('high'), Type.Literal('both')]),
    ),
    weight: Type.Optional(Type.Number({ minimum: 0, maximum: 10 })),
    traffic: Type.Optional(Type.Boolean()),
    role: Type.Optional(
      Type.Union([Type.Literal('availability'), Type.Literal('traffic'), Type.Literal('quality')]),
    ),
    services: Type.Optional(KpiServices),
    description: Type.Optional(Type.String()),
  },
  { additionalProperties: false },
);
export type FeedKpi = Static<typeof FeedKpi>;

/** A feed file: which column, path, tag or field of a source is which fact. */
export const Feed = Type.Object(
  {
    name: Type.Optional(
      Type.String({ pattern: '^[a-z0-9][a-z0-9-]*$', description: 'default: the file name' }),
    ),
    format: Type.Union([Type.Literal('csv'), Type.Literal('json'), Type.Literal('lineProtocol')]),
    kind: Type.Union([
      Type.Literal('kpi'),
      Type.Literal('alarm'),
      Type.Literal('presence'),
      Type.Literal('calls'),
      Type.Literal('ticket'),
      Type.Literal('counts'),
    ]),
    delimiter: Type.Optional(Type.String({ minLength: 1, maxLength: 1 })),
    measurement: Type.Optional(
      Type.String({ description: 'line protocol: the measurement this feed reads; default any' }),
    ),
    time: Type.Optional(
      Type.Object(
        {
          column: Type.String(),
          format: Type.Optional(
            Type.String({
              description:
                'iso, epochSeconds, epochMillis, epochMicros, epochNanos, snmpDateAndTime or a Luxon pattern; default iso',
            }),
          ),
          zone: Type.Optional(
            Type.String({ description: 'IANA zone of times without an offset; default UTC' }),
          ),
          marks: Type.Optional(Type.Union([Type.Literal('start'), Type.Literal('end')])),
        },
        { additionalProperties: false },
      ),
    ),
    period: Type.Optional(
      Type.String({ pattern: '^[0-9]+(s|m|h|d)$', description: 'such as 15m' }),
    ),
    lateness: Type.Optional(
      Type.String({
        pattern: '^[0-9]+(s|m|h|d)$',
        description: 'how long after its period a report still counts; default 5m',
      }),
    ),
    holidays: Type.Optional(Type.Array(Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' }))),
    collector: Type.Optional(
      Type.String({
        description: 'the system that gathers it: what a telemetry gap has in common',
      }),
    ),
    object: Type.Optional(
      Type.Object(
        {
          column: Type.Optional(Type.String()),
          id: Type.Optional(
            Type.String({ description: 'a fixed id, for a feed about one object' }),
          ),
          type: Type.Union([
            Type.Literal('cell'),
            Type.Literal('link'),
            Type.Literal('site'),
            Type.Literal('function'),
          ]),
          system: Type.Optional(
            Type.String({ description: 'whose ids these are: the alias table to resolve them by' }),
          ),
        },
        { additionalProperties: false },
      ),
    ),
    site: Type.Optional(Source),
    kpis: Type.Optional(Type.Record(Type.String(), FeedKpi)),
    fields: Type.Optional(Type.Record(Type.String(), FieldSource)),
    skip: Type.Optional(
      Type.Record(Type.String(), Type.Array(Type.String()), {
        description:
          'alarm, presence, calls, ticket and counts: column to values; records that hold one are passed over, such as acknowledgements',
      }),
    ),
  },
  { additionalProperties: false, $id: 'feed' },
);
export type Feed = Static<typeof Feed>;
