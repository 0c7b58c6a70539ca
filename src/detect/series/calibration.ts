/** Bins are even in asinh of the nats; what is beyond the last, at 1,000 nats, counts as in it. */
const BINS = 768;
const STEP = 0.01;
/** Strength, in rows, of the belief that what is given is right already. */
const PRIOR_ROWS = 200;
/** The same for the slope of the tail, in exceedances. */
const PRIOR_EXCEEDANCES = 20;
/** Share of rows taken for the tail. */
const TAIL_SHARE = 0.02;
/** Nats beyond the threshold from which an exceedance only counts as at least that. */
const CENSOR_NATS = 2;
/** Share of rows that may begin an anomaly: what comes about more often than that is a habit. */
const TOLERATED_SHARE = 0.001;
const LEAST_SLOPE = 0.5;
const GREATEST_SLOPE = 1.5;
const MOST_ROWS = 200_000;

const edge = (bin: number): number => Math.sinh(bin * STEP);

/**
 * Sets a surprise right by how often it, or a greater one, came about before: ways of looking that
 * agree with each other, and tails that lean on a prior, make surprises too small. Beyond the
 * greatest 2 % the calibrated surprise grows in proportion (an exponential tail of nats, the
 * generalised Pareto tail of shape 0). Its scale is the maximum likelihood estimate for exceedances
 * censored at a further 2 nats (Epstein & Sobel 1953), so that past anomalies, which lie far
 * out, do not make the tail of the healthy rows look heavy. What came about more often than in one
 * row of 1,000 is a habit: it is no less probable than its share beyond that.
 */
export class Calibration {
  readonly #counts = new Float64Array(BINS);
  readonly #surprise = new Float64Array(BINS + 1);
  #total = 0;
  #nextFit = 25;
  #threshold = 0;
  #scale = 1;

  constructor() {
    this.#fit();
  }

  /** @returns calibrated surprise in nats, >= 0, for one in nats, >= 0 */
  of(nats: number): number {
    const at = Math.asinh(nats) / STEP;
    const bin = Math.floor(Math.min(at, BINS - 1));
    if (at >= this.#threshold) {
      const start = this.#surprise[this.#threshold] ?? 0;
      const beyond = start + (nats - edge(this.#threshold)) / this.#scale;
      const habit = Math.exp(-(this.#surprise[bin] ?? 0)) - TOLERATED_SHARE;
      return habit > 0 ? Math.min(beyond, -Math.log(habit)) : beyond;
    }
    const low = this.#surprise[bin] ?? 0;
    return low + (at - bin) * ((this.#surprise[bin + 1] ?? 0) - low);
  }

  /** Counts the uncalibrated surprise of a row; refits as the past has grown by a tenth. */
  add(nats: number): void {
    const bin = Math.min(BINS - 1, Math.floor(Math.asinh(nats) / STEP));
    this.#counts[bin] = (this.#counts[bin] ?? 0) + 1;
    if (++this.#total < this.#nextFit) return;
    if (this.#total > MOST_ROWS) this.#forgetHalf();
    this.#fit();
    this.#nextFit = this.#total + Math.min(2000, Math.max(10, this.#total * 0.1));
  }

  #forgetHalf(): void {
    for (let i = 0; i < BINS; i++) this.#counts[i] = (this.#counts[i] ?? 0) / 2;
    this.#total /= 2;
  }

  #fit(): void {
    let beyond = 0;
    this.#threshold = BINS;
    for (let i = BINS; i >= 0; i--) {
      if (i < BINS) beyond += this.#counts[i] ?? 0;
      const share = (beyond + PRIOR_ROWS * Math.exp(-edge(i))) / (this.#total + PRIOR_ROWS);
      this.#surprise[i] = Math.max(0, -Math.log(share));
      if (share <= TAIL_SHARE) this.#threshold = i;
    }
    this.#fitScale();
  }

  #fitScale(): void {
    let nats = PRIOR_EXCEEDANCES;
    let uncensored = PRIOR_EXCEEDANCES;
    for (let i = this.#threshold; i < BINS; i++) {
      const count = this.#counts[i] ?? 0;
      const excess = edge(i + 0.5) - edge(this.#threshold);
      nats += count * Math.min(CENSOR_NATS, excess);
      if (excess < CENSOR_NATS) uncensored += count;
    }
    this.#scale = Math.min(GREATEST_SLOPE, Math.max(LEAST_SLOPE, nats / uncensored));
  }
}
