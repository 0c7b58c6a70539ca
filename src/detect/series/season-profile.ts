/** Longest profile kept; a longer season gets wider bins. */
const MOST_BINS = 4096;
/** A smooth profile has about this many independent places. */
const SMOOTH_PLACES = 72;
/** Least weight of a new cycle, about ten cycles of memory; higher follows faster and noisier. */
const LEAST_WEIGHT = 0.1;

/**
 * Expected deviation from the level by phase of one season: a smooth curve, learnt from
 * neighbouring phases together, plus what single phases add to it, believed as it repeats.
 */
export class SeasonProfile {
  readonly #seasonMs: number;
  readonly #bins: number;
  readonly #reach: number;
  readonly #smooth: Float64Array;
  readonly #weight: Float64Array;
  readonly #sharp: Float64Array;
  readonly #visits: Float64Array;

  /** @param seasonMs length of the season, at least two steps of `stepMs` */
  constructor(seasonMs: number, stepMs: number) {
    this.#seasonMs = seasonMs;
    this.#bins = Math.max(2, Math.min(MOST_BINS, Math.round(seasonMs / stepMs)));
    this.#reach = Math.floor(this.#bins / SMOOTH_PLACES);
    this.#smooth = new Float64Array(this.#bins);
    this.#weight = new Float64Array(this.#bins);
    this.#sharp = new Float64Array(this.#bins);
    this.#visits = new Float64Array(this.#bins);
  }

  get bins(): number {
    return this.#bins;
  }

  /** @returns the bin of a moment, 0 to `bins - 1` */
  binOf(timeMs: number): number {
    const phase = (((timeMs % this.#seasonMs) + this.#seasonMs) % this.#seasonMs) / this.#seasonMs;
    return Math.min(this.#bins - 1, Math.floor(phase * this.#bins + 0.5) % this.#bins);
  }

  /** Whether this phase, or one near it, was ever seen. */
  knows(bin: number): boolean {
    return (this.#weight[bin] ?? 0) > 0.5;
  }

  /** The smooth part of what is expected. */
  smooth(bin: number): number {
    return this.#smooth[bin] ?? 0;
  }

  /** What this one phase adds, shrunk while it was seen seldom. */
  sharp(bin: number): number {
    const visits = this.#visits[bin] ?? 0;
    return ((this.#sharp[bin] ?? 0) * visits) / (visits + 2);
  }

  /** Learns a deviation from the level, less what other seasons explain; outliers clipped. */
  learn(bin: number, deviation: number): void {
    const visits = (this.#visits[bin] ?? 0) + 1;
    const rest = deviation - this.smooth(bin);
    this.#visits[bin] = visits;
    this.#sharp[bin] =
      (this.#sharp[bin] ?? 0) +
      (rest - (this.#sharp[bin] ?? 0)) * Math.max(LEAST_WEIGHT, 1 / visits);
    for (let offset = -this.#reach; offset <= this.#reach; offset++) {
      const near = (bin + offset + this.#bins) % this.#bins;
      this.#learnSmooth(near, deviation, 1 - Math.abs(offset) / (this.#reach + 1));
    }
  }

  #learnSmooth(bin: number, deviation: number, share: number): void {
    const before = this.#weight[bin] ?? 0;
    const after = Math.min(before + share, (this.#reach + 1) / LEAST_WEIGHT);
    this.#weight[bin] = after;
    const old = this.#smooth[bin] ?? 0;
    this.#smooth[bin] = old + ((deviation - old) * share) / Math.max(after, share);
  }
}
