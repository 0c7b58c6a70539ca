/** A scored day: centre and error by interval on the stabilised scale, NaN where there is none. */
export interface ScoredDay {
  readonly centre: Float64Array;
  readonly error: Float64Array;
}

/** Beliefs before any error: about Poisson's quarter, and days off by a tenth. */
const START = { noise: 0.3, level: 0.0025 };
const LEAST_NOISE = 0.1;
/** The beliefs count as much as this many days. */
const PRIOR_DAYS = 5;
/** An interval's own spread is told from the common one by this many days. */
const OWN_PRIOR_DAYS = 12;
/** An error farther out counts as this many spreads. */
const FARTHEST = 5;
const ROUNDS = 3;

/**
 * Spread of errors on the stabilised scale: variance = noise + level · centre², since counting noise
 * is the same for any size and an error of the day's level grows with it; times what an interval of
 * the day has of its own. How much more variable than Poisson calls are is so learnt from them.
 */
export class ErrorScale {
  readonly #noise: number;
  readonly #level: number;
  readonly #own: Float64Array;

  /** @param days the newest scored days */
  constructor(days: readonly ScoredDay[], columns: number) {
    let { noise, level } = START;
    for (let round = 0; round < ROUNDS; round++) {
      ({ noise, level } = regress(days, noise, level));
    }
    this.#noise = noise;
    this.#level = level;
    this.#own = this.#ownShares(days, columns);
  }

  /** Standard deviation, above 0. @param i interval of the day */
  at(i: number, centre: number): number {
    return Math.sqrt((this.#own[i] ?? 1) * this.#variance(centre));
  }

  #variance(centre: number): number {
    return this.#noise + this.#level * centre * centre;
  }

  #ownShares(days: readonly ScoredDay[], columns: number): Float64Array {
    const sums = new Float64Array(columns).fill(OWN_PRIOR_DAYS);
    const counts = new Float64Array(columns).fill(OWN_PRIOR_DAYS);
    for (const { centre, error } of days) {
      for (const [i, each] of error.entries()) {
        if (Number.isNaN(each)) continue;
        const square = (each * each) / this.#variance(centre[i] ?? 0);
        sums[i] = (sums[i] ?? 0) + Math.min(FARTHEST ** 2, square);
        counts[i] = (counts[i] ?? 0) + 1;
      }
    }
    return sums.map((sum, i) => sum / (counts[i] ?? 1));
  }
}

/** Weighted least squares of squared errors on squared centres, weights from the fit before. */
function regress(days: readonly ScoredDay[], noise: number, level: number) {
  let [w, wx, wxx, wy, wxy] = [0, 0, 0, 0, 0];
  for (const { centre, error } of days) {
    let count = 0;
    for (const each of error) if (!Number.isNaN(each)) count++;
    for (const [i, each] of error.entries()) {
      if (Number.isNaN(each)) continue;
      const x = (centre[i] ?? 0) ** 2;
      const expected = noise + level * x;
      const y = Math.min(each * each, FARTHEST ** 2 * expected);
      const weight = 1 / (count * expected * expected);
      w += weight;
      wx += weight * x;
      wxx += weight * x * x;
      wy += weight * y;
      wxy += weight * x * y;
    }
  }
  const noiseTrust = PRIOR_DAYS / START.noise ** 2;
  const levelTrust = PRIOR_DAYS / START.level ** 2;
  const [a, d] = [w + noiseTrust, wxx + levelTrust];
  const [e, f] = [wy + noiseTrust * START.noise, wxy + levelTrust * START.level];
  const determinant = a * d - wx * wx;
  const newNoise = (e * d - f * wx) / determinant;
  const newLevel = (a * f - wx * e) / determinant;
  if (newLevel < 0) return { noise: Math.max(LEAST_NOISE, e / a), level: 0 };
  if (newNoise < LEAST_NOISE)
    return { noise: LEAST_NOISE, level: Math.max(0, (f - wx * LEAST_NOISE) / d) };
  return { noise: newNoise, level: newLevel };
}
