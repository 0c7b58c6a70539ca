import Type, { type Static } from 'typebox';
import { loadYaml } from '../src/adapters/rules/load-yaml.js';
import { FAULT_KINDS, type FaultSpec } from './faults/types.js';
import { type DeliveryShares, ORDINARY_DELIVERY } from './telemetry/delivery.js';

const DURATION = '^([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?$';
const Duration = Type.String({ pattern: DURATION, minLength: 2, description: 'such as 20d10h30m' });
const Share = Type.Number({ minimum: 0, maximum: 1 });
const closed = { additionalProperties: false } as const;

const PlannedFault = Type.Object(
  {
    kind: Type.Union(FAULT_KINDS.map((kind) => Type.Literal(kind))),
    at: Duration,
    duration: Duration,
    where: Type.Optional(Type.String({ minLength: 1 })),
    depth: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 1 })),
    alarms: Type.Optional(Share),
    planned: Type.Optional(Duration),
  },
  closed,
);

/** A scenario file: how large a world, for how long, and what happens to it. */
export const Scenario = Type.Object(
  {
    version: Type.Literal(1),
    description: Type.Optional(Type.String()),
    start: Type.Optional(
      Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$', description: 'first day, from 00:00 UTC' }),
    ),
    days: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 400 })),
    sites: Type.Optional(Type.Integer({ minimum: 4, maximum: 200_000 })),
    cells: Type.Optional(Type.Integer({ minimum: 4, maximum: 1_000_000 })),
    subscribers: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000 })),
    presenceShare: Type.Optional(Share),
    noise: Type.Optional(Type.Number({ minimum: 0, maximum: 10 })),
    alarms: Type.Optional(Share),
    delivery: Type.Optional(
      Type.Object(
        {
          late: Type.Optional(Share),
          tooLate: Type.Optional(Share),
          lost: Type.Optional(Share),
          doubled: Type.Optional(Share),
        },
        closed,
      ),
    ),
    faults: Type.Array(PlannedFault),
  },
  { ...closed, $id: 'scenario' },
);
export type Scenario = Static<typeof Scenario>;

/** A scenario with every default filled in. */
export type FullScenario = Required<Omit<Scenario, 'description' | 'delivery'>> & {
  readonly delivery: DeliveryShares;
};

const DEFAULTS: Omit<FullScenario, 'faults' | 'cells'> = {
  version: 1,
  start: '2026-03-02',
  days: 21,
  sites: 60,
  subscribers: 5_000,
  presenceShare: 0.2,
  noise: 1,
  alarms: 1,
  delivery: ORDINARY_DELIVERY,
};

/**
 * Reads a scenario file.
 * @throws TocsinError `input.rules` with file, line, column and what is allowed; `input.file`
 */
export function loadScenario(path: string): FullScenario {
  const given = loadYaml(path, Scenario);
  const sites = given.sites ?? DEFAULTS.sites;
  const delivery = { ...ORDINARY_DELIVERY, ...given.delivery };
  return { ...DEFAULTS, cells: sites * 4, ...given, delivery };
}

/** Milliseconds of a text such as `20d10h30m`. */
export function scenarioDurationMs(text: string): number {
  const [, days, hours, minutes, seconds] = new RegExp(DURATION).exec(text) ?? [];
  const part = (count: string | undefined): number => Number.parseInt(count ?? '0', 10);
  return (((part(days) * 24 + part(hours)) * 60 + part(minutes)) * 60 + part(seconds)) * 1000;
}

/** The scenario's faults with their times. */
export function faultSpecs(scenario: FullScenario): FaultSpec[] {
  const startMs = Date.parse(`${scenario.start}T00:00:00Z`);
  return scenario.faults.map(({ kind, at, duration, where, depth, alarms, planned }) => ({
    kind,
    fromMs: startMs + scenarioDurationMs(at),
    durationMs: scenarioDurationMs(duration),
    alarms: alarms ?? scenario.alarms,
    ...(where === undefined ? {} : { where }),
    ...(depth === undefined ? {} : { depth }),
    ...(planned === undefined ? {} : { plannedMs: scenarioDurationMs(planned) }),
  }));
}
