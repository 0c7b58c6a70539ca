const PLACES = 24;
/** Rows of memory of one phase, and of the recent unrest common to all. */
const PHASE_MEMORY = 150;
const RECENT_MEMORY = 60;
/** Strength, in rows, of the belief that a phase is as noisy as all. */
const PRIOR = 12;
const CLIP = 3;
/** For the floor outliers count up to this many mean deviations; lower loses rare values. */
const LOOSE_CLIP = 30;
/** Share of the loosely clipped mean deviation that no scale is below. */
const FLOOR = 0.1;
/** Standard deviation of a normal distribution over its mean absolute deviation. */
const NORMAL = 1.2533;

/**
 * Typical size of a deviation: by place in the season (nights are calmer than days) times how
 * restless the series has been of late. Kept as discounted means of clipped absolute deviations.
 * Where most rows do not deviate at all, those that do would be clipped to nothing: a mean of
 * loosely clipped ones holds the scale up.
 */
export class PhaseScale {
  readonly #sum = new Float64Array(PLACES);
  readonly #weight = new Float64Array(PLACES);
  #overall = 0;
  #loose = 0;
  #rows = 0;
  #unrest = 1;

  /** @returns standard deviation expected at a phase in [0, 1), more than 0 */
  at(phase: number): number {
    const place = Math.floor(phase * PLACES) % PLACES;
    return Math.max(this.#byPlace(place) * Math.max(0.6, this.#unrest) * NORMAL, 1e-280);
  }

  /** @returns standard deviation over all phases */
  overall(): number {
    return Math.max(this.#overall * NORMAL, 1e-280);
  }

  /** Learns a deviation; one beyond three standard deviations counts as three. */
  learn(phase: number, deviation: number): void {
    const place = Math.floor(phase * PLACES) % PLACES;
    const size = Math.abs(deviation);
    const known = this.#byPlace(place);
    const limit = this.#rows < PRIOR || known === 0 ? size : CLIP * known * NORMAL * this.#unrest;
    const clipped = Math.min(size, limit);
    if (known > 0) this.#unrest += (clipped / known - this.#unrest) / RECENT_MEMORY;
    this.#unrest = Math.min(this.#unrest, 5);
    this.#rows++;
    const keep = 1 - 1 / PHASE_MEMORY;
    this.#sum[place] = (this.#sum[place] ?? 0) * keep + clipped;
    this.#weight[place] = (this.#weight[place] ?? 0) * keep + 1;
    const weight = 1 / Math.min(this.#rows, PHASE_MEMORY * 8);
    const mild = this.#rows <= PRIOR || this.#loose === 0 ? size : LOOSE_CLIP * this.#loose;
    this.#loose += (Math.min(size, mild) - this.#loose) * weight;
    this.#overall += (clipped - this.#overall) * weight;
  }

  #byPlace(place: number): number {
    const before = (place + PLACES - 1) % PLACES;
    const after = (place + 1) % PLACES;
    const sum =
      (this.#sum[place] ?? 0) + 0.5 * ((this.#sum[before] ?? 0) + (this.#sum[after] ?? 0));
    const weight =
      (this.#weight[place] ?? 0) + 0.5 * ((this.#weight[before] ?? 0) + (this.#weight[after] ?? 0));
    return Math.max((sum + PRIOR * this.#overall) / (weight + PRIOR), FLOOR * this.#loose);
  }
}
