import { probit } from 'simple-statistics';
import type { LabelledSeries } from './labelled-series.js';

/** Chance of a row to be flagged though nothing is wrong: one row of 5 minutes in 30 days. */
export const FALSE_ROW_CHANCE = 1 / 8640;

/** A way to score every row of a series by the rows up to it, and no later ones. */
export interface SeriesScorer {
  readonly name: string;
  /** by the method's own reckoning a healthy row is above it with `FALSE_ROW_CHANCE` */
  readonly threshold: number;
  /** one score per row, greater is less probable; 0 where the past is too short */
  readonly score: (series: LabelledSeries) => Float64Array;
}

/** Standard deviations that a normal value is away from its mean, on either side, with that chance. */
export function twoSidedNormal(chance: number): number {
  return probit(1 - chance / 2);
}
