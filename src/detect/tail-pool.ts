import type { StateReader, StateWriter } from './state-codec.js';

const LOW = -4;
const STEP = 0.25;
const BINS = 272;
const PRIOR_BULK = 400;
const PRIOR_EXCEEDANCES = 30;
const PRIOR_SHAPE = 0.12;
const PRIOR_SCALE = 0.7;
const LEAST_SHAPE = 0.02;
const GREATEST_SHAPE = 0.3;
const TAIL_SHARE = 0.02;
const LIMIT = 8e6;

/** P(T > t) for Student's t with 4 degrees of freedom (closed form, Shaw 2006 eq. 36). */
function studentTail(t: number): number {
  const q = 1 + (t * t) / 4;
  return 0.5 - 0.375 * (t / Math.sqrt(q)) * (1 - (t * t) / (12 * q));
}

const PRIOR_TAIL = Float64Array.from({ length: BINS + 1 }, (_, i) => studentTail(LOW + i * STEP));

/**
 * How improbable a deviation is, learnt from all series of one KPI together: the share of past
 * deviations at least as bad, and beyond the worst 2 % a generalised Pareto tail fitted by
 * probability-weighted moments (Hosking & Wallis 1987; peaks over threshold as in Siffer et al.
 * 2017). Few data lean on a heavy-tailed prior. Counts are whole numbers, so that the order in
 * which series are counted does not matter.
 */
export class TailPool {
  readonly #counts = new Float64Array(BINS);
  readonly #surprise = new Float64Array(BINS + 1);
  #total = 0;
  #fittedAt = 0;

  constructor() {
    this.#fit();
  }

  /** Counts a deviation in robust standard deviations, positive where it is bad. */
  add(z: number): void {
    let bin = ((z - LOW) / STEP) | 0;
    if (bin < 0 || z < LOW) bin = 0;
    else if (bin >= BINS) bin = BINS - 1;
    this.#counts[bin] = (this.#counts[bin] ?? 0) + 1;
    this.#total++;
  }

  /** @returns -ln P(a deviation at least this bad), in nats, >= 0 */
  surprise(z: number): number {
    const at = (z - LOW) / STEP;
    if (at <= 0) return 0;
    if (at >= BINS) return this.#surprise[BINS] ?? 0;
    const i = at | 0;
    const a = this.#surprise[i] ?? 0;
    return a + (at - i) * ((this.#surprise[i + 1] ?? 0) - a);
  }

  /** @returns a deviation up to which the surprise is at most `nats` */
  reaches(nats: number): number {
    let bin = 0;
    while (bin < BINS && (this.#surprise[bin + 1] ?? 0) <= nats) bin++;
    return LOW + bin * STEP;
  }

  /** To be called once a period: refits when a fifth has been added since the last fit. */
  endPeriod(): void {
    if (this.#total < 50 || this.#total < this.#fittedAt * 1.2) return;
    if (this.#total > LIMIT) this.#forget();
    this.#fit();
    this.#fittedAt = this.#total;
  }

  save(writer: StateWriter, name: string): void {
    writer.array(`${name}.counts`, this.#counts);
    writer.array(`${name}.surprise`, this.#surprise);
    writer.json(name, [this.#total, this.#fittedAt]);
  }

  load(reader: StateReader, name: string): void {
    reader.into(`${name}.counts`, this.#counts);
    reader.into(`${name}.surprise`, this.#surprise);
    [this.#total, this.#fittedAt] = reader.json<[number, number]>(name);
  }

  #forget(): void {
    this.#total = 0;
    for (let i = 0; i < BINS; i++) {
      const half = Math.floor((this.#counts[i] ?? 0) / 2);
      this.#counts[i] = half;
      this.#total += half;
    }
  }

  #fit(): void {
    const weight = this.#total + PRIOR_BULK;
    let beyond = 0;
    let threshold = BINS;
    for (let i = BINS; i >= 0; i--) {
      if (i < BINS) beyond += this.#counts[i] ?? 0;
      const share = (beyond + PRIOR_BULK * (PRIOR_TAIL[i] ?? 0)) / weight;
      this.#surprise[i] = -Math.log(share);
      if (share <= TAIL_SHARE) threshold = i;
    }
    const base = this.#surprise[threshold] ?? 0;
    const { shape, scale } = this.#pareto(threshold);
    for (let i = threshold + 1; i <= BINS; i++) {
      const excess = (i - threshold) * STEP;
      this.#surprise[i] = base + Math.log1p((shape * excess) / scale) / shape;
    }
  }

  #pareto(threshold: number): { shape: number; scale: number } {
    let n = 0;
    for (let i = threshold; i < BINS; i++) n += this.#counts[i] ?? 0;
    let mean = 0;
    let weighted = 0;
    let below = 0;
    for (let i = threshold; i < BINS; i++) {
      const count = this.#counts[i] ?? 0;
      if (count === 0) continue;
      const excess = (i - threshold + 0.5) * STEP;
      const survive = 1 - (below + count / 2) / n;
      mean += (count * excess) / n;
      weighted += (count * excess * survive) / n;
      below += count;
    }
    const lean = PRIOR_EXCEEDANCES / (n + PRIOR_EXCEEDANCES);
    const a0 = (1 - lean) * mean + (lean * PRIOR_SCALE) / (1 - PRIOR_SHAPE);
    const a1 = (1 - lean) * weighted + (lean * PRIOR_SCALE) / (2 * (2 - PRIOR_SHAPE));
    const raw = 2 - a0 / (a0 - 2 * a1);
    const shape = Math.min(GREATEST_SHAPE, Math.max(LEAST_SHAPE, raw));
    return { shape, scale: Math.max(0.2, a0 * (1 - shape)) };
  }
}
