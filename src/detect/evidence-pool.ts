import type { StateReader, StateWriter } from './state-codec.js';

const STEP = 0.5;
const BINS = 160;
const BASE_SHARE = 0.02;
const PRIOR_COUNT = 40;
const PRIOR_RATE = 0.65;
const LEAST = 9;
const LIMIT = 8e6;

/**
 * Sets the threshold of accumulated evidence from evidence itself: the statistic of all healthy
 * series of one KPI has an exponential upper tail (Cramér-Lundberg), whose rate is fitted above its
 * own 98 % quantile. Series that scatter in runs reach high values more often, have a smaller rate,
 * and so get a higher threshold: that is how autocorrelation is paid for.
 */
export class EvidencePool {
  readonly #counts = new Float64Array(BINS);
  readonly #target: number;
  #total = 0;
  #fittedAt = 0;
  #threshold: number;

  /** @param target wanted share of series and periods beyond the threshold */
  constructor(target: number) {
    this.#target = target;
    this.#threshold = 0;
    this.#fit();
  }

  /** Evidence in nats at which a verdict is due. */
  get threshold(): number {
    return this.#threshold;
  }

  /** Counts the evidence a healthy series stands at. */
  add(evidence: number): void {
    const bin = Math.min(BINS - 1, (evidence / STEP) | 0);
    this.#counts[bin] = (this.#counts[bin] ?? 0) + 1;
    this.#total++;
  }

  /** To be called once a period: refits when a fifth has been added since the last fit. */
  endPeriod(): void {
    if (this.#total < 200 || this.#total < this.#fittedAt * 1.2) return;
    if (this.#total > LIMIT) this.#forget();
    this.#fit();
    this.#fittedAt = this.#total;
  }

  save(writer: StateWriter, name: string): void {
    writer.array(`${name}.counts`, this.#counts);
    writer.json(name, [this.#total, this.#fittedAt, this.#threshold]);
  }

  load(reader: StateReader, name: string): void {
    reader.into(`${name}.counts`, this.#counts);
    [this.#total, this.#fittedAt, this.#threshold] = reader.json<[number, number, number]>(name);
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
    let above = 0;
    let base = BINS - 1;
    const least = Math.max(1, this.#total * BASE_SHARE);
    while (base > 2 && above < least) above += this.#counts[base--] ?? 0;
    let excess = 0;
    for (let i = base + 1; i < BINS; i++) {
      excess += (this.#counts[i] ?? 0) * (i - base - 0.5) * STEP;
    }
    const rate = (above + PRIOR_COUNT) / (excess + PRIOR_COUNT / PRIOR_RATE);
    const share = (above + 0.02 * PRIOR_COUNT) / (this.#total + PRIOR_COUNT);
    const threshold = (base + 1) * STEP + Math.log(share / this.#target) / rate;
    this.#threshold = Math.min((BINS - 1) * STEP, Math.max(LEAST, threshold));
  }
}
