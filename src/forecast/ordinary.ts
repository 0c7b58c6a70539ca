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
import { POISSON_SPREAD, stabilise } from './ordinary/count-scale.js';
import { fitIntraday } from './ordinary/intraday.js';
import { LEVELS } from './ordinary/levels.js';
import type { PatternDay, PatternFit } from './ordinary/pattern-fit.js';

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
/** How many days after the history a fit reaches. */
const REACH_DAYS = 28;

/**
 * Ordinary calls of one queue, day by day: several members on the square-root scale, weighted by
 * their recent one-day-ahead errors, with bands from the combination's own past errors (so they
 * hold what they promise even where the members are wrong in shape).
 * Deterministic; uses only days already learnt.
 */
export class OrdinaryModel {
  readonly #intervalSeconds: number;
  readonly #dayNumbers: number[] = [];
  readonly #rows: Float64Array[] = [];
  readonly #errors: { dayNumber: number; row: Float64Array }[] = [];
  readonly #memberErrors = new Map<string, number>();

  constructor(intervalSeconds: number) {
    this.#intervalSeconds = intervalSeconds;
  }

  /** A model that knows these days, its newest ones already scored. */
  static fit(history: DayMatrix): OrdinaryModel {
    const model = new OrdinaryModel(history.intervalSeconds);
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

  /** What has been learnt so far, as the forecast of the days to come. */
  pattern(reachDays = REACH_DAYS): PatternFit {
    const columns = this.#rows[0]?.length ?? 0;
    const first = (this.#dayNumbers.at(-1) ?? 0) + 1;
    const scale = this.#scales(columns);
    const past = this.#past();
    const day = (dayNumber: number): PatternDay => {
      const open = this.#openColumns(dayNumber);
      const centre = this.#combine(past, dayNumber);
      return {
        dayNumber,
        centre: Array.from(centre, (value, i) => (open[i] ? value : null)),
        scale: [...scale],
      };
    };
    const standardised = this.#errors.map(({ row }) => row.map((e, i) => e / (scale[i] ?? 1)));
    return {
      format: 1,
      intervalSeconds: this.#intervalSeconds,
      learntDays: this.days,
      days: columns > 0 ? Array.from({ length: reachDays }, (_, d) => day(first + d)) : [],
      distances: this.#errorQuantiles(scale),
      intraday: fitIntraday(standardised),
      weights: this.weights(),
    };
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
