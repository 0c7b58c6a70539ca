import { resolve } from 'node:path';
import { SurgeWorld } from '../../../../simulators/calls/surge-world.js';
import { loadYaml } from '../../../adapters/rules/load-yaml.js';
import { poissonMeanDeviation } from '../../../forecast/backtest.js';
import { ForecastRules } from '../../../forecast/rules.js';
import type { PartResult } from '../accuracy/part.js';
import type { CasePartOptions } from '../bench-parts.js';
import { type Figures, rounded } from '../figures.js';
import { type CallFeed, runSurges, type ScoredIncident, type ScoredInterval } from './surge-run.js';

/** From so many calls of an incident in an interval on, its errors count as those of a large one. */
const LARGE = 100;
/** Incidents that only teach, in each world. */
const TEACHING = 10;
const SCORED = 10;
const HISTORY_DAYS = 21;
const DAYS = TEACHING + SCORED;
const FIRST_MS = Date.UTC(2026, 2, 2);
const SEEDS = { development: [11, 12], scoring: [501, 502] } as const;

const LATE: CallFeed = { stepSeconds: 900, lateMs: 600_000, withAreas: false };
/** Ways that calls arrive, and whether there were incidents to learn from. */
const RUNS: readonly (readonly [string, CallFeed, boolean])[] = [
  ['quarterHours', LATE, true],
  ['quarterHoursWithAreas', { ...LATE, withAreas: true }, true],
  ['minutes', { stepSeconds: 60, lateMs: 60_000, withAreas: false }, true],
  ['noPastIncidents', LATE, false],
];

/**
 * Calls of simulated incidents, each with a propensity and delays of its own that the forecast does
 * not know, forecast at the start of each interval from 15 minutes after the onset. The point forecast
 * is the median of the band less ordinary calls.
 */
export async function scoreSurges(options: CasePartOptions): Promise<PartResult> {
  const rules = {
    ...loadYaml(resolve(import.meta.dirname, '../../../../rules/forecast.yaml'), ForecastRules),
    horizonHours: 12,
  };
  const seeds = SEEDS[options.set];
  const most = Math.max(1, Math.round(seeds.length * options.scale));
  const figures: Record<string, Figures> = {};
  const baseline: Record<string, Figures> = {};
  for (const [name, feed, learns] of RUNS) {
    const scored: ScoredIncident[] = [];
    for (const seed of seeds.slice(0, most)) {
      options.progress(`${name}, world ${seed}`);
      const world = worldOf(seed, rules.zone);
      const frame = { learns, fromMs: FIRST_MS, skip: TEACHING };
      scored.push(...runSurges(world, rules, feed, frame));
    }
    figures[name] = figuresOf(scored);
    baseline[name] = limitsOf(scored);
    options.progress(JSON.stringify(figures[name]));
  }
  return { figures, baseline, lines: table(figures, baseline) };
}

function worldOf(seed: number, zone: string): SurgeWorld {
  return new SurgeWorld({
    seed,
    zone,
    fromMs: FIRST_MS + HISTORY_DAYS * 86_400_000,
    days: DAYS,
    subscribers: 600_000,
    incidents: TEACHING + SCORED,
    affected: [1500, 60_000],
    areas: 12,
  });
}

function bySize(scored: readonly ScoredIncident[]) {
  const all = scored.flatMap(({ intervals }) => intervals);
  const isLarge = ({ actual }: ScoredInterval): boolean => actual >= LARGE;
  return { all, large: all.filter(isLarge), small: all.filter((each) => !isLarge(each)) };
}

/** The oracle's errors on the same intervals: nobody who sees no more can do better on average. */
function limitsOf(scored: readonly ScoredIncident[]): Figures {
  const { all, large, small } = bySize(scored);
  const of = (intervals: readonly ScoredInterval[]) =>
    rounded(
      wape(intervals, ({ limit }) => limit),
      3,
    );
  return { oracleWape: of(all), oracleLargeWape: of(large), oracleSmallWape: of(small) };
}

function figuresOf(scored: readonly ScoredIncident[]): Figures {
  const { all, large, small } = bySize(scored);
  const [first, later] = [
    large.filter(({ minutesIn }) => minutesIn < 45),
    large.filter(({ minutesIn }) => minutesIn >= 45),
  ];
  const times = scored.map(({ minutesToTotal }) => minutesToTotal ?? Number.POSITIVE_INFINITY);
  times.sort((a, b) => a - b);
  return {
    incidents: scored.length,
    intervals: all.length,
    wape: rounded(wape(all), 3),
    floorWape: rounded(floor(all), 3),
    largeIntervals: large.length,
    largeWape: rounded(wape(large), 3),
    largeFloorWape: rounded(floor(large), 3),
    largeWapeFirst45Minutes: rounded(wape(first), 3),
    largeWapeLater: rounded(wape(later), 3),
    smallWape: rounded(wape(small), 3),
    smallFloorWape: rounded(floor(small), 3),
    coverage80: rounded(
      share(all, ({ in80 }) => in80),
      3,
    ),
    coverage95: rounded(
      share(all, ({ in95 }) => in95),
      3,
    ),
    minutesUntilTotalWithin20Pct: rounded(times[Math.floor(times.length / 2)] ?? null, 0),
  };
}

function wape(
  intervals: readonly ScoredInterval[],
  said: (interval: ScoredInterval) => number = ({ forecast }) => forecast,
): number | null {
  const actual = intervals.reduce((sum, each) => sum + each.actual, 0);
  const miss = intervals.reduce((sum, each) => sum + Math.abs(each.actual - said(each)), 0);
  return actual > 0 ? miss / actual : null;
}

/** What the best forecast would have been off by, were each interval's mean known. */
function floor(intervals: readonly ScoredInterval[]): number | null {
  const actual = intervals.reduce((sum, each) => sum + each.actual, 0);
  const miss = intervals.reduce((sum, each) => sum + poissonMeanDeviation(each.actual), 0);
  return actual > 0 ? miss / actual : null;
}

function share<Item>(items: readonly Item[], is: (item: Item) => boolean): number | null {
  return items.length > 0 ? items.filter(is).length / items.length : null;
}

function table(
  figures: Readonly<Record<string, Figures>>,
  baseline: Readonly<Record<string, Figures>>,
): string[] {
  return Object.entries(figures).flatMap(([name, values]) => [
    `  ${name}`,
    ...Object.entries({ ...values, ...baseline[name] }).map(
      ([what, value]) => `    ${what.padEnd(30)} ${value}`,
    ),
  ]);
}
