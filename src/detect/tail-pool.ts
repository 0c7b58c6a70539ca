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
/** what the KPI's own pool counts for in a cluster's, in readings and in exceedances */
const POOL_BULK = 2000;
const POOL_EXCEEDANCES = 100;
const GROWTH = 1.2;
const LEAST_CHANCE = 1e-12;

interface Pareto {
  readonly shape: number;
  readonly scale: number;
}

/** What few data lean on: shares beyond each bin, and a tail, each worth so many readings. */
interface Prior {
  readonly shares: (bin: number) => number;
  readonly bulk: number;
  readonly tail: Pareto;
  readonly exceedances: number;
}

const STUDENT: Prior = {
  shares: (bin) => PRIOR_TAIL[bin] ?? 0,
  bulk: PRIOR_BULK,
  tail: { shape: PRIOR_SHAPE, scale: PRIOR_SCALE },
  exceedances: PRIOR_EXCEEDANCES,
};

/** P(T > t) for Student's t with 4 degrees of freedom (closed form, Shaw 2006 eq. 36). */
function studentTail(t: number): number {
  const q = 1 + (t * t) / 4;
  return 0.5 - 0.375 * (t / Math.sqrt(q)) * (1 - (t * t) / (12 * q));
}

const PRIOR_TAIL = Float64Array.from({ length: BINS + 1 }, (_, i) => studentTail(LOW + i * STEP));

/** Surprises of all rows as of one fit. */
type Tables = Float64Array<ArrayBuffer>;

/**
 * How improbable a deviation is, learnt from all series of one KPI and cluster together: the share
 * of past deviations at least as bad, and beyond the worst 2 % a generalised Pareto tail fitted by
 * probability-weighted moments (Hosking & Wallis 1987; peaks over threshold as in Siffer et al.
 * 2017). Row 0 is the KPI as a whole and leans on a heavy-tailed prior; a cluster's row leans on
 * row 0 while it has few of its own. Counts are whole numbers, so that the order in which series
 * are counted does not matter.
 *
 * A fit replaces the one in use only if recent deviations are no less probable under it.
 */
export class TailPool {
  readonly #drift: number;
  #rows = 1;
  /** deviations counted by row and bin; of objects without a cluster in row 0 */
  #counts = new Float64Array(BINS);
  #atFit = new Float64Array(BINS);
  #tables: Tables = new Float64Array(BINS + 1);
  #earlier: Tables | undefined;
  /** deviations up to which the surprise is at most the drift, by row */
  #reach = new Float64Array(1);
  #total = 0;
  #fittedAt = 0;

  /** @param drift surprise in nats that `reaches` is about */
  constructor(drift: number) {
    this.#drift = drift;
    this.#use(this.#fit());
  }

  /** Deviations counted so far, less what was forgotten. */
  get total(): number {
    return this.#total;
  }

  /** Counts a deviation in robust standard deviations, positive where it is bad. */
  add(z: number, row: number): void {
    let bin = ((z - LOW) / STEP) | 0;
    if (bin < 0 || z < LOW) bin = 0;
    else if (bin >= BINS) bin = BINS - 1;
    const at = row * BINS + bin;
    this.#counts[at] = (this.#counts[at] ?? 0) + 1;
    this.#total++;
  }

  /** @returns -ln P(a deviation at least this bad), in nats, >= 0 */
  surprise(z: number, row: number): number {
    const at = (z - LOW) / STEP;
    if (at <= 0) return 0;
    const from = row * (BINS + 1);
    if (at >= BINS) return this.#tables[from + BINS] ?? 0;
    const i = at | 0;
    const a = this.#tables[from + i] ?? 0;
    return a + (at - i) * ((this.#tables[from + i + 1] ?? 0) - a);
  }

  /** @returns by row, a deviation up to which the surprise is at most the drift */
  get reach(): Float64Array {
    return this.#reach;
  }

  /**
   * To be called once a period: refits when a fifth has been added since the last fit.
   * @param isBoundary whether old counts may be halved now: once in the time between refits, so
   * that what is remembered is days and not hours, however many cells there are
   * @returns whether another fit is in use now
   */
  endPeriod(isBoundary: boolean): boolean {
    if (this.#total < 50) return false;
    if (isBoundary && this.#total > LIMIT) this.#forget();
    else if (this.#total < this.#fittedAt * GROWTH) return false;
    return this.#refit();
  }

  /** Begins anew with so many clusters: what was counted is the KPI's as a whole. */
  regroup(clusters: number): void {
    const counts = new Float64Array((clusters + 1) * BINS);
    const atFit = new Float64Array(counts.length);
    for (let i = 0; i < this.#counts.length; i++) {
      counts[i % BINS] = (counts[i % BINS] ?? 0) + (this.#counts[i] ?? 0);
      atFit[i % BINS] = (atFit[i % BINS] ?? 0) + (this.#atFit[i] ?? 0);
    }
    const whole = this.#tables.subarray(0, BINS + 1);
    const tables = new Float64Array((clusters + 1) * (BINS + 1));
    for (let row = 0; row <= clusters; row++) tables.set(whole, row * (BINS + 1));
    this.#rows = clusters + 1;
    this.#counts = counts;
    this.#atFit = atFit;
    this.#earlier = undefined;
    this.#use(tables);
  }

  /** The present fit is what a return to the models before would come to as well. */
  keep(): void {
    this.#earlier = undefined;
  }

  /** Goes back to the fit before the present one, if it had the same clusters. */
  revert(): void {
    if (this.#earlier?.length !== this.#tables.length) return;
    this.#use(this.#earlier);
    this.#earlier = undefined;
  }

  save(writer: StateWriter, name: string): void {
    writer.array(`${name}.counts`, this.#counts);
    writer.array(`${name}.atFit`, this.#atFit);
    writer.array(`${name}.surprise`, this.#tables);
    if (this.#earlier) writer.array(`${name}.earlier`, this.#earlier);
    writer.json(name, [this.#total, this.#fittedAt]);
  }

  load(reader: StateReader, name: string): void {
    const array = (part: string): Tables => {
      const values = new Float64Array(reader.length(`${name}.${part}`));
      reader.into(`${name}.${part}`, values);
      return values;
    };
    this.#counts = array('counts');
    this.#rows = this.#counts.length / BINS;
    this.#atFit = reader.has(`${name}.atFit`) ? array('atFit') : this.#counts.slice();
    this.#earlier = reader.has(`${name}.earlier`) ? array('earlier') : undefined;
    this.#use(array('surprise'));
    [this.#total, this.#fittedAt] = reader.json<[number, number]>(name);
  }

  #use(tables: Tables): void {
    this.#tables = tables;
    this.#reach = Float64Array.from({ length: this.#rows }, (_, row) => {
      let bin = 0;
      while (bin < BINS && (tables[row * (BINS + 1) + bin + 1] ?? 0) <= this.#drift) bin++;
      return LOW + bin * STEP;
    });
  }

  #refit(): boolean {
    const fitted = this.#fit();
    const recent = this.#counts.map((count, i) => Math.max(0, count - (this.#atFit[i] ?? 0)));
    const isAsGood = this.#scoreOf(fitted, recent) >= this.#scoreOf(this.#tables, recent);
    this.#atFit = this.#counts.slice();
    this.#fittedAt = this.#total;
    if (!isAsGood) return false;
    this.#earlier = this.#tables;
    this.#use(fitted);
    return true;
  }

  /** Log probability of counted deviations under a fit. */
  #scoreOf(tables: Tables, counts: Float64Array): number {
    let score = 0;
    for (let row = 0; row < this.#rows; row++) {
      for (let bin = 0; bin < BINS; bin++) {
        const count = counts[row * BINS + bin] ?? 0;
        if (count === 0) continue;
        const at = row * (BINS + 1) + bin;
        const beyond = bin === BINS - 1 ? 0 : Math.exp(-(tables[at + 1] ?? 0));
        const chance = (bin === 0 ? 1 : Math.exp(-(tables[at] ?? 0))) - beyond;
        score += count * Math.log(chance > LEAST_CHANCE ? chance : LEAST_CHANCE);
      }
    }
    return score;
  }

  #forget(): void {
    this.#total = 0;
    for (let i = 0; i < this.#counts.length; i++) {
      const half = Math.floor((this.#counts[i] ?? 0) / 2);
      this.#counts[i] = half;
      this.#atFit[i] = Math.floor((this.#atFit[i] ?? 0) / 2);
      this.#total += half;
    }
  }

  #fit(): Tables {
    const tables = new Float64Array(this.#rows * (BINS + 1));
    const whole = new Float64Array(BINS);
    for (const [i, count] of this.#counts.entries()) {
      whole[i % BINS] = (whole[i % BINS] ?? 0) + count;
    }
    const tail = fitRow(whole, STUDENT, tables.subarray(0, BINS + 1));
    const pool: Prior = {
      shares: (bin) => Math.exp(-(tables[bin] ?? 0)),
      bulk: POOL_BULK,
      tail,
      exceedances: POOL_EXCEEDANCES,
    };
    for (let row = 1; row < this.#rows; row++) {
      const own = this.#counts.subarray(row * BINS, (row + 1) * BINS);
      fitRow(own, pool, tables.subarray(row * (BINS + 1), (row + 1) * (BINS + 1)));
    }
    return tables;
  }
}

/** Fits one row's surprises. @returns its tail */
function fitRow(counts: Float64Array, prior: Prior, out: Float64Array): Pareto {
  let total = 0;
  for (const count of counts) total += count;
  const weight = total + prior.bulk;
  let beyond = 0;
  let threshold = BINS;
  for (let i = BINS; i >= 0; i--) {
    if (i < BINS) beyond += counts[i] ?? 0;
    const share = (beyond + prior.bulk * prior.shares(i)) / weight;
    out[i] = -Math.log(share);
    if (share <= TAIL_SHARE) threshold = i;
  }
  const base = out[threshold] ?? 0;
  const tail = pareto(counts, threshold, prior);
  for (let i = threshold + 1; i <= BINS; i++) {
    const excess = (i - threshold) * STEP;
    out[i] = base + Math.log1p((tail.shape * excess) / tail.scale) / tail.shape;
  }
  return tail;
}

function pareto(counts: Float64Array, threshold: number, prior: Prior): Pareto {
  let n = 0;
  for (let i = threshold; i < BINS; i++) n += counts[i] ?? 0;
  let mean = 0;
  let weighted = 0;
  let below = 0;
  for (let i = threshold; i < BINS; i++) {
    const count = counts[i] ?? 0;
    if (count === 0) continue;
    const excess = (i - threshold + 0.5) * STEP;
    const survive = 1 - (below + count / 2) / n;
    mean += (count * excess) / n;
    weighted += (count * excess * survive) / n;
    below += count;
  }
  const lean = prior.exceedances / (n + prior.exceedances);
  const { shape: priorShape, scale: priorScale } = prior.tail;
  const a0 = (1 - lean) * mean + (lean * priorScale) / (1 - priorShape);
  const a1 = (1 - lean) * weighted + (lean * priorScale) / (2 * (2 - priorShape));
  const raw = 2 - a0 / (a0 - 2 * a1);
  const shape = Math.min(GREATEST_SHAPE, Math.max(LEAST_SHAPE, raw));
  return { shape, scale: Math.max(0.2, a0 * (1 - shape)) };
}
