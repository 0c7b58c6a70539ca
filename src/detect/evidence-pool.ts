import type { StateReader, StateWriter } from './state-codec.js';

const STEP = 0.25;
const BINS = 320;
const BASE_SHARE = 0.02;
const FAR_SHARE = 0.001;
const PRIOR_COUNT = 120;
const PRIOR_MEAN = 1.5;
/** mean excess of independent, exactly calibrated surprise at a drift of 2.5 nats */
const LEAST_MEAN = 1.12;
const LEAST = 9;
const GREATEST = 40;
const LIMIT = 8e6;

/**
 * Sets the threshold of accumulated evidence from evidence itself: the statistic of all healthy
 * objects of a lane has an exponential upper tail (Cramér-Lundberg), whose rate is taken from its
 * 98 % and 99.9 % quantiles; the worst one in a thousand, where real trouble hides, does not count.
 * KPIs that move together and series that scatter in runs reach high values more often, have a
 * smaller rate, and so get a higher threshold: that is how dependence is paid for.
 */
export class EvidencePool {
  readonly #counts = new Float64Array(BINS);
  readonly #wanted: number;
  /** the wanted share times what a correction has made of it */
  #target: number;
  #total = 0;
  #fittedAt = 0;
  #threshold: number;

  /** @param target wanted share of objects and periods beyond the threshold */
  constructor(target: number) {
    this.#wanted = target;
    this.#target = target;
    this.#threshold = 0;
    this.#fit();
  }

  /** Evidence in nats at which a verdict is due. */
  get threshold(): number {
    return this.#threshold;
  }

  /** What the last correction made of the wanted share; 1 without one. */
  get factor(): number {
    return this.#target / this.#wanted;
  }

  /** Counts the evidence a healthy object stands at. */
  add(evidence: number): void {
    const bin = Math.min(BINS - 1, (evidence / STEP) | 0);
    this.#counts[bin] = (this.#counts[bin] ?? 0) + 1;
    this.#total++;
  }

  /**
   * To be called once a period: refits when a fifth has been added since the last fit.
   * @param isBoundary whether old counts may be halved now: once in the time between refits
   */
  endPeriod(isBoundary: boolean): void {
    if (this.#total < 200) return;
    if (isBoundary && this.#total > LIMIT) this.#forget();
    else if (this.#total < this.#fittedAt * 1.2) return;
    this.#fit();
    this.#fittedAt = this.#total;
  }

  /** Corrects the wanted share by what incidents show. @param factor over 1: more may be raised */
  correct(factor: number): void {
    this.#target = this.#wanted * factor;
    this.#fit();
  }

  save(writer: StateWriter, name: string): void {
    writer.array(`${name}.counts`, this.#counts);
    writer.json(name, [this.#total, this.#fittedAt, this.#threshold, this.#wanted, this.#target]);
  }

  /** Takes a stored state; the threshold is worked out anew only if the wanted rate has changed. */
  load(reader: StateReader, name: string): void {
    reader.into(`${name}.counts`, this.#counts);
    const [total, fittedAt, threshold, wanted, target = wanted] =
      reader.json<[number, number, number, number, number?]>(name);
    this.#total = total;
    this.#fittedAt = fittedAt;
    this.#target = (target / wanted) * this.#wanted;
    if (wanted === this.#wanted) this.#threshold = threshold;
    else this.#fit();
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
    const near = this.#quantile(BASE_SHARE);
    const far = this.#quantile(FAR_SHARE);
    const measured = Math.max(STEP, far - near) / Math.log(BASE_SHARE / FAR_SHARE);
    const n = this.#total * BASE_SHARE;
    const blended = (n * measured + PRIOR_COUNT * PRIOR_MEAN) / (n + PRIOR_COUNT);
    const mean = Math.max(LEAST_MEAN, blended);
    const threshold = near + Math.log(BASE_SHARE / this.#target) * mean;
    this.#threshold = Math.min(GREATEST, Math.max(LEAST, threshold));
  }

  /** Evidence that this share of healthy objects and periods exceeds. */
  #quantile(share: number): number {
    const wanted = this.#total * share;
    let above = 0;
    for (let bin = BINS - 1; bin >= 0; bin--) {
      const count = this.#counts[bin] ?? 0;
      if (above + count > wanted) return (bin + 1 - (wanted - above) / count) * STEP;
      above += count;
    }
    return 0;
  }
}
