import { weekdayOf } from './day-matrix.js';
import { compose, decompose } from './low-rank.js';

/** Past days of one queue on the square-root scale; NaN where an interval has no data. */
export interface PastDays {
  readonly dayNumbers: readonly number[];
  readonly rows: readonly Float64Array[];
}

/** A way to forecast a whole day from the days before it; NaN where it has nothing to say. */
export type Member = (past: PastDays, dayNumber: number) => Float64Array;

const RANK = 4;
const WINDOW_DAYS = 200;
/** Weight of the newest same weekday against the mean of the older ones. */
const WEEKDAY_ALPHA = 0.25;
const LEVEL_ALPHA = 0.12;

function columnsOf(past: PastDays): number {
  return past.rows[0]?.length ?? 0;
}

/** Same interval of the latest earlier week that has it. */
export const seasonalNaive: Member = (past, dayNumber) => {
  const result = new Float64Array(columnsOf(past)).fill(Number.NaN);
  for (let d = past.rows.length - 1; d >= 0; d--) {
    if ((dayNumber - (past.dayNumbers[d] ?? 0)) % 7 !== 0) continue;
    const row = past.rows[d] ?? [];
    let open = false;
    for (let i = 0; i < result.length; i++) {
      if (Number.isNaN(result[i] ?? 0)) result[i] = row[i] ?? Number.NaN;
      if (Number.isNaN(result[i] ?? 0)) open = true;
    }
    if (!open) break;
  }
  return result;
};

/** Exponentially weighted mean of the same weekday, by interval. */
export const weekdayMean: Member = (past, dayNumber) => {
  const mean = new Float64Array(columnsOf(past)).fill(Number.NaN);
  for (const [d, row] of past.rows.entries()) {
    if ((dayNumber - (past.dayNumbers[d] ?? 0)) % 7 !== 0) continue;
    for (let i = 0; i < mean.length; i++) {
      const value = row[i] ?? Number.NaN;
      const before = mean[i] ?? Number.NaN;
      if (Number.isNaN(value)) continue;
      mean[i] = Number.isNaN(before) ? value : before + WEEKDAY_ALPHA * (value - before);
    }
  }
  return mean;
};

/** Weekday means with a common mean to lean on while a weekday has little data. */
class WeekdayLevels {
  readonly #means = new Float64Array(7);
  readonly #weights = new Float64Array(7);
  #all = 0;
  #count = 0;

  expected(weekday: number): number {
    const weight = this.#weights[weekday] ?? 0;
    const own = this.#means[weekday] ?? 0;
    // One week's worth of trust in the common mean.
    return (weight * own + this.#all) / (weight + 1);
  }

  learn(weekday: number, value: number): void {
    const step = Math.max(LEVEL_ALPHA, 1 / ((this.#weights[weekday] ?? 0) + 1));
    const mean = this.#means[weekday] ?? 0;
    this.#means[weekday] = mean + step * (value - mean);
    this.#weights[weekday] = Math.min(1 / LEVEL_ALPHA, (this.#weights[weekday] ?? 0) + 1);
    this.#count++;
    this.#all += Math.max(LEVEL_ALPHA / 5, 1 / this.#count) * (value - this.#all);
  }
}

/**
 * One score's next value: weekday level plus what is left of the last deviation, which fades by
 * the autocorrelation of deviations (AR(1)) for each day ahead.
 */
function nextScore(
  dayNumbers: readonly number[],
  scores: readonly number[],
  dayNumber: number,
): number {
  const levels = new WeekdayLevels();
  let last = 0;
  let product = 0;
  let square = 1e-9;
  for (const [d, score] of scores.entries()) {
    const weekday = weekdayOf(dayNumbers[d] ?? 0);
    if (d >= 7) {
      const deviation = score - levels.expected(weekday);
      product = product * 0.99 + deviation * last;
      square = square * 0.99 + last * last;
      last = deviation;
    }
    levels.learn(weekday, score);
  }
  const fade = Math.min(0.95, Math.max(0, product / square));
  const ahead = Math.max(1, dayNumber - (dayNumbers.at(-1) ?? dayNumber));
  return levels.expected(weekdayOf(dayNumber)) + fade ** Math.min(ahead, 30) * last;
}

/** Few shared day shapes whose weights are forecast from day to day (see `decompose`). */
export const lowRank: Member = (past, dayNumber) => {
  const rows = past.rows.slice(-WINDOW_DAYS);
  const dayNumbers = past.dayNumbers.slice(-WINDOW_DAYS);
  if (rows.length < 10) return new Float64Array(columnsOf(past)).fill(Number.NaN);
  const { shapes, scores } = decompose(rows, RANK);
  const next = Float64Array.from(shapes, (_, k) =>
    nextScore(
      dayNumbers,
      scores.map((each) => each[k] ?? 0),
      dayNumber,
    ),
  );
  return compose(shapes, next);
};

/** Weekday profile scaled by how recent days stood against their own profiles. */
export const levelProfile: Member = (past, dayNumber) => {
  const profile = weekdayMean(past, dayNumber);
  let ratio = 1;
  const from = Math.max(1, past.rows.length - 15);
  for (let d = from; d < past.rows.length; d++) {
    const before = { dayNumbers: past.dayNumbers.slice(0, d), rows: past.rows.slice(0, d) };
    const expected = weekdayMean(before, past.dayNumbers[d] ?? 0);
    let sum = 0;
    let base = 0;
    for (const [i, value] of (past.rows[d] ?? []).entries()) {
      const usual = expected[i] ?? Number.NaN;
      if (Number.isNaN(value) || Number.isNaN(usual)) continue;
      sum += value;
      base += usual;
    }
    if (base > 0) ratio += 0.3 * (Math.min(1.5, Math.max(0.5, sum / base)) - ratio);
  }
  return profile.map((value) => value * ratio);
};
