/** Assumed before anything is known, with the weight of so many intervals of that size. */
const FIRST = 0.05;
const FIRST_INTERVALS = 50;
/** A count further off than this many standard deviations teaches no more than one at it. */
const MOST_SIGMA = 4;

/** For storing. */
export interface StoredDispersion {
  readonly excess: number;
  readonly squares: number;
}

/**
 * How much more counts vary than chance alone makes them, in units of the mean squared: moments of
 * what was counted against what was expected (Cameron & Trivedi, Regression Analysis of Count Data,
 * 2013, equation 3.15), weighted by the mean squared, with decay.
 */
export class Dispersion {
  readonly #keep: number;
  readonly #least: number;
  #excess: number;
  #squares: number;

  /** @param halfLife in values learnt for one area, or for all @param least never below */
  constructor(halfLife: number, least: number, stored?: StoredDispersion) {
    this.#keep = 0.5 ** (1 / halfLife);
    this.#least = least;
    this.#excess = stored?.excess ?? 0;
    this.#squares = stored?.squares ?? 0;
  }

  get value(): number {
    const prior = FIRST_INTERVALS;
    return Math.max(this.#least, (this.#excess + FIRST * prior) / (this.#squares + prior));
  }

  learn(count: number, mean: number): void {
    if (mean <= 0) return;
    const variance = mean + this.value * mean * mean;
    const square = Math.min((count - mean) ** 2, MOST_SIGMA ** 2 * variance);
    this.#excess = this.#keep * this.#excess + square - mean;
    this.#squares = this.#keep * this.#squares + mean * mean;
  }

  stored(): StoredDispersion {
    return { excess: this.#excess, squares: this.#squares };
  }
}
