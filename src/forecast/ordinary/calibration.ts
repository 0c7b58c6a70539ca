import { probit } from 'simple-statistics';
import { LEVELS } from './levels.js';

/** Before any day: a normal distribution somewhat too wide, worth this many days. */
const PRIOR_DAYS = 4;
const PRIOR_SPREAD = 1.15;
const PRIOR_POINTS = 200;
const PRIOR = Float64Array.from(
  { length: PRIOR_POINTS },
  (_, p) => PRIOR_SPREAD * probit((p + 0.5) / PRIOR_POINTS),
);
/** How far a level moves after a day that missed it altogether. */
const STEP = 0.03;
const LEAST = 0.0005;
/** A distance farther out counts as this one: nobody staffs for a broken counter. */
const FARTHEST = 12;

/**
 * Which distance from the centre, in units of the scale, holds each of `LEVELS`: the quantiles of
 * past distances (split conformal prediction, Vovk et al. 2005), at levels that move after every day
 * by how many intervals it held too many or too few (adaptive conformal inference, Gibbs & Candès
 * 2021), so that a change of the world is followed.
 */
export class Calibration {
  readonly #shift = new Float64Array(LEVELS.length);

  /**
   * Moves the levels.
   * @param limits what `distances` said before the day
   * @param day the day's distances, NaN where there is none
   */
  score(limits: readonly number[], day: Float64Array): void {
    const known = day.filter((each) => !Number.isNaN(each));
    if (known.length === 0) return;
    for (const [k, limit] of limits.entries()) {
      const share = known.reduce((sum, each) => sum + (each <= limit ? 1 : 0), 0) / known.length;
      const level = LEVELS[k] ?? 0.5;
      const shift = (this.#shift[k] ?? 0) + STEP * (level - share);
      this.#shift[k] = Math.max(LEAST - level, Math.min(1 - LEAST - level, shift));
    }
  }

  /**
   * For each of `LEVELS`, never falling.
   * @param days past days' distances, all in units of the present scale; a day weighs as much as another
   */
  distances(days: readonly Float64Array[]): number[] {
    const { values, weights } = pool(days);
    const total = weights.reduce((sum, each) => sum + each, 0);
    let k = 0;
    let below = 0;
    let floor = Number.NEGATIVE_INFINITY;
    return LEVELS.map((level, at) => {
      const wanted = (level + (this.#shift[at] ?? 0)) * total;
      // Levels may have moved past each other.
      if (below >= wanted) [k, below] = [0, 0];
      while (k < values.length - 1 && below + (weights[k] ?? 0) < wanted)
        below += weights[k++] ?? 0;
      floor = Math.max(floor, values[k] ?? 0);
      return floor;
    });
  }
}

/** All distances in rising order with their weights, and those believed beforehand. */
function pool(days: readonly Float64Array[]): { values: Float64Array; weights: Float64Array } {
  const known = days.map((day) => day.filter((each) => !Number.isNaN(each)).map(clamped));
  const size = known.reduce((sum, day) => sum + day.length, PRIOR_POINTS);
  const found = new Float64Array(size);
  const worth = new Float64Array(size);
  found.set(PRIOR);
  worth.fill(PRIOR_DAYS / PRIOR_POINTS, 0, PRIOR_POINTS);
  let at = PRIOR_POINTS;
  for (const day of known) {
    found.set(day, at);
    worth.fill(1 / day.length, at, at + day.length);
    at += day.length;
  }
  const order = new Uint32Array(size).map((_, k) => k);
  order.sort((a, b) => (found[a] ?? 0) - (found[b] ?? 0));
  const values = new Float64Array(size);
  const weights = new Float64Array(size);
  for (const [k, from] of order.entries()) {
    values[k] = found[from] ?? 0;
    weights[k] = worth[from] ?? 0;
  }
  return { values, weights };
}

function clamped(distance: number): number {
  return Math.max(-FARTHEST, Math.min(FARTHEST, distance));
}
