/** Rows of memory: the weights follow changes of behaviour over about this many rows. */
const MEMORY = 4000;
/** Strength, in rows, of the belief that the features say nothing. */
const RIDGE = 8;
const SOLVE_EVERY = 16;

/**
 * Predicts a deviation from a few features by discounted robust ridge regression; the normal
 * equations are kept and solved by Cholesky's method now and then. Features and target are in
 * units of the series' own scale.
 */
export class RecentPredictor {
  readonly #size: number;
  readonly #normal: Float64Array;
  readonly #moment: Float64Array;
  readonly #weights: Float64Array;
  #rows = 0;

  /** @param size number of features */
  constructor(size: number) {
    this.#size = size;
    this.#normal = new Float64Array(size * size);
    this.#moment = new Float64Array(size);
    this.#weights = new Float64Array(size);
  }

  predict(features: Float64Array): number {
    let sum = 0;
    for (let i = 0; i < this.#size; i++) sum += (this.#weights[i] ?? 0) * (features[i] ?? 0);
    return sum;
  }

  /** @param weight 0 to 1, small for outliers */
  learn(features: Float64Array, target: number, weight: number): void {
    const keep = 1 - 1 / MEMORY;
    for (let i = 0; i < this.#size; i++) {
      const weighted = weight * (features[i] ?? 0);
      this.#moment[i] = (this.#moment[i] ?? 0) * keep + weighted * target;
      for (let j = 0; j <= i; j++) {
        const at = i * this.#size + j;
        this.#normal[at] = (this.#normal[at] ?? 0) * keep + weighted * (features[j] ?? 0);
      }
    }
    if (++this.#rows % SOLVE_EVERY === 0) this.#solve();
  }

  #solve(): void {
    const n = this.#size;
    const lower = new Float64Array(n * n);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j <= i; j++) {
        let sum = (this.#normal[i * n + j] ?? 0) + (i === j ? RIDGE : 0);
        for (let k = 0; k < j; k++) sum -= (lower[i * n + k] ?? 0) * (lower[j * n + k] ?? 0);
        lower[i * n + j] = i === j ? Math.sqrt(Math.max(sum, 1e-9)) : sum / (lower[j * n + j] ?? 1);
      }
    }
    this.#substitute(lower);
  }

  #substitute(lower: Float64Array): void {
    const n = this.#size;
    const weights = this.#weights;
    for (let i = 0; i < n; i++) {
      let sum = this.#moment[i] ?? 0;
      for (let k = 0; k < i; k++) sum -= (lower[i * n + k] ?? 0) * (weights[k] ?? 0);
      weights[i] = sum / (lower[i * n + i] ?? 1);
    }
    for (let i = n - 1; i >= 0; i--) {
      let sum = weights[i] ?? 0;
      for (let k = i + 1; k < n; k++) sum -= (lower[k * n + i] ?? 0) * (weights[k] ?? 0);
      weights[i] = sum / (lower[i * n + i] ?? 1);
    }
  }
}
