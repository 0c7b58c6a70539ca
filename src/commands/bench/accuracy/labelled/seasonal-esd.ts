import { medianSorted } from 'simple-statistics';
import type { LabelledSeries } from './labelled-series.js';
import { FALSE_ROW_CHANCE, type SeriesScorer, twoSidedNormal } from './scorer.js';

const DAYS = 14;
const LEAST_DAYS = 3;
/** Decompositions a day. */
const REFITS_PER_DAY = 24;
/** Greatest share of the window that may be anomalous. */
const MOST_ANOMALOUS = 0.02;
const MAD_TO_SPREAD = 1.4826;
/** Below this many spreads a row is no candidate: no critical value is as low. */
const CANDIDATE = 2;
const QUANTILE = twoSidedNormal(FALSE_ROW_CHANCE);

interface Fit {
  /** seasonal part by time of day, around zero */
  readonly season: Float64Array;
  readonly middle: number;
  /** residuals of the window, ascending */
  readonly residuals: Float64Array;
}

const medianOf = (values: Float64Array): number => medianSorted([...values.sort()]);

function fitWindow(values: Float64Array, until: number, rowsPerDay: number): Fit {
  const from = Math.max(0, until - DAYS * rowsPerDay);
  const window = values.slice(from, until);
  const middle = medianOf(window.slice());
  const season = new Float64Array(rowsPerDay);
  for (let phase = 0; phase < rowsPerDay; phase++) {
    const alike: number[] = [];
    const first = from + ((phase - (from % rowsPerDay) + rowsPerDay) % rowsPerDay);
    for (let row = first; row < until; row += rowsPerDay) alike.push(values[row] ?? 0);
    season[phase] = alike.length === 0 ? 0 : medianOf(Float64Array.from(alike)) - middle;
  }
  const residuals = window.map(
    (value, at) => value - middle - (season[(from + at) % rowsPerDay] ?? 0),
  );
  return { season, middle, residuals: residuals.sort() };
}

/** Median of a sorted part, and the spread by the median distance from it. */
function robust(sorted: Float64Array, lo: number, hi: number): { middle: number; spread: number } {
  const half = (hi - lo) >> 1;
  const middle = sorted[lo + half] ?? 0;
  let left = lo + half;
  let right = left;
  let away = 0;
  for (let taken = 0; taken < half; taken++) {
    const down = left > lo ? middle - (sorted[left - 1] ?? 0) : Number.POSITIVE_INFINITY;
    const up = right < hi - 1 ? (sorted[right + 1] ?? 0) - middle : Number.POSITIVE_INFINITY;
    away = Math.min(down, up);
    if (down <= up) left--;
    else right++;
  }
  return { middle, spread: Math.max(MAD_TO_SPREAD * away, Number.MIN_VALUE) };
}

/**
 * Critical value of the `i`-th of `n` in the generalised ESD test (Rosner 1983), Student's t from the
 * normal quantile by Abramowitz & Stegun 26.7.5.
 * @param quantile of the normal distribution at the significance of one value, two-sided
 */
export function criticalEsd(n: number, i: number, quantile: number): number {
  const freedom = n - i - 1;
  const t = quantile + (quantile ** 3 + quantile) / (4 * freedom);
  return ((n - i) * t) / Math.sqrt((freedom + t * t) * (n - i + 1));
}

/** How far a residual is beyond the critical value of the generalised ESD test, 1 at the value. */
function esdScore(window: Float64Array, residual: number): number {
  const { middle, spread } = robust(window, 0, window.length);
  const size = Math.abs(residual - middle) / spread;
  const alone = Math.min(0.99, size / criticalEsd(window.length + 1, 1, QUANTILE));
  if (size < CANDIDATE) return alone;
  const sorted = Float64Array.from([...window, residual]).sort();
  const most = Math.ceil(MOST_ANOMALOUS * sorted.length);
  let [lo, hi, best] = [0, sorted.length, 0];
  let isRemoved = false;
  for (let i = 1; i <= most; i++) {
    const now = robust(sorted, lo, hi);
    const [low = 0, high = 0] = [sorted[lo], sorted[hi - 1]];
    const isLow = now.middle - low > high - now.middle;
    const extreme = isLow ? low : high;
    if (extreme === residual) isRemoved = true;
    const ratio =
      Math.abs(extreme - now.middle) / now.spread / criticalEsd(sorted.length, i, QUANTILE);
    if (isRemoved) best = Math.max(best, ratio);
    if (isRemoved && ratio < 1) break;
    if (isLow) lo++;
    else hi--;
  }
  return Math.min(1e9, Math.max(alone, best));
}

function scoreRows({ values, rowsPerDay }: LabelledSeries): Float64Array {
  const scores = new Float64Array(values.length);
  const every = Math.max(1, Math.floor(rowsPerDay / REFITS_PER_DAY));
  let fit: Fit | undefined;
  for (let row = LEAST_DAYS * rowsPerDay; row < values.length; row++) {
    if (fit === undefined || row % every === 0) fit = fitWindow(values, row, rowsPerDay);
    const residual = (values[row] ?? 0) - fit.middle - (fit.season[row % rowsPerDay] ?? 0);
    scores[row] = esdScore(fit.residuals, residual);
  }
  return scores;
}

/**
 * S-H-ESD (Hochenbaum, Vallis & Kejariwal 2017) on the 14 days before each row: median instead of
 * trend, seasonal part, generalised ESD with median and median absolute deviation on the residuals.
 * Deviations from the paper: the seasonal part is the median of each time of day instead of STL,
 * decomposed anew every hour; the significance of one row is `FALSE_ROW_CHANCE` instead of α over
 * the window. It is told that a season is a day.
 */
export const seasonalEsd: SeriesScorer = { name: 'seasonalEsd', threshold: 1, score: scoreRows };
