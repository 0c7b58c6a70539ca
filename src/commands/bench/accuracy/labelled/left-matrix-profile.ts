import type { LabelledSeries } from './labelled-series.js';
import { FALSE_ROW_CHANCE, type SeriesScorer, twoSidedNormal } from './scorer.js';

/** Subsequences of 2 hours. */
const SUBSEQUENCES_PER_DAY = 12;
const WARM_UP_DAYS = 2;
/** Share of the series' spread so far that no subsequence is taken to be below. */
const LEAST_SPREAD = 0.02;

interface Moments {
  readonly mean: Float64Array;
  readonly spread: Float64Array;
}

/** Mean and spread of every subsequence of `m` rows, by its last row; spread floored by the past's. */
function momentsOf(values: Float64Array, m: number): Moments {
  const mean = new Float64Array(values.length);
  const spread = new Float64Array(values.length);
  let [sum, squares, all, allSquares] = [0, 0, 0, 0];
  for (let row = 0; row < values.length; row++) {
    const value = values[row] ?? 0;
    const old = row >= m ? (values[row - m] ?? 0) : 0;
    sum += value - old;
    squares += value * value - old * old;
    all += value;
    allSquares += value * value;
    const past = allSquares / (row + 1) - (all / (row + 1)) ** 2;
    mean[row] = sum / m;
    const own = squares / m - (sum / m) ** 2;
    spread[row] = Math.sqrt(Math.max(own, LEAST_SPREAD ** 2 * past, 1e-300));
  }
  return { mean, spread };
}

/**
 * Distance of the subsequence that ends at each row from the nearest one wholly before it, both
 * z-normalised: the left matrix profile (Zhu et al. 2016; the distance that DAMP, Lu et al. 2022,
 * looks for), along diagonals as in STOMP.
 * @returns infinity where there is none before it
 */
export function leftProfile(values: Float64Array, m: number): Float64Array {
  const { mean, spread } = momentsOf(values, m);
  const nearest = new Float64Array(values.length).fill(Number.NEGATIVE_INFINITY);
  for (let lag = m; lag < values.length; lag++) {
    let dot = 0;
    for (let row = lag; row < values.length; row++) {
      dot += (values[row] ?? 0) * (values[row - lag] ?? 0);
      const first = row - m + 1;
      if (first > lag) dot -= (values[first - 1] ?? 0) * (values[first - 1 - lag] ?? 0);
      if (first < lag) continue;
      const together = dot / m - (mean[row] ?? 0) * (mean[row - lag] ?? 0);
      const likeness = together / ((spread[row] ?? 1) * (spread[row - lag] ?? 1));
      if (likeness > (nearest[row] ?? 0)) nearest[row] = likeness;
    }
  }
  return nearest.map((likeness) => Math.sqrt(2 * m * Math.max(0, 1 - likeness)));
}

function scoreRows({ values, rowsPerDay }: LabelledSeries): Float64Array {
  const profile = leftProfile(values, Math.max(4, Math.round(rowsPerDay / SUBSEQUENCES_PER_DAY)));
  const scores = new Float64Array(values.length);
  let [count, mean, squares] = [0, 0, 0];
  for (let row = WARM_UP_DAYS * rowsPerDay; row < values.length; row++) {
    const distance = profile[row] ?? 0;
    const spread = Math.sqrt(squares / Math.max(1, count));
    if (count > rowsPerDay && spread > 0) scores[row] = Math.max(0, (distance - mean) / spread);
    count++;
    const off = distance - mean;
    mean += off / count;
    squares += off * (distance - mean);
  }
  return scores;
}

/** Left matrix profile over 2 hours, in standard deviations from the mean of its own past. */
export const leftMatrixProfile: SeriesScorer = {
  name: 'leftMatrixProfile',
  threshold: twoSidedNormal(FALSE_ROW_CHANCE),
  score: scoreRows,
};
