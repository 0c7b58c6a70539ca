import type { DayMatrix } from './day-matrix.js';
import { LEVELS } from './ordinary/levels.js';
import { OrdinaryLearner } from './ordinary/ordinary-learner.js';
import { OrdinaryPattern } from './ordinary/pattern.js';

/**
 * Errors as fractions of 1. One is null where nothing defines it: a share of no calls at all, MASE
 * without two days a week apart before the first origin, or where those never differ.
 */
export interface BacktestResult {
  intervalSeconds: number;
  horizonSeconds: number;
  origins: number;
  points: number;
  model: {
    wape: number | null;
    mase: number | null;
    pinball: number | null;
    coverage80: number | null;
    coverage95: number | null;
    weights: Record<string, number>;
  };
  seasonalNaive: { wape: number | null; mase: number | null };
  poissonFloorWape: number | null;
}

const WEEK_DAYS = 7;
const DAY_SECONDS = 86_400;

/** Mean absolute deviation of a Poisson variable from its mean, closed form (Crow 1958). */
export function poissonMeanDeviation(mean: number): number {
  if (mean <= 0) return 0;
  const floor = Math.floor(mean);
  let logFactorial = 0;
  for (let k = 2; k <= floor; k++) logFactorial += Math.log(k);
  return 2 * Math.exp(-mean + (floor + 1) * Math.log(mean) - logFactorial);
}

/** Sums of errors over all scored points. */
class Errors {
  points = 0;
  actual = 0;
  #absolute = 0;
  #naive = 0;
  #naivePoints = 0;
  #naiveActual = 0;
  #pinball = 0;
  #floor = 0;
  #in80 = 0;
  #in95 = 0;

  add(actual: number, median: number, quantiles: (level: number) => number): void {
    this.points++;
    this.actual += actual;
    this.#absolute += Math.abs(actual - median);
    this.#floor += poissonMeanDeviation(actual);
    if (actual >= quantiles(0.1) && actual <= quantiles(0.9)) this.#in80++;
    if (actual >= quantiles(0.025) && actual <= quantiles(0.975)) this.#in95++;
    const scored = LEVELS.filter((level) => level >= 0.05 && level <= 0.95);
    for (const level of scored) {
      const miss = actual - quantiles(level);
      this.#pinball += Math.max(level * miss, (level - 1) * miss) / scored.length;
    }
  }

  addNaive(actual: number, naive: number): void {
    this.#naivePoints++;
    this.#naiveActual += actual;
    this.#naive += Math.abs(actual - naive);
  }

  /** @param lagError scale of MASE; 0 where there is none */
  result(lagError: number, weights: Record<string, number>) {
    const share = (sum: number, of: number): number | null => (of > 0 ? sum / of : null);
    const scaled = (sum: number, points: number): number | null => share(sum, points * lagError);
    return {
      model: {
        wape: share(this.#absolute, this.actual),
        mase: scaled(this.#absolute, this.points),
        pinball: share(this.#pinball, this.actual),
        coverage80: share(this.#in80, this.points),
        coverage95: share(this.#in95, this.points),
        weights,
      },
      seasonalNaive: {
        wape: share(this.#naive, this.#naiveActual),
        mase: scaled(this.#naive, this.#naivePoints),
      },
      poissonFloorWape: share(this.#floor, this.actual),
    };
  }
}

/**
 * Rolling-origin forecasts against what came. An origin is the midnight before each day that has
 * data, from `fromDay` on (default: the last quarter of the days); only days before it are seen;
 * only intervals with data are scored.
 *
 * @param horizonSeconds how far each origin looks ahead; a multiple of the interval
 * @param progress told the number of origins done and in all
 */
export function backtest(
  history: DayMatrix,
  horizonSeconds: number,
  fromDay?: number,
  progress?: (done: number, all: number) => void,
): BacktestResult {
  const { dayNumbers, rows, intervalSeconds } = history;
  const first =
    fromDay === undefined
      ? Math.floor(rows.length * 0.75)
      : dayNumbers.findIndex((day) => day >= fromDay);
  const start = first < 0 ? rows.length : first;
  const model = OrdinaryLearner.of(head(history, start));
  const errors = new Errors();
  let weights: Record<string, number> = {};
  for (let d = start; d < rows.length; d++) {
    if (model.days > 0) weights = scoreOrigin(history, d, horizonSeconds, model, errors);
    model.learn(dayNumbers[d] ?? 0, rows[d] ?? new Float64Array());
    progress?.(d - start + 1, rows.length - start);
  }
  return {
    intervalSeconds,
    horizonSeconds,
    origins: rows.length - start,
    points: errors.points,
    ...errors.result(weekLagError(head(history, start)), weights),
  };
}

function head(history: DayMatrix, days: number): DayMatrix {
  return {
    intervalSeconds: history.intervalSeconds,
    dayNumbers: history.dayNumbers.slice(0, days),
    rows: history.rows.slice(0, days),
  };
}

function scoreOrigin(
  history: DayMatrix,
  origin: number,
  horizonSeconds: number,
  model: OrdinaryLearner,
  errors: Errors,
): Record<string, number> {
  const { dayNumbers, rows, intervalSeconds } = history;
  const originDay = dayNumbers[origin] ?? 0;
  const reach = Math.ceil(horizonSeconds / DAY_SECONDS);
  const pattern = new OrdinaryPattern(model.pattern(originDay, reach));
  for (let d = origin; d < rows.length; d++) {
    const aheadSeconds = ((dayNumbers[d] ?? 0) - originDay) * DAY_SECONDS;
    if (aheadSeconds >= horizonSeconds) break;
    const day = dayNumbers[d] ?? 0;
    const forecast = pattern.dayIfOpen(day);
    const actuals = rows[d] ?? new Float64Array();
    for (const [i, actual] of actuals.entries()) {
      if (Number.isNaN(actual) || aheadSeconds + (i + 1) * intervalSeconds > horizonSeconds)
        continue;
      const median = orZero(forecast?.median[i]);
      errors.add(actual, median, (level) =>
        orZero(forecast?.quantiles[LEVELS.indexOf(level)]?.[i]),
      );
      const naive = naiveAt(history, origin, day, i);
      if (naive !== undefined) errors.addNaive(actual, naive);
    }
  }
  return pattern.fit.weights;
}

/** An interval never seen open is forecast as closed: no calls. */
function orZero(value: number | undefined): number {
  return value === undefined || Number.isNaN(value) ? 0 : value;
}

/** The same interval of the latest week before the origin that has it. */
function naiveAt(history: DayMatrix, origin: number, day: number, i: number): number | undefined {
  for (let d = origin - 1; d >= 0; d--) {
    if ((day - (history.dayNumbers[d] ?? 0)) % WEEK_DAYS !== 0) continue;
    const value = history.rows[d]?.[i] ?? Number.NaN;
    if (!Number.isNaN(value)) return value;
  }
  return undefined;
}

/** Mean absolute difference to the same interval one week before: the scale of MASE; 0 without one. */
function weekLagError(history: DayMatrix): number {
  const at = new Map(history.dayNumbers.map((day, d) => [day, history.rows[d]]));
  let sum = 0;
  let count = 0;
  for (const [d, row] of history.rows.entries()) {
    const before = at.get((history.dayNumbers[d] ?? 0) - WEEK_DAYS);
    for (const [i, value] of row.entries()) {
      const difference = Math.abs(value - (before?.[i] ?? Number.NaN));
      if (Number.isNaN(difference)) continue;
      sum += difference;
      count++;
    }
  }
  return count > 0 ? sum / count : 0;
}
