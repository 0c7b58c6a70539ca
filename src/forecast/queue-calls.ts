import type { CallInterval } from '../domain/facts.js';
import { areaMix } from './area-mix.js';
import { CallCounts } from './call-counts.js';
import { type DayMatrix, dayMatrix, type LocalCount } from './day-matrix.js';
import type { LocalTime } from './local-time.js';
import { LEVELS } from './ordinary/levels.js';
import type { DayForecast, DaySoFar } from './ordinary/pattern.js';
import { type Learning, PatternSchedule, type TakenOver } from './ordinary/pattern-schedule.js';
import type { PastCalls } from './past-calls.js';
import { extraCalls } from './surge/extra-calls.js';
import type { ExtraCalls } from './surge/past-lesson.js';

const DAY_MS = 86_400_000;
/** Counts are kept as they came, with areas, for so long: incidents are judged by them. */
export const RECENT_MS = 4 * DAY_MS;
/** Calls of an interval are taken to be complete this long after its end, as ACDs deliver them. */
const CALLS_LATENESS_MS = 600_000;
const LOW = LEVELS.indexOf(0.1);
const HIGH = LEVELS.indexOf(0.9);
/** Distance of these two quantiles in standard deviations of a normal distribution. */
const LOW_TO_HIGH = 2.563;

/** Calls as they came in one stretch of time. */
export interface Arrivals {
  readonly startMs: number;
  readonly intervalSeconds: number;
  /** by area; '' where it is not known */
  readonly areas: Map<string, number>;
  /** calls that were given up; undefined when the source does not say */
  abandoned: number | undefined;
}

/** Ordinary calls of one interval. */
export interface OrdinaryInterval {
  readonly median: number;
  /** for each of `LEVELS` */
  readonly quantiles: readonly number[];
  /** false where the queue is expected to be closed, or nothing is known of it */
  readonly isOpen: boolean;
}

export interface FitOptions {
  /** calls from then on are not ordinary ones alone, since an incident runs; default: none does */
  readonly plainUntilMs?: number;
  /** whether the pattern of the next day may be begun now; default true */
  readonly mayBegin?: boolean;
}

/** One queue: the calls that came and its ordinary pattern, fitted once per local day. */
export class QueueCalls {
  readonly #intervalSeconds: number;
  readonly #local: LocalTime;
  readonly #counts: CallCounts;
  readonly #recent = new Map<string, Arrivals>();
  /** ordinary calls by area */
  #areaCalls: ReadonlyMap<string, number> = new Map();
  readonly #days = new Map<number, DayForecast | undefined>();
  /** learns and holds the ordinary pattern */
  readonly schedule: PatternSchedule;
  #today: DaySoFar | undefined;
  /** local day of the last look at areas */
  #lookedDay = Number.NaN;
  #handleSeconds = 0;
  #handled = 0;
  #abandoned = 0;
  #offeredOfAbandoned = 0;

  /** @param learning how patterns are learnt; default on the spot, without holidays */
  constructor(intervalSeconds: number, local: LocalTime, learning: Learning = {}) {
    this.#intervalSeconds = intervalSeconds;
    this.#local = local;
    this.#counts = new CallCounts(intervalSeconds);
    this.schedule = new PatternSchedule(learning);
  }

  /** Mean handle time that came with calls; undefined while none did. */
  get handleSeconds(): number | undefined {
    return this.#handled > 0 ? this.#handleSeconds : undefined;
  }

  /** Share that gives up at usual times, 0 while the source does not say. */
  get usualAbandonment(): number {
    return this.#offeredOfAbandoned > 0 ? this.#abandoned / this.#offeredOfAbandoned : 0;
  }

  /**
   * Takes in a count, or takes it back with `sign` -1; areas of an interval add up. One that is longer
   * than the staffing interval is spread evenly over it.
   */
  observe(call: CallInterval, sign: 1 | -1): void {
    const startMs = Date.parse(call.start);
    const stepMs = this.#intervalSeconds * 1000;
    const parts = Math.max(1, Math.round(call.intervalSeconds / this.#intervalSeconds));
    for (let part = 0; part < parts; part++) {
      this.#counts.add(startMs + part * stepMs, (sign * call.offered) / parts);
    }
    this.#keepRecent(call, startMs, sign);
    if (sign > 0 && call.handleSeconds !== undefined) {
      this.#learnHandling(call.offered, call.handleSeconds);
    }
  }

  /** Takes in a day that is over for long: how incidents are judged does not look at it. */
  observePast(past: PastCalls): void {
    const dayMs = past.day * DAY_MS;
    const stepMs = this.#intervalSeconds * 1000;
    for (const [at, interval] of past.intervals.entries()) {
      this.#counts.add(dayMs + interval * stepMs, past.calls[at] ?? 0);
    }
    this.#abandoned += past.abandoned;
    this.#offeredOfAbandoned += past.offeredOfAbandoned;
    this.#learnHandling(past.handled, past.handleSeconds);
  }

  /** The weight of the past is capped so that the mean can drift. */
  #learnHandling(calls: number, seconds: number): void {
    if (calls <= 0) return;
    this.#handled = Math.min(20_000, this.#handled + calls);
    this.#handleSeconds += Math.min(1, calls / this.#handled) * (seconds - this.#handleSeconds);
  }

  /**
   * Learns the days before today, once a day, and how today has been so far.
   * @param explained calls of past incidents in the interval that starts then
   * @returns a pattern that was taken over now
   */
  fit(
    nowMs: number,
    explained: (startMs: number) => number,
    { plainUntilMs = Number.POSITIVE_INFINITY, mayBegin = true }: FitOptions = {},
  ): TakenOver | undefined {
    const history = (day: number) => this.#historyBefore(day, explained);
    const taken = this.schedule.follow(this.#local.at(nowMs), history, mayBegin);
    this.#days.clear();
    this.#today = this.#soFar(nowMs, Math.min(plainUntilMs, nowMs - CALLS_LATENESS_MS), explained);
    const day = Math.floor(this.#local.at(nowMs) / DAY_MS);
    if (day !== this.#lookedDay) {
      this.#lookedDay = day;
      for (const [key, { startMs }] of this.#recent) {
        if (startMs < nowMs - RECENT_MS) this.#recent.delete(key);
      }
      this.#areaCalls = areaMix(this.arrivals(Number.NEGATIVE_INFINITY), {
        untilMs: this.#dayStartMs(nowMs),
        plainUntilMs,
        explained: (startMs, seconds) => this.#explainedIn(startMs, seconds, explained),
      });
    }
    return taken;
  }

  /** Begins to learn a first pattern. @returns whether `fit` will not hold up its caller */
  prepare(nowMs: number, explained: (startMs: number) => number, mayBegin = true): boolean {
    const history = (day: number) => this.#historyBefore(day, explained);
    return this.schedule.prepare(this.#local.at(nowMs), history, mayBegin);
  }

  #historyBefore(day: number, explained: (startMs: number) => number): DayMatrix {
    const counts = this.#countsBefore(day, explained);
    return dayMatrix(counts, this.#intervalSeconds, this.#intervalSeconds);
  }

  *#countsBefore(day: number, explained: (startMs: number) => number): Generator<LocalCount> {
    for (const [atMs, calls] of this.#counts.entries()) {
      const localMs = this.#local.at(atMs);
      if (Math.floor(localMs / DAY_MS) >= day) continue;
      const extra = explained(atMs);
      // What is left of an interval that was mostly an incident's is too vague to learn from.
      if (extra > calls / 2) continue;
      yield { localSeconds: localMs / 1000, calls: calls - extra };
    }
  }

  /** Today's ordinary calls in intervals that have ended by then. */
  #soFar(nowMs: number, untilMs: number, explained: (startMs: number) => number): DaySoFar {
    const stepMs = this.#intervalSeconds * 1000;
    const dayNumber = Math.floor(this.#local.at(nowMs) / DAY_MS);
    const calls = new Float64Array(DAY_MS / stepMs).fill(Number.NaN);
    const firstMs = Math.floor((nowMs - DAY_MS) / stepMs) * stepMs;
    for (let at = firstMs; at + stepMs <= untilMs; at += stepMs) {
      const localMs = this.#local.at(at);
      const count = this.#counts.at(at);
      if (count === undefined || Math.floor(localMs / DAY_MS) !== dayNumber) continue;
      const column = Math.floor((localMs - dayNumber * DAY_MS) / stepMs);
      calls[column] = Math.max(0, count - explained(at));
    }
    return { dayNumber, calls };
  }

  /** Counts as they came that begin from then on, by start. */
  arrivals(fromMs: number): Arrivals[] {
    return [...this.#recent.values()]
      .filter(({ startMs }) => startMs >= fromMs)
      .sort((a, b) => a.startMs - b.startMs);
  }

  /** Calls beyond the usual ones in a stretch of the past; undefined where the history does not reach. */
  extra(fromMs: number, toMs: number): ExtraCalls | undefined {
    const stepMs = this.#intervalSeconds * 1000;
    return extraCalls((startMs) => this.#counts.at(startMs), { fromMs, toMs, stepMs });
  }

  /** Whether calls of the last days came from that area. */
  knowsArea(area: string): boolean {
    return (this.#areaCalls.get(area) ?? 0) > 0;
  }

  /** Share of the calls of the last days that were of these areas. */
  areaShare(areas: ReadonlySet<string>): number {
    let own = 0;
    let all = 0;
    for (const [area, calls] of this.#areaCalls) {
      all += calls;
      if (areas.has(area)) own += calls;
    }
    return all > 0 ? own / all : 0;
  }

  ordinary(startMs: number): OrdinaryInterval {
    const localMs = this.#local.at(startMs);
    const dayNumber = Math.floor(localMs / DAY_MS);
    const day = this.#day(dayNumber);
    const column = Math.floor((localMs - dayNumber * DAY_MS) / (this.#intervalSeconds * 1000));
    const median = day?.median[column] ?? Number.NaN;
    return {
      median: median || 0,
      quantiles: LEVELS.map((_, k) => day?.quantiles[k]?.[column] || 0),
      isOpen: !Number.isNaN(median),
    };
  }

  /** Mean and variance of ordinary calls in a stretch of time. */
  ordinaryIn(startMs: number, seconds: number): { mean: number; variance: number } {
    const stepMs = this.#intervalSeconds * 1000;
    const endMs = startMs + seconds * 1000;
    let [mean, common] = [0, 0];
    for (let at = Math.floor(startMs / stepMs) * stepMs; at < endMs; at += stepMs) {
      const { median, quantiles } = this.ordinary(at);
      const part = (Math.min(endMs, at + stepMs) - Math.max(startMs, at)) / stepMs;
      const spread = ((quantiles[HIGH] ?? 0) - (quantiles[LOW] ?? 0)) / LOW_TO_HIGH;
      mean += part * median;
      common += part * Math.sqrt(Math.max(0, spread ** 2 - median));
    }
    return { mean, variance: mean + common ** 2 };
  }

  /** The last local midnight, epoch ms. */
  #dayStartMs(nowMs: number): number {
    return nowMs - (((this.#local.at(nowMs) % DAY_MS) + DAY_MS) % DAY_MS);
  }

  /** Calls of past incidents in a stretch of time. @param explained as in `fit` */
  #explainedIn(startMs: number, seconds: number, explained: (startMs: number) => number): number {
    const stepMs = this.#intervalSeconds * 1000;
    const endMs = startMs + seconds * 1000;
    let sum = 0;
    for (let at = Math.floor(startMs / stepMs) * stepMs; at < endMs; at += stepMs) {
      const part = (Math.min(endMs, at + stepMs) - Math.max(startMs, at)) / stepMs;
      sum += part * explained(at);
    }
    return sum;
  }

  #keepRecent(call: CallInterval, startMs: number, sign: 1 | -1): void {
    const key = `${startMs} ${call.intervalSeconds}`;
    let found = this.#recent.get(key);
    if (!found) {
      const { intervalSeconds } = call;
      found = { startMs, intervalSeconds, areas: new Map(), abandoned: undefined };
      this.#recent.set(key, found);
    }
    const area = call.area ?? '';
    found.areas.set(area, (found.areas.get(area) ?? 0) + sign * call.offered);
    if (call.abandoned !== undefined) {
      found.abandoned = (found.abandoned ?? 0) + sign * call.abandoned;
      this.#abandoned += sign * call.abandoned;
      this.#offeredOfAbandoned += sign * call.offered;
    }
  }

  #day(dayNumber: number): DayForecast | undefined {
    if (!this.#days.has(dayNumber)) {
      this.#days.set(dayNumber, this.schedule.pattern?.day(dayNumber, this.#today));
    }
    return this.#days.get(dayNumber);
  }
}
