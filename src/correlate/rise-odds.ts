import type { RiseMoment } from './rise-book.js';

/** Rises are told from this deviation on, in robust standard deviations … */
const TOLD_FROM = 1;
/** … and count up to here: one neighbour with a crowd is no joint rise. */
const MOST_Z = 3;
/** What cells at rest do counts as much as so many cells of a standard normal deviation more. */
const PRIOR_CELLS = 20;
/** The tilt of the bound is looked for up to here. */
const MOST_TILT = 32;

/** Φ, the standard normal distribution function (Abramowitz & Stegun 1964, 26.2.17; within 7.5e-8). */
function normalBelow(x: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(x));
  const poly =
    t *
    (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  const tail = (Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)) * poly;
  return x >= 0 ? 1 - tail : tail;
}

/** What a deviation counts for: nothing below what is told, and no more than `MOST_Z`. */
export function countedRise(z: number | undefined): number {
  return Math.min(MOST_Z, z ?? 0);
}

/** E exp(tilt · counted Z) of a standard normal Z. */
function normalMoment(tilt: number): number {
  const between = normalBelow(MOST_Z - tilt) - normalBelow(TOLD_FROM - tilt);
  return (
    normalBelow(TOLD_FROM) +
    Math.exp((tilt * tilt) / 2) * Math.max(0, between) +
    Math.exp(MOST_Z * tilt) * (1 - normalBelow(MOST_Z))
  );
}

/**
 * What cells that have lost no neighbour carry beyond expectation in one period, as far as it is
 * told: the distribution of the whole network's deviations, since a busy day is busy everywhere and a
 * night is calm everywhere.
 */
export class Rest {
  /** cells by what they count, in hundredths as it is told */
  readonly #told: readonly (readonly [step: number, cells: number])[];
  readonly #still: number;
  readonly #cells: number;
  readonly #logMoments = new Map<number, number>();

  /** @param reporting cells that reported in the period, those that did not rise included */
  constructor({ byCell }: Pick<RiseMoment, 'byCell'>, reporting: number) {
    const told = new Map<number, number>();
    for (const z of byCell.values()) {
      const step = Math.round(countedRise(z) * 100);
      told.set(step, (told.get(step) ?? 0) + 1);
    }
    this.#told = [...told].sort(([a], [b]) => a - b);
    this.#cells = Math.max(1, reporting, byCell.size);
    this.#still = this.#cells - byCell.size;
  }

  /** Mean of what a cell counts. */
  get mean(): number {
    const step = 1e-4;
    return (this.#logMoment(step) - this.#logMoment(-step)) / (2 * step);
  }

  /** Variance of what a cell counts. */
  get variance(): number {
    const step = 1e-2;
    return (this.#logMoment(step) + this.#logMoment(-step)) / step ** 2;
  }

  /**
   * How improbable it is that the weighted sum of what cells at rest count comes to `sum` or more, in
   * nats: -ln P by Chernoff's bound (Chernoff 1952, theorem 1), which holds for any distribution and
   * so for nights too, when hardly a cell rises; 0 where the sum is no more than its mean.
   *
   * Assumes that cells deviate independently once the network's common rise is taken off.
   * @param weights positive
   */
  natsOf(weights: readonly number[], sum: number): number {
    const total = weights.reduce((all, weight) => all + weight, 0);
    if (weights.length === 0 || sum <= this.mean * total) return 0;
    const most = Math.max(...weights);
    const exponent = (tilt: number): number =>
      weights.reduce((all, weight) => all - this.#logMoment((tilt * weight) / most), 0) +
      (tilt * sum) / most;
    return Math.max(0, highest(exponent));
  }

  #logMoment(tilt: number): number {
    const known = this.#logMoments.get(tilt);
    if (known !== undefined) return known;
    let moment = this.#still + PRIOR_CELLS * normalMoment(tilt);
    for (const [step, cells] of this.#told) moment += cells * Math.exp((tilt * step) / 100);
    const log = Math.log(moment / (this.#cells + PRIOR_CELLS));
    this.#logMoments.set(tilt, log);
    return log;
  }
}

/** Greatest value of a concave function of a tilt, by golden section. */
function highest(of: (tilt: number) => number): number {
  const ratio = (Math.sqrt(5) - 1) / 2;
  let lo = 0;
  let hi = MOST_TILT;
  while (hi - lo > 1e-3) {
    const a = hi - ratio * (hi - lo);
    const b = lo + ratio * (hi - lo);
    if (of(a) < of(b)) lo = a;
    else hi = b;
  }
  return of((lo + hi) / 2);
}

/**
 * How improbable it is that no more than `risen` of cells rise, each with a probability of its own, in
 * nats: -ln of the lower tail of the Poisson binomial distribution, by convolution (Barlow & Heidmann
 * 1984).
 */
export function fewRisenNats(probabilities: readonly number[], risen: number): number {
  let counts = [1];
  for (const p of probabilities) {
    const next = new Array<number>(counts.length + 1).fill(0);
    counts.forEach((share, k) => {
      next[k] = (next[k] ?? 0) + share * (1 - p);
      next[k + 1] = (next[k + 1] ?? 0) + share * p;
    });
    counts = next.slice(0, risen + 1);
  }
  const below = counts.reduce((sum, share) => sum + share, 0);
  return -Math.log(Math.max(Number.MIN_VALUE, Math.min(1, below)));
}

/** Probability that a cell is told to have risen when its load deviates by `shift` on average. */
export function toldShare(shift: number): number {
  return 1 - normalBelow(TOLD_FROM - shift);
}
