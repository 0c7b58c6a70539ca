import { medianSorted } from 'simple-statistics';
import type { LabelledSeries } from './labelled-series.js';
import { FALSE_ROW_CHANCE, type SeriesScorer, twoSidedNormal } from './scorer.js';

const DAYS = 14;
const LEAST_DAYS = 3;
/** Rows before and after the same time of day. */
const AROUND = 1;
/** Median absolute deviation to standard deviation of a normal distribution. */
const MAD_TO_SPREAD = 1.4826;
/** Share of the typical spread that none is taken to be below. */
const LEAST_SPREAD = 0.1;

function likeIt(values: Float64Array, row: number, rowsPerDay: number): Float64Array {
  const like: number[] = [];
  for (let day = 1; day <= DAYS; day++) {
    for (let off = -AROUND; off <= AROUND; off++) {
      const value = values[row - day * rowsPerDay + off];
      if (value !== undefined) like.push(value);
    }
  }
  return Float64Array.from(like).sort();
}

function spreadOf(sorted: Float64Array, middle: number): number {
  const away = sorted.map((value) => Math.abs(value - middle)).sort();
  return MAD_TO_SPREAD * medianOf(away);
}

function medianOf(sorted: Float64Array): number {
  return medianSorted([...sorted]);
}

function scoreRows({ values, rowsPerDay }: LabelledSeries): Float64Array {
  const scores = new Float64Array(values.length);
  let typical = 0;
  for (let row = LEAST_DAYS * rowsPerDay + AROUND; row < values.length; row++) {
    const like = likeIt(values, row, rowsPerDay);
    const middle = medianOf(like);
    const spread = spreadOf(like, middle);
    typical += (spread - typical) / Math.min(rowsPerDay, row - LEAST_DAYS * rowsPerDay);
    const floor = Math.max(spread, LEAST_SPREAD * typical, Number.MIN_VALUE);
    scores[row] = Math.min(1e9, Math.abs((values[row] ?? 0) - middle) / floor);
  }
  return scores;
}

/**
 * Distance from the median of the same time of day in the 14 days before, in standard deviations by
 * the median absolute deviation (Hampel 1974). It is told that a season is a day.
 */
export const seasonalZ: SeriesScorer = {
  name: 'seasonalZ',
  threshold: twoSidedNormal(FALSE_ROW_CHANCE),
  score: scoreRows,
};
