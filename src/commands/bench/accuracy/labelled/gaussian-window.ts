import type { LabelledSeries } from './labelled-series.js';
import { FALSE_ROW_CHANCE, type SeriesScorer, twoSidedNormal } from './scorer.js';

const LEAST_ROWS = 32;

function scoreRows({ values, rowsPerDay }: LabelledSeries): Float64Array {
  const scores = new Float64Array(values.length);
  let sum = 0;
  let squares = 0;
  let count = 0;
  for (let row = 0; row < values.length; row++) {
    const value = values[row] ?? 0;
    const mean = sum / count;
    const spread = Math.sqrt(Math.max(0, squares / count - mean * mean));
    if (count >= LEAST_ROWS && spread > 0) scores[row] = Math.abs(value - mean) / spread;
    sum += value;
    squares += value * value;
    count++;
    if (count <= rowsPerDay) continue;
    const old = values[row - rowsPerDay] ?? 0;
    sum -= old;
    squares -= old * old;
    count--;
  }
  return scores;
}

/** Distance from the mean of the day before, in its standard deviations. */
export const gaussianWindow: SeriesScorer = {
  name: 'gaussianWindow',
  threshold: twoSidedNormal(FALSE_ROW_CHANCE),
  score: scoreRows,
};
