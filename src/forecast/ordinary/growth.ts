/** Days after the origin at which errors are compared with those of the origin's own day. */
export const LATER_DAYS: readonly number[] = [2, 6, 13];
const MEMORY = 0.97;
/** Beliefs before any error: variance against that of the origin's day, worth some days. */
const BELIEFS = [1.1, 1.25, 1.5];
const PRIOR_DAYS = 10;
/** Most that a band widens. */
const MOST = 3;

/** How the variance of errors grows with days ahead. */
export class Growth {
  readonly #sums = Float64Array.from(BELIEFS, (each) => each * PRIOR_DAYS);
  readonly #weights = new Float64Array(BELIEFS.length).fill(PRIOR_DAYS);
  #near = PRIOR_DAYS;
  #nearWeight = PRIOR_DAYS;

  /** @param square a day's mean squared distance in units of the scale, forecast on its own morning */
  scoreNear(square: number): void {
    this.#near = MEMORY * this.#near + square;
    this.#nearWeight = MEMORY * this.#nearWeight + 1;
  }

  /** The same, forecast earlier. @param k place in `LATER_DAYS` */
  scoreLater(k: number, square: number): void {
    this.#sums[k] = MEMORY * (this.#sums[k] ?? 0) + square;
    this.#weights[k] = MEMORY * (this.#weights[k] ?? 0) + 1;
  }

  /** Factor on the standard deviation, 1 or more, never falling. @param later days after the origin */
  at(later: number): number {
    const near = this.#near / this.#nearWeight;
    let [fromDay, from] = [0, 1];
    for (const [k, day] of LATER_DAYS.entries()) {
      const ratio = (this.#sums[k] ?? 0) / (this.#weights[k] ?? 1) / near;
      const to = Math.max(from, Math.min(MOST, Math.sqrt(ratio)));
      if (later <= day) return from + ((to - from) * (later - fromDay)) / (day - fromDay);
      [fromDay, from] = [day, to];
    }
    return from;
  }
}
