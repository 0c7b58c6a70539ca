import type { FaultSpec } from '../../../../simulators/faults/types.js';
import { mix32, Random, textHash } from '../../../../simulators/random.js';
import type { DeliveryShares } from '../../../../simulators/telemetry/delivery.js';
import { VENDORS } from '../../../../simulators/world/build-sites.js';
import type { CaseSettings, Range } from './case-settings.js';
import { type FaultRange, SCENARIO_KINDS, type ScenarioKind } from './scenario-kinds.js';

const MINUTE = 60_000;
const DAY = 86_400_000;

/** A network and its healthy history, on which many cases branch off. Times are epoch ms. */
export interface WorldPlan {
  readonly seed: number;
  readonly sites: number;
  readonly cells: number;
  readonly fromMs: number;
  /** end of the healthy history; cases begin here */
  readonly branchMs: number;
  readonly noise: number;
  readonly delivery: DeliveryShares;
}

/** One thing that happens to one world, once with alarms and once without. */
export interface CasePlan {
  /** scenario, number of the world, alarms or silent: unique within a set */
  readonly name: string;
  readonly scenario: string;
  readonly hasAlarms: boolean;
  readonly world: WorldPlan;
  /** places of the faults are drawn from it */
  readonly seed: number;
  readonly faults: readonly FaultSpec[];
}

const within = (random: Random, [least, most]: Range): number => random.between(least, most);

function drawWorld(settings: CaseSettings, seed: number): WorldPlan {
  const random = new Random(seed, 'accuracy world');
  const sites = Math.round(within(random, settings.sites));
  const firstMs = Date.parse(`${settings.firstDay}T00:00:00Z`);
  const fromMs = firstMs + random.below(settings.withinDays) * DAY;
  return {
    seed,
    sites,
    cells: Math.round(sites * within(random, settings.cellsPerSite)),
    fromMs,
    branchMs: fromMs + settings.warmUpDays * DAY,
    noise: within(random, settings.noise),
    delivery: {
      late: within(random, settings.late),
      tooLate: within(random, settings.tooLate),
      lost: within(random, settings.lost),
      doubled: within(random, settings.doubled),
    },
  };
}

function drawFault(settings: CaseSettings, world: WorldPlan, range: FaultRange, random: Random) {
  const startMinute = Math.round(within(random, range.hour) * 60);
  const durationMs = Math.round(within(random, range.minutes)) * MINUTE;
  const depth = within(random, settings.depth);
  const share = within(random, range.plannedShare ?? [1, 1]);
  const isAll = random.chance(0.5);
  const vendor = random.pick(VENDORS).name;
  const startMs = world.branchMs + startMinute * MINUTE + random.below(MINUTE);
  return {
    kind: range.kind,
    fromMs: startMs,
    durationMs,
    ...(range.hasDepth === true ? { depth } : {}),
    ...(range.plannedShare === undefined ? {} : { plannedMs: Math.round(durationMs * share) }),
    ...(range.kind === 'telemetryGap' && !isAll ? { where: vendor } : {}),
  } satisfies FaultSpec;
}

function drawPair(
  settings: CaseSettings,
  world: WorldPlan,
  number: number,
  { name, faults }: ScenarioKind,
): CasePlan[] {
  const seed = mix32(settings.caseSeed, world.seed, textHash(name));
  const random = new Random(seed, 'accuracy case');
  const drawn = faults.map((range) => drawFault(settings, world, range, random));
  const share = within(random, settings.alarms);
  return [true, false].map((hasAlarms) => ({
    name: `${name}-${number}-${hasAlarms ? 'alarms' : 'silent'}`,
    scenario: name,
    hasAlarms,
    world,
    seed,
    faults: drawn.map((fault) => ({ ...fault, alarms: hasAlarms ? share : 0 })),
  }));
}

/**
 * Draws the cases of a set: every kind of scenario in every world, with alarms and without; the two
 * differ in nothing else. The same settings give the same cases.
 *
 * @param scale share of the worlds, at least one
 * @returns the cases of one world after those of another
 */
export function drawCases(settings: CaseSettings, scale = 1): CasePlan[] {
  const worlds = Math.max(1, Math.round(settings.worldSeeds.length * scale));
  return settings.worldSeeds.slice(0, worlds).flatMap((seed, at) => {
    const world = drawWorld(settings, seed);
    return SCENARIO_KINDS.flatMap((kind) => drawPair(settings, world, at + 1, kind));
  });
}
