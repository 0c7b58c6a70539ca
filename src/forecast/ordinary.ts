import { probit, quantileSorted } from 'simple-statistics';
import { type DayMatrix, weekdayOf } from './day-matrix.js';
import {
  levelProfile,
  lowRank,
  type Member,
  type PastDays,
  seasonalNaive,
  weekdayMean,
} from './members.js';

/** Quantile levels of every forecast, rising. */
export const LEVELS: readonly number[] = [
  0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8,
  0.85, 0.9, 0.95, 0.975,
];

/** One day's calls by interval; NaN where the queue is expected to be closed. */
export interface DayForecast {
  readonly dayNumber: number;
  readonly median: Float64Array;
  /** one row per level of `LEVELS`, never falling from row to row, never below 0 */
  readonly quantiles: readonly Float64Array[];
}

const MEMBERS: readonly (readonly [string, Member])[] = [
  ['lowRank', lowRank],
  ['levelProfile', levelProfile],
  ['weekdayMean', weekdayMean],
  ['seasonalNaive', seasonalNaive],
];

/** Days whose forecasts are compared with what came, for weights and bands. */
const SCORED_DAYS = 56;
/** A member's weight falls with this power of its mean squared error. */
const WEIGHT_POWER = 6;
const ERROR_MEMORY = 0.96;
/** Weight of the common scale against an interval's own, in days. */
const SCALE_PRIOR_DAYS = 10;
/** Spread of a Poisson count on the square-root scale is 1/2, whatever its mean (Anscombe 1948). */
const POISSON_SPREAD = 0.5;

/** Anscombe's transform: makes counts of any size equally variable. */
export function stabilise(calls: number): number {
  return Math.sqrt(calls + 0.375);
}

/** Back from `stabilise`; never below 0. */
export function destabilise(value: number): number {
  return Math.max(0, Math.max(0, value) ** 2 - 0.375);
}

/**
 * Ordinary calls of one queue, day by day: several members on the square-root scale, weighted by
 * their recent one-day-ahead errors, with bands from the combination's own past errors (so they
 * hold what they promise even where the members are wrong in shape).
 * Deterministic; uses only days already learnt.
 */
export class OrdinaryModel {
  readonly #dayNumbers: number[] = [];
  readonly #rows: Float64Array[] = [];
  readonly #errors: { dayNumber: number; row: Float64Array }[] = [];
  readonly #memberErrors = new Map<string, number>();

  /** A model that knows these days, its newest ones already scored. */
  static fit(history: DayMatrix): OrdinaryModel {
    const model = new OrdinaryModel();
    const scoredFrom = history.rows.length - SCORED_DAYS;
    for (const [d, row] of history.rows.entries()) {
      model.learn(history.dayNumbers[d] ?? 0, row, d >= scoredFrom);
    }
    return model;
  }

  get days(): number {
    return this.#rows.length;
  }

  /** Takes in a day that is over. @param score whether to compare it with what was forecast */
  learn(dayNumber: number, calls: Float64Array, score = true): void {
    const row = calls.map(stabilise);
    if (score && this.#rows.length >= 7) this.#score(dayNumber, row);
    this.#dayNumbers.push(dayNumber);
    this.#rows.push(row);
  }

  /** Share of each member in the forecast. */
  weights(): Record<string, number> {
    const raw = MEMBERS.map(([name]) => {
      const error = this.#memberErrors.get(name);
      return [name, error === undefined ? 1 : error ** -WEIGHT_POWER] as const;
    });
    const total = raw.reduce((sum, [, weight]) => sum + weight, 0);
    return Object.fromEntries(raw.map(([name, weight]) => [name, weight / total]));
  }

  /** A whole day, from everything learnt so far. @param dayNumber after the last learnt day */
  forecast(dayNumber: number): DayForecast {
    const centre = this.#combine(this.#past(), dayNumber);
    const open = this.#openColumns(dayNumber);
    const scale = this.#scales(centre.length);
    const shape = this.#errorQuantiles(scale);
    const at = (z: number): Float64Array =>
      centre.map((value, i) => (open[i] ? destabilise(value + z * (scale[i] ?? 1)) : Number.NaN));
    return { dayNumber, median: at(0), quantiles: shape.map(at) };
  }

  #past(): PastDays {
    return { dayNumbers: this.#dayNumbers, rows: this.#rows };
  }

  #combine(past: PastDays, dayNumber: number): Float64Array {
    const weights = this.weights();
    const columns = past.rows[0]?.length ?? 0;
    const sum = new Float64Array(columns);
    const total = new Float64Array(columns);
    for (const [name, member] of MEMBERS) {
      const weight = weights[name] ?? 0;
      for (const [i, value] of member(past, dayNumber).entries()) {
        if (Number.isNaN(value)) continue;
        sum[i] = (sum[i] ?? 0) + weight * value;
        total[i] = (total[i] ?? 0) + weight;
      }
    }
    const fallback = overallMean(past);
    return sum.map((value, i) =>
      (total[i] ?? 0) > 0 ? value / (total[i] ?? 1) : (fallback[i] ?? 0),
    );
  }

  #score(dayNumber: number, row: Float64Array): void {
    const past = this.#past();
    const combined = this.#combine(past, dayNumber);
    this.#errors.push({ dayNumber, row: row.map((value, i) => value - (combined[i] ?? 0)) });
    if (this.#errors.length > SCORED_DAYS) this.#errors.shift();
    for (const [name, member] of MEMBERS) {
      const error = meanSquare(member(past, dayNumber), row);
      if (Number.isNaN(error)) continue;
      const before = this.#memberErrors.get(name) ?? error;
      this.#memberErrors.set(name, before * ERROR_MEMORY + error * (1 - ERROR_MEMORY) + 1e-9);
    }
  }

  /** Open: an interval that one of the last weeks had on this weekday, else any recent day. */
  #openColumns(dayNumber: number): boolean[] {
    const weekday = weekdayOf(dayNumber);
    const recent = this.#rows
      .map((row, d) => ({ row, dayNumber: this.#dayNumbers[d] ?? 0 }))
      .filter((day) => dayNumber - day.dayNumber <= 35);
    const same = recent.filter((day) => weekdayOf(day.dayNumber) === weekday);
    const days =
      same.length > 0 ? same : recent.length > 0 ? recent : this.#rows.map((row) => ({ row }));
    const columns = this.#rows[0]?.length ?? 0;
    return Array.from({ length: columns }, (_, i) =>
      days.some(({ row }) => !Number.isNaN(row[i] ?? Number.NaN)),
    );
  }

  /** Spread of past errors by interval, leaning on the common spread while days are few. */
  #scales(columns: number): Float64Array {
    let square = POISSON_SPREAD ** 2 * 2;
    let count = 2;
    const squares = new Float64Array(columns);
    const counts = new Float64Array(columns);
    for (const { row } of this.#errors) {
      for (const [i, error] of row.entries()) {
        if (Number.isNaN(error)) continue;
        squares[i] = (squares[i] ?? 0) + error * error;
        counts[i] = (counts[i] ?? 0) + 1;
        square += error * error;
        count++;
      }
    }
    const common = square / count;
    return squares.map((sum, i) =>
      Math.sqrt((sum + SCALE_PRIOR_DAYS * common) / ((counts[i] ?? 0) + SCALE_PRIOR_DAYS)),
    );
  }

  /** Quantiles of past errors in units of their scale, about their median; normal while few. */
  #errorQuantiles(scale: Float64Array): number[] {
    const standardised: number[] = [];
    for (const { row } of this.#errors) {
      for (const [i, error] of row.entries()) {
        if (!Number.isNaN(error)) standardised.push(error / (scale[i] ?? 1));
      }
    }
    if (this.#errors.length < 10) return LEVELS.map((level) => 1.3 * probit(level));
    standardised.sort((a, b) => a - b);
    // (n + 1) q, the conformal rank: Vovk et al. 2005; days count, not their correlated intervals.
    const widen = (this.#errors.length + 1) / this.#errors.length;
    return LEVELS.map((level) => {
      const place = 0.5 + (level - 0.5) * widen;
      return quantileSorted(standardised, Math.min(1, Math.max(0, place)));
    });
  }
}

function overallMean(past: PastDays): Float64Array {
  const columns = past.rows[0]?.length ?? 0;
  return Float64Array.from({ length: columns }, (_, i) => {
    const known = past.rows
      .map((row) => row[i] ?? Number.NaN)
      .filter((value) => !Number.isNaN(value));
    return known.length > 0 ? known.reduce((a, b) => a + b, 0) / known.length : stabilise(0);
  });
}

function meanSquare(forecast: Float64Array, actual: Float64Array): number {
  let sum = 0;
  let count = 0;
  for (const [i, value] of actual.entries()) {
    const error = value - (forecast[i] ?? Number.NaN);
    if (Number.isNaN(error)) continue;
    sum += error * error;
    count++;
  }
  return count > 0 ? sum / count : Number.NaN;
}
