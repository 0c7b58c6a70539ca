import {
  SURGE_QUEUE,
  type SurgeTruth,
  type SurgeWorld,
} from '../../../../simulators/calls/surge-world.js';
import { Random } from '../../../../simulators/random.js';
import { composeForecast } from '../../../forecast/compose.js';
import { Forecaster, LESSON_AFTER_MS } from '../../../forecast/forecaster.js';
import type { ForecastRules } from '../../../forecast/rules.js';
import type { IncidentLoad } from '../../../forecast/surge/incident-load.js';
import { SurgeOracle } from './surge-oracle.js';

const QUARTER_MS = 900_000;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** Intervals are scored until so long after the repair. */
const AFTER_MS = 60 * MINUTE_MS;

/** How calls reach the forecast. */
export interface CallFeed {
  readonly stepSeconds: 60 | 900;
  readonly lateMs: number;
  readonly withAreas: boolean;
}

/** One interval of an incident: what was forecast at its start, and what came. */
export interface ScoredInterval {
  readonly incident: string;
  readonly minutesIn: number;
  /** median: absolute errors are least about it. Staffing goes by the mean */
  readonly forecast: number;
  /** what `SurgeOracle` would have said */
  readonly limit: number;
  readonly actual: number;
  /** all calls of the queue in it, and whether the bands held them */
  readonly in80: boolean;
  readonly in95: boolean;
}

/** One incident: its intervals, and when the forecast of all its calls was first within 20 %. */
export interface ScoredIncident {
  readonly intervals: readonly ScoredInterval[];
  /** minutes from the onset; null: never while it lasted */
  readonly minutesToTotal: number | null;
}

/**
 * Lives through a world with one way that calls arrive, forecasting at every quarter hour of every
 * incident from 15 minutes after its onset.
 * @param learns whether incidents teach for those that follow
 */
export function runSurges(
  world: SurgeWorld,
  rules: ForecastRules,
  feed: CallFeed,
  options: { readonly learns: boolean; readonly fromMs: number; readonly skip: number },
): ScoredIncident[] {
  const forecaster = new LiveForecaster(world, rules, feed, options.fromMs);
  const scored: ScoredIncident[] = [];
  for (const [i, truth] of world.incidents.entries()) {
    const isScored = i >= options.skip;
    if (!isScored && !options.learns) continue;
    const one = isScored ? forecaster.live(truth) : undefined;
    if (one) scored.push(one);
    if (options.learns) forecaster.learnFrom(truth);
  }
  return scored;
}

class LiveForecaster {
  readonly #world: SurgeWorld;
  readonly #rules: ForecastRules;
  readonly #feed: CallFeed;
  readonly #forecaster: Forecaster;
  #fedToMs: number;

  constructor(world: SurgeWorld, rules: ForecastRules, feed: CallFeed, fromMs: number) {
    this.#world = world;
    this.#rules = rules;
    this.#feed = feed;
    this.#forecaster = new Forecaster(rules);
    this.#fedToMs = fromMs;
  }

  live(truth: SurgeTruth): ScoredIncident {
    const { startedAtMs, endedAtMs } = truth.load;
    const endMs = endedAtMs ?? startedAtMs;
    const intervals: ScoredInterval[] = [];
    let minutesToTotal: number | null = null;
    const oracle = new SurgeOracle(truth, this.#rules.zone);
    const first = Math.ceil((startedAtMs + 15 * MINUTE_MS) / QUARTER_MS) * QUARTER_MS;
    for (let now = first; now < endMs + AFTER_MS; now += QUARTER_MS) {
      this.#feedTo(now);
      const load = loadAt(truth, now);
      const { intervals: all, basis } = this.#forecaster.forecast(now, [load]);
      const next = all.find(({ queue }) => queue === SURGE_QUEUE);
      if (!next) continue;
      const actual = this.#world.incidentCalls(truth, now, now + QUARTER_MS);
      const total = actual + this.#world.ordinary(now);
      const within = (low: string, high: string): boolean =>
        total >= (next.quantiles[low] ?? 0) && total <= (next.quantiles[high] ?? 0);
      intervals.push({
        incident: truth.load.incidentId,
        minutesIn: (now - startedAtMs) / MINUTE_MS,
        forecast: Math.max(0, (next.quantiles['0.5'] ?? 0) - next.ordinary),
        limit: oracle.forecast(this.#world, this.#counted(startedAtMs, now), load, {
          fromMs: now,
          toMs: now + QUARTER_MS,
        }),
        actual,
        in80: within('0.1', '0.9'),
        in95: within('0.025', '0.975'),
      });
      if (minutesToTotal === null && now < endMs) {
        const firstMs = Math.floor(startedAtMs / QUARTER_MS) * QUARTER_MS;
        const forecastTotal = composeForecast({ ...basis, firstMs }, this.#rules).reduce(
          (sum, { surge }) => sum + surge,
          0,
        );
        const trueTotal = truth.byMinute.reduce((sum, calls) => sum + calls, 0);
        const isClose = Math.abs(forecastTotal - trueTotal) <= 0.2 * trueTotal;
        if (isClose) minutesToTotal = (now - startedAtMs) / MINUTE_MS;
      }
    }
    return { intervals, minutesToTotal };
  }

  /** Stretches since an onset whose calls have arrived by then, as the forecast looks at them. */
  #counted(onsetMs: number, nowMs: number): { fromMs: number; toMs: number }[] {
    const { stepSeconds, lateMs } = this.#feed;
    const stepMs = stepSeconds * 1000;
    const arrivedMs = Math.floor((nowMs - lateMs) / stepMs) * stepMs;
    const lengthMs = Math.max(stepMs, 5 * MINUTE_MS);
    const stretches: { fromMs: number; toMs: number }[] = [];
    for (let at = Math.floor(onsetMs / lengthMs) * lengthMs; at < arrivedMs; at += lengthMs) {
      stretches.push({ fromMs: at, toMs: Math.min(arrivedMs, at + lengthMs) });
    }
    return stretches;
  }

  /** Lets an incident that is over teach. */
  learnFrom(truth: SurgeTruth): void {
    const laterMs = (truth.load.endedAtMs ?? truth.load.startedAtMs) + LESSON_AFTER_MS + AFTER_MS;
    this.#feedTo(laterMs);
    this.#forecaster.forecast(laterMs, [truth.load]);
  }

  /** Hands over what has arrived by then; quarter hours while nothing happens. */
  #feedTo(nowMs: number): void {
    const { stepSeconds, lateMs, withAreas } = this.#feed;
    const recentMs = Math.max(this.#fedToMs, nowMs - 2 * DAY_MS);
    if (recentMs > this.#fedToMs) {
      const untilMs = Math.floor(recentMs / QUARTER_MS) * QUARTER_MS;
      this.#forecaster.observe(this.#world.counts(this.#fedToMs, untilMs, 900, false));
      this.#fedToMs = untilMs;
    }
    const stepMs = stepSeconds * 1000;
    const arrivedMs = Math.floor((nowMs - lateMs) / stepMs) * stepMs;
    if (arrivedMs <= this.#fedToMs) return;
    this.#forecaster.observe(this.#world.counts(this.#fedToMs, arrivedMs, stepSeconds, withAreas));
    this.#fedToMs = arrivedMs;
  }
}

/** What is known of an incident at a moment: not when it ends, but an estimate with its band. */
function loadAt({ load }: SurgeTruth, nowMs: number): IncidentLoad {
  const { startedAtMs, endedAtMs } = load;
  if (endedAtMs === null || nowMs >= endedAtMs) return load;
  const random = new Random(Math.floor(startedAtMs / MINUTE_MS), 'repair');
  const atMs = startedAtMs + (endedAtMs - startedAtMs) * Math.exp(0.3 * random.normal());
  const at = (share: number): number => startedAtMs + (atMs - startedAtMs) * share;
  return { ...load, endedAtMs: null, repair: { atMs, lowMs: at(0.65), highMs: at(1.55) } };
}
