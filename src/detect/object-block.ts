import type { Season } from './calendar.js';
import { BLOCK, Column } from './column.js';
import { inverse, type KpiPlan } from './kpi-plan.js';
import type { PendingPeriod } from './pending.js';
import type { Reading } from './reading.js';
import type { SeriesJudge } from './series-judge.js';
import { PHASE, type SeriesStore } from './series-store.js';

/** Why an object of a block has to be looked at one by one; bits. */
export const LOOK = { suspect: 1, raised: 2, surplus: 4, warm: 8 } as const;

/** Evidence in nats from which a KPI counts in the verdict on its object. */
export const CONTRIBUTES = 3;

/**
 * Up to 128 objects that reported in one period. Their KPIs are judged column by column; what a
 * verdict on one object needs of its readings is kept until the next block.
 */
export class ObjectBlock {
  size = 0;
  /** deviation from which traffic above expectation is looked at */
  surplusZ: number;
  readonly objects = new Int32Array(BLOCK);
  readonly rows = new Int32Array(BLOCK);
  /** `LOOK` bits */
  readonly look = new Uint8Array(BLOCK);
  readonly #plans: readonly KpiPlan[];
  readonly #store: SeriesStore;
  readonly #column = new Column();
  /** by place and KPI: 0 absent, 1 present, 2 present and warm */
  readonly #state: Uint8Array;
  readonly #x: Float64Array;
  readonly #mean: Float64Array;
  readonly #sd: Float64Array;
  readonly #z: Float64Array;
  readonly #loss: Float64Array;

  /** @param surplusZ deviation from which traffic above expectation is looked at */
  constructor(plans: readonly KpiPlan[], store: SeriesStore, surplusZ: number) {
    this.#plans = plans;
    this.#store = store;
    this.surplusZ = surplusZ;
    const cells = BLOCK * plans.length;
    this.#state = new Uint8Array(cells);
    this.#x = new Float64Array(cells);
    this.#mean = new Float64Array(cells);
    this.#sd = new Float64Array(cells);
    this.#z = new Float64Array(cells);
    this.#loss = new Float64Array(cells);
  }

  get isFull(): boolean {
    return this.size === BLOCK;
  }

  /** Adds an object and the row of its report. */
  add(object: number, row: number): void {
    this.objects[this.size] = object;
    this.rows[this.size] = row;
    this.size++;
  }

  /** Scores and learns everything the block's objects reported. */
  run(pending: PendingPeriod, judge: SeriesJudge, season: Season): void {
    this.look.fill(0, 0, this.size);
    this.#state.fill(0, 0, this.size * this.#plans.length);
    for (let kpi = 0; kpi < this.#plans.length; kpi++) {
      this.#fill(pending, kpi, judge, season);
      judge.run(this.#column, kpi, season);
      this.#keep(kpi);
    }
  }

  /** Fills in what one object of the block read. @param readings one per KPI */
  readings(place: number, readings: readonly Reading[]): void {
    const width = this.#plans.length;
    for (let kpi = 0; kpi < width; kpi++) {
      const reading = readings[kpi];
      const plan = this.#plans[kpi];
      if (!reading || !plan) continue;
      const at = place * width + kpi;
      const state = this.#state[at] ?? 0;
      reading.x = this.#x[at] ?? Number.NaN;
      reading.isPresent = state > 0;
      reading.isWarm = state === 2;
      if (state === 0) continue;
      reading.mean = this.#mean[at] ?? 0;
      reading.sd = this.#sd[at] ?? 1;
      reading.z = this.#z[at] ?? 0;
      reading.bad = plan.bad === 0 ? Math.abs(reading.z) : plan.bad * reading.z;
      reading.loss = this.#loss[at] ?? 0;
      reading.isZero = plan.isTraffic && reading.x <= 0;
      reading.unit = this.#store.unit[(this.objects[place] ?? 0) * width + kpi] ?? 1;
      reading.expected = inverse(plan, reading.mean, reading.unit);
    }
  }

  /** Puts the readings of one KPI into the column, those of a series' first day aside. */
  #fill(pending: PendingPeriod, kpi: number, judge: SeriesJudge, season: Season): void {
    const column = this.#column;
    const store = this.#store;
    const plan = this.#plans[kpi];
    const width = this.#plans.length;
    let count = 0;
    for (let place = 0; place < this.size; place++) {
      const from = (this.rows[place] ?? 0) * width + kpi;
      const x = pending.values[from] ?? Number.NaN;
      const series = (this.objects[place] ?? 0) * width + kpi;
      const phase = store.phase[series] ?? 0;
      this.#x[place * width + kpi] = x;
      if (x !== x) {
        store.previous[series] = 0;
        if (phase >= PHASE.raised) this.look[place] = LOOK.raised | (this.look[place] ?? 0);
        continue;
      }
      const attempts = pending.attemptsAt(this.rows[place] ?? 0, kpi);
      if (phase === PHASE.gathering && plan) {
        if (judge.model.gather(series, kpi, { plan, x, attempts, season })) continue;
      }
      column.at[count] = place;
      column.object[count] = this.objects[place] ?? 0;
      column.series[count] = series;
      column.x[count] = x;
      column.attempts[count] = attempts;
      count++;
    }
    column.count = count;
  }

  /** Keeps what verdicts and charts need, and marks the objects to look at. */
  #keep(kpi: number): void {
    const { count, at, series, mean, sd, z, loss, warm } = this.#column;
    const { evidence, phase } = this.#store;
    const width = this.#plans.length;
    const plan = this.#plans[kpi];
    const surplusZ = plan?.isTraffic === true ? this.surplusZ : Number.POSITIVE_INFINITY;
    const offAirAbove = plan?.isAvailability === true ? plan.leastLoss : 2;
    const { look } = this;
    for (let i = 0; i < count; i++) {
      const place = at[i] ?? 0;
      const to = place * width + kpi;
      this.#mean[to] = mean[i] ?? 0;
      this.#sd[to] = sd[i] ?? 0;
      this.#z[to] = z[i] ?? 0;
      this.#loss[to] = loss[i] ?? 0;
      this.#state[to] = 1;
      if (warm[i] === 0) continue;
      this.#state[to] = 2;
      const s = series[i] ?? 0;
      let bits = LOOK.warm;
      const isOffAir = (loss[i] ?? 0) >= offAirAbove;
      if (isOffAir || (evidence[s] ?? 0) > CONTRIBUTES) bits |= LOOK.suspect;
      if ((phase[s] ?? 0) >= PHASE.raised) bits |= LOOK.raised;
      if ((z[i] ?? 0) > surplusZ) bits |= LOOK.surplus;
      look[place] = bits | (look[place] ?? 0);
    }
  }
}
