import { errorFunction } from 'simple-statistics';
import {
  drawHabits,
  type Habits,
  readiness,
  type SurgeTruth,
  type SurgeWorld,
} from '../../../../simulators/calls/surge-world.js';
import { Random } from '../../../../simulators/random.js';
import type { IncidentLoad } from '../../../forecast/surge/incident-load.js';

const MINUTE_MS = 60_000;
const MINUTES = 900;
const DRAWS = 800;
const AFTER_MINUTES = 35;
/** Points of the propensity's logarithm, in standard deviations. */
const REACH = 3;
const LEVELS = 81;
const LEVEL_SPREAD = 0.45;
const MIDDLE_PROPENSITY = 0.11;

/** One way that people may call: share of the callers who have called by each minute. */
interface Drawn {
  readonly habits: Habits;
  readonly called: Float64Array;
  /** the same without the hours' readiness */
  readonly delayed: Float64Array;
}

/**
 * The limit of what anybody can forecast of a simulated incident: knows how habits are drawn, though
 * not this incident's, how long incidents last and how far estimates of the repair are off; sees the
 * incident's own calls, ordinary ones taken out to the last, when and as finely as the forecast does.
 * Bayes' rule over drawn habits, the propensity integrated on a grid.
 */
export class SurgeOracle {
  readonly #truth: SurgeTruth;
  readonly #drawn: readonly Drawn[];
  readonly #ready: Float64Array;
  readonly #people: number;

  constructor(truth: SurgeTruth, zone: string) {
    this.#truth = truth;
    const { startedAtMs, people } = truth.load;
    this.#people = people.reduce((sum, each) => sum + each.people, 0);
    this.#ready = Float64Array.from({ length: MINUTES }, (_, m) =>
      readiness(startedAtMs + (m + 0.5) * MINUTE_MS, zone),
    );
    const random = new Random(Math.floor(startedAtMs / MINUTE_MS), 'oracle');
    this.#drawn = Array.from({ length: DRAWS }, () => drawn(drawHabits(random), this.#ready));
  }

  /**
   * Mean of the incident's calls between two moments.
   * @param counted lengths of time of which the calls are known, in order
   * @param known what is known of the incident now, its end or an estimate
   */
  forecast(
    world: SurgeWorld,
    counted: readonly { readonly fromMs: number; readonly toMs: number }[],
    known: IncidentLoad,
    next: { readonly fromMs: number; readonly toMs: number },
  ): number {
    const { startedAtMs } = this.#truth.load;
    const minute = (ms: number): number => (ms - startedAtMs) / MINUTE_MS;
    const endsAt = known.endedAtMs === null ? MINUTES : minute(known.endedAtMs);
    const seen = counted.map(({ fromMs, toMs }) => ({
      from: minute(fromMs),
      to: minute(toMs),
      calls: world.incidentCalls(this.#truth, fromMs, toMs),
    }));
    const ends = endsOf(known, minute(next.fromMs));
    const posts = this.#drawn.map((each) => this.#judge(each, seen, endsAt));
    const best = posts.reduce((most, { logWeight }) => Math.max(most, logWeight), -1e300);
    let [sum, total] = [0, 0];
    for (const [d, { logWeight, propensity }] of posts.entries()) {
      const each = this.#drawn[d];
      const weight = Math.exp(logWeight - best);
      if (!each || weight < 1e-6) continue;
      for (const [end, likely] of ends) {
        const calls = this.#callsIn(each, minute(next.fromMs), minute(next.toMs), end);
        sum += weight * likely * propensity * this.#people * calls;
        total += weight * likely;
      }
    }
    return total > 0 ? sum / total : 0;
  }

  /** How well habits explain what was seen, and the propensity they ask for. */
  #judge(
    each: Drawn,
    seen: readonly { readonly from: number; readonly to: number; readonly calls: number }[],
    endsAt: number,
  ): { logWeight: number; propensity: number } {
    let [calls, mean, shape] = [0, 0, 0];
    for (const one of seen) {
      const own = this.#people * this.#callsIn(each, one.from, one.to, endsAt) + 1e-3;
      calls += one.calls;
      mean += own;
      shape += one.calls * Math.log(own);
    }
    // Poisson counts tell of the propensity by their sum alone.
    const logs = Array.from({ length: LEVELS }, (_, i) => {
      const z = REACH * ((2 * i) / (LEVELS - 1) - 1);
      const propensity = Math.min(0.6, MIDDLE_PROPENSITY * Math.exp(LEVEL_SPREAD * z));
      return {
        log: shape + calls * Math.log(propensity) - propensity * mean - z ** 2 / 2,
        propensity,
      };
    });
    const best = logs.reduce((most, { log }) => Math.max(most, log), -1e300);
    let [sum, total] = [0, 0];
    for (const { log, propensity } of logs) {
      const weight = Math.exp(log - best);
      sum += weight * propensity;
      total += weight;
    }
    return { logWeight: best + Math.log(total), propensity: sum / total };
  }

  /** Share of the callers who call between two minutes if it ends then. */
  #callsIn({ habits, called, delayed }: Drawn, from: number, to: number, end: number): number {
    const before = at(called, Math.min(to, end)) - at(called, Math.min(from, end));
    if (to <= end || end >= MINUTES) return before;
    const later = Math.max(0, from - end);
    const wave = Math.exp(-later / AFTER_MINUTES) - Math.exp(-(to - end) / AFTER_MINUTES);
    const ready = this.#ready[Math.min(MINUTES - 1, Math.floor(to))] ?? 1;
    return before + habits.afterShare * (1 - at(delayed, end)) * wave * ready;
  }
}

/** When it may end, in minutes, and how likely: durations are log-normal, estimates too. */
function endsOf(known: IncidentLoad, nowMinutes: number): [number, number][] {
  const minute = (ms: number): number => (ms - known.startedAtMs) / MINUTE_MS;
  if (known.endedAtMs !== null) return [[minute(known.endedAtMs), 1]];
  if (known.repair === null) return [[MINUTES, 1]];
  const [drawnVariance, estimateVariance] = [0.36, 0.09];
  const all = drawnVariance + estimateVariance;
  const told = Math.log(minute(known.repair.atMs));
  const mean = (Math.log(110) * estimateVariance + told * drawnVariance) / all;
  const spread = Math.sqrt((drawnVariance * estimateVariance) / all);
  const ends = Array.from({ length: 27 }, (_, i): [number, number] => {
    const z = (i - 13) / 5;
    return [Math.exp(mean + spread * z), Math.exp((-z * z) / 2)];
  }).filter(([end]) => end > nowMinutes);
  return ends.length > 0 ? ends : [[MINUTES, 1]];
}

function drawn(habits: Habits, ready: Float64Array): Drawn {
  const called = new Float64Array(MINUTES + 1);
  const delayed = new Float64Array(MINUTES + 1);
  for (let m = 0; m < MINUTES; m++) {
    const share = delayedBy(habits, m + 1);
    delayed[m + 1] = share;
    called[m + 1] = (called[m] ?? 0) + (share - (delayed[m] ?? 0)) * (ready[m] ?? 1);
  }
  return { habits, called, delayed };
}

function delayedBy(habits: Habits, minutes: number): number {
  const { promptShare, promptMinutes, laterMinutes, delaySpread } = habits;
  const by = (typical: number): number => normal(Math.log(minutes / typical) / delaySpread);
  return promptShare * by(promptMinutes) + (1 - promptShare) * by(laterMinutes);
}

function normal(z: number): number {
  return 0.5 * (1 + errorFunction(z / Math.SQRT2));
}

function at(series: Float64Array, minutes: number): number {
  const place = Math.max(0, Math.min(MINUTES, minutes));
  const node = Math.floor(place);
  const before = series[node] ?? 0;
  return before + (place - node) * ((series[node + 1] ?? before) - before);
}
