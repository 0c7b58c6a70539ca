/** A run counts as new when it outlasts the longest past one by this factor. */
const BEYOND_LONGEST = 1.25;
/** Completed runs, single values included, before anything is said. */
const LEAST_RUNS = 30;

/**
 * How improbable it is that a value stays exactly the same for so long: the chance to go on
 * repeating (Laplace's rule over completed runs) for each row beyond the longest past run.
 */
export class FlatRun {
  #last = Number.NaN;
  #length = 0;
  #longest = 1;
  #runs = 0;
  #rows = 0;

  /** @returns surprise in nats, >= 0, of the run if this value comes next */
  surprise(value: number): number {
    if (value !== this.#last || this.#runs < LEAST_RUNS) return 0;
    const beyond = this.#length + 1 - Math.max(2, this.#longest * BEYOND_LONGEST);
    if (beyond <= 0) return 0;
    const repeats = (this.#rows - this.#runs + 1) / (this.#rows + 2);
    return beyond * -Math.log(Math.max(repeats, 0.5));
  }

  learn(value: number): void {
    if (value === this.#last) {
      this.#length++;
      return;
    }
    if (this.#length > 0) {
      this.#runs++;
      this.#rows += this.#length;
      this.#longest = Math.max(this.#longest, this.#length);
    }
    this.#length = 1;
    this.#last = value;
  }
}
