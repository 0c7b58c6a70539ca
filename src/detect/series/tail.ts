import { fitCensoredPareto, type Pareto } from './censored-pareto.js';

const BINS = 768;
const STEP = 0.02;
const PRIOR_ROWS = 100;
const TAIL_SHARE = 0.02;
const MOST_ROWS = 200_000;
/** Beyond this surprise a value counts only as one that has it: a rare burst is no habit yet. */
const HABIT_NATS = Math.log(1e4);

const edge = (bin: number): number => Math.sinh(bin * STEP);

/** P(|T| > t) for Student's t with 4 degrees of freedom (closed form, Shaw 2006 eq. 36). */
function priorTail(t: number): number {
  const q = 1 + (t * t) / 4;
  return Math.max(1e-12, 1 - 0.75 * (t / Math.sqrt(q)) * (1 - (t * t) / (12 * q)));
}

/**
 * How improbable a size is, from the sizes of the series' own past: their share at least as
 * great, and beyond the greatest 2 % a generalised Pareto tail, fitted so that anomalies of the
 * past do not lead it (peaks over threshold as in SPOT, Siffer et al. 2017). A short past leans on
 * Student's t with 4 degrees of freedom. Sizes are >= 0, in standard deviations.
 */
export class Tail {
  readonly #counts = new Float64Array(BINS);
  readonly #surprise = new Float64Array(BINS + 1);
  #total = 0;
  #nextFit = 25;
  #threshold = 0;
  #pareto: Pareto = { shape: 0, scale: 1 };

  constructor() {
    this.#fit();
  }

  /** @returns -ln P(a size at least this great), in nats, >= 0, strictly rising in the tail */
  surprise(size: number): number {
    const at = Math.asinh(size) / STEP;
    if (at >= this.#threshold) return this.#beyond(size);
    const bin = Math.floor(at);
    const low = this.#surprise[bin] ?? 0;
    return low + (at - bin) * ((this.#surprise[bin + 1] ?? 0) - low);
  }

  /** Counts a size; refits as the past has grown by a tenth. */
  add(size: number): void {
    const counted = this.surprise(size) > HABIT_NATS ? this.#sizeOf(HABIT_NATS) : size;
    const bin = Math.min(BINS - 1, Math.floor(Math.asinh(counted) / STEP));
    this.#counts[bin] = (this.#counts[bin] ?? 0) + 1;
    if (++this.#total < this.#nextFit) return;
    if (this.#total > MOST_ROWS) this.#forgetHalf();
    this.#fit();
    this.#nextFit = this.#total + Math.min(2000, Math.max(10, this.#total * 0.1));
  }

  #beyond(size: number): number {
    const excess = Math.max(0, size - edge(this.#threshold));
    return (
      (this.#surprise[this.#threshold] ?? 0) +
      Math.log1p((this.#pareto.shape * excess) / this.#pareto.scale) / this.#pareto.shape
    );
  }

  /** The size in the tail that has this surprise. */
  #sizeOf(nats: number): number {
    const above = nats - (this.#surprise[this.#threshold] ?? 0);
    return (
      edge(this.#threshold) +
      (this.#pareto.scale * Math.expm1(this.#pareto.shape * above)) / this.#pareto.shape
    );
  }

  #forgetHalf(): void {
    for (let i = 0; i < BINS; i++) this.#counts[i] = (this.#counts[i] ?? 0) / 2;
    this.#total /= 2;
  }

  #fit(): void {
    const rows = this.#total + PRIOR_ROWS;
    let beyond = 0;
    this.#threshold = BINS;
    for (let i = BINS; i >= 0; i--) {
      if (i < BINS) beyond += this.#counts[i] ?? 0;
      const share = (beyond + PRIOR_ROWS * priorTail(edge(i))) / rows;
      this.#surprise[i] = Math.max(0, -Math.log(share));
      if (share <= TAIL_SHARE) this.#threshold = i;
    }
    this.#fitPareto();
  }

  #fitPareto(): void {
    const from = edge(this.#threshold);
    const sizes: number[] = [];
    const counts: number[] = [];
    for (let i = this.#threshold; i < BINS; i++) {
      const count = this.#counts[i] ?? 0;
      if (count === 0) continue;
      sizes.push(Math.sinh((i + 0.5) * STEP) - from);
      counts.push(count);
    }
    this.#pareto = fitCensoredPareto({ sizes, counts });
  }
}
