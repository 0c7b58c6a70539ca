import type { DayMatrix } from '../day-matrix.js';
import { Bands } from './bands.js';
import { Combination, combine } from './combination.js';
import { stabilise } from './count-scale.js';
import { DayFacts } from './day-facts.js';
import { DayShapes } from './day-shapes.js';
import { DoubleSeasonal } from './double-seasonal.js';
import type { ScoredDay } from './error-scale.js';
import { Growth, LATER_DAYS } from './growth.js';
import { fitIntraday } from './intraday.js';
import { LevelProfile } from './level-profile.js';
import type { DayAhead, Member } from './member.js';
import { pullIn } from './odd-values.js';
import { OpeningHours } from './opening-hours.js';
import type { IntradayFit, PatternDay, PatternFit } from './pattern-fit.js';
import { SeasonalNaive } from './seasonal-naive.js';
import { TrackRecord } from './track-record.js';

/** How many days after the origin a fit reaches. */
export const REACH_DAYS = 28;
/** Of a long history, only the end is forecast before it is learnt: weights and bands forget anyway. */
const SCORED_DAYS = 100;
/** The intraday correction is learnt anew after so many days. */
const INTRADAY_DAYS = 7;
/** No forecast is farther above the highest interval so far, on the stabilised scale. */
const MOST_ABOVE = 1.5;
const DAY_SECONDS = 86_400;

export interface LearnerOptions {
  /** local day numbers of holidays, past and to come; default none */
  readonly holidays?: ReadonlySet<number>;
}

interface Pending {
  /** place in `LATER_DAYS` */
  readonly k: number;
  readonly rows: readonly Float64Array[];
}

/**
 * Learns the ordinary calls of one queue day by day. Each day is first forecast by every member from
 * the days before it; those errors earn the members' weights, the spread and the calibration of the
 * bands; then the day is learnt. Deterministic.
 */
export class OrdinaryLearner {
  readonly #intervalSeconds: number;
  readonly #columns: number;
  readonly #facts: DayFacts;
  readonly #hours: OpeningHours;
  /** quick enough to tell odd values of days that are not scored */
  readonly #guide: Member;
  readonly #members: readonly Member[];
  readonly #near: Combination;
  readonly #far: Combination;
  readonly #growth = new Growth();
  readonly #record = new TrackRecord();
  readonly #pending = new Map<number, Pending[]>();
  readonly #bands: Bands;
  #intraday: { readonly days: number; readonly fit: IntradayFit } | undefined;
  #highest = stabilise(0);
  #days = 0;

  constructor(intervalSeconds: number, { holidays = new Set() }: LearnerOptions = {}) {
    this.#intervalSeconds = intervalSeconds;
    this.#columns = DAY_SECONDS / intervalSeconds;
    this.#facts = new DayFacts(holidays);
    this.#hours = new OpeningHours(this.#columns);
    this.#guide = new LevelProfile(this.#columns);
    this.#members = [
      new DayShapes(this.#columns),
      this.#guide,
      new DoubleSeasonal(this.#columns),
      new SeasonalNaive(this.#columns),
    ];
    this.#near = new Combination(this.#members);
    this.#far = new Combination(this.#members);
    this.#bands = new Bands(this.#columns);
  }

  /** A learner that knows this history. */
  static of(history: DayMatrix, options?: LearnerOptions): OrdinaryLearner {
    const learner = new OrdinaryLearner(history.intervalSeconds, options);
    for (const [d, row] of history.rows.entries()) {
      const isScored = d >= history.rows.length - SCORED_DAYS;
      learner.learn(history.dayNumbers[d] ?? 0, row, isScored);
    }
    return learner;
  }

  /** Days learnt. */
  get days(): number {
    return this.#days;
  }

  /**
   * Takes in a day that is over; days rise.
   * @param calls by interval, NaN where no data
   * @param isScored whether it is forecast before it is learnt
   */
  learn(dayNumber: number, calls: Float64Array, isScored = true): void {
    const row = calls.map(stabilise);
    const day = this.#ahead(dayNumber, dayNumber);
    const clean = isScored
      ? this.#score(day, row)
      : this.#cleaned(row, this.#bounded(this.#guide.forecast(day)));
    for (const member of this.#members) member.learn({ ...day, row: clean });
    for (const value of clean) if (value > this.#highest) this.#highest = value;
    this.#hours.learn(dayNumber, day.dayType, row);
    this.#days++;
  }

  /**
   * What has been learnt, as the forecast of the days to come.
   * @param origin first day of the forecast, after all learnt ones; default the day after the last
   */
  pattern(origin = this.#hours.lastDay + 1, reachDays = REACH_DAYS): PatternFit {
    const days = this.#days === 0 ? 0 : reachDays;
    return {
      format: 1,
      intervalSeconds: this.#intervalSeconds,
      learntDays: this.#days,
      days: Array.from({ length: days }, (_, later) => this.#patternDay(origin, later)),
      distances: this.#bands.distances,
      intraday: this.#intradayFit(),
      weights: this.#near.named(),
      record: this.#record.summary(),
    };
  }

  #intradayFit(): IntradayFit {
    if (this.#intraday && this.#days - this.#intraday.days < INTRADAY_DAYS)
      return this.#intraday.fit;
    const fit = fitIntraday(this.#bands.standardisedDays(), this.#intervalSeconds);
    this.#intraday = { days: this.#days, fit };
    return fit;
  }

  #patternDay(origin: number, later: number): PatternDay {
    const dayNumber = origin + later;
    const day = this.#ahead(dayNumber, origin);
    const rows = this.#forecasts(day);
    const centre = combine(rows, this.#weights(later));
    const growth = this.#growth.at(later);
    return {
      dayNumber,
      open: this.#hours.hours(dayNumber, day.dayType),
      centre: Array.from(centre, (value) => (Number.isNaN(value) ? null : value)),
      scale: Array.from(this.#bands.scale(centre), (each) => growth * each),
    };
  }

  /** Weights on the origin's day, those of a week ahead, and in between. */
  #weights(later: number): number[] {
    const share = Math.min(1, later / (LATER_DAYS[1] ?? 1));
    const far = this.#far.weights();
    return this.#near.weights().map((weight, k) => weight + share * ((far[k] ?? 0) - weight));
  }

  /** @param origin only days before it are known to have been open */
  #ahead(dayNumber: number, origin: number): DayAhead {
    const known = this.#hours.lastDay;
    let before = dayNumber - 1;
    while (before >= origin && !this.#hours.isOpen(before, this.#facts.typeOf(before))) before--;
    if (before < origin) before = known;
    const dayBefore = Number.isFinite(before) ? before : undefined;
    const features = this.#facts.of(dayNumber, dayBefore);
    return { dayNumber, dayType: this.#facts.typeOf(dayNumber), features };
  }

  /** Compares a day with what every member says of it. @returns the day as it may be learnt */
  #score(day: DayAhead, row: Float64Array): Float64Array {
    const rows = this.#forecasts(day);
    const centre = combine(rows, this.#near.weights());
    const clean = this.#cleaned(row, centre);
    this.#near.score(rows, clean);
    this.#scoreLater(day.dayNumber, clean);
    this.#foretellLater(day.dayNumber);
    if (centre.every(Number.isNaN)) return clean;
    this.#record.score(centre, row);
    this.#growth.scoreNear(meanSquare(this.#bands.standardised(missed(clean, centre))));
    this.#bands.score(missed(row, centre));
    return clean;
  }

  /** What each member says of a day. */
  #forecasts(day: DayAhead): Float64Array[] {
    return this.#members.map((member) => this.#bounded(member.forecast(day)));
  }

  #bounded(row: Float64Array): Float64Array {
    return row.map((value) => Math.max(stabilise(0), Math.min(MOST_ABOVE * this.#highest, value)));
  }

  #cleaned(row: Float64Array, centre: Float64Array): Float64Array {
    return pullIn(row, centre, this.#bands.scale(centre));
  }

  /** Forecasts of later days, kept until those come. */
  #foretellLater(origin: number): void {
    for (const [k, later] of LATER_DAYS.entries()) {
      const dayNumber = origin + later;
      const day = this.#ahead(dayNumber, origin);
      const rows = this.#forecasts(day);
      this.#pending.set(dayNumber, [...(this.#pending.get(dayNumber) ?? []), { k, rows }]);
    }
  }

  #scoreLater(dayNumber: number, clean: Float64Array): void {
    for (const { k, rows } of this.#pending.get(dayNumber) ?? []) {
      if (k === 1) this.#far.score(rows, clean);
      const centre = combine(rows, this.#weights(LATER_DAYS[k] ?? 0));
      const square = meanSquare(this.#bands.standardised(missed(clean, centre)));
      if (!Number.isNaN(square)) this.#growth.scoreLater(k, square);
    }
    for (const day of this.#pending.keys()) if (day <= dayNumber) this.#pending.delete(day);
  }
}

function missed(row: Float64Array, centre: Float64Array): ScoredDay {
  return { centre, error: row.map((value, i) => value - (centre[i] ?? Number.NaN)) };
}

function meanSquare(distances: Float64Array): number {
  let sum = 0;
  let count = 0;
  for (const each of distances) {
    if (Number.isNaN(each)) continue;
    sum += each * each;
    count++;
  }
  return count > 0 ? sum / count : Number.NaN;
}
