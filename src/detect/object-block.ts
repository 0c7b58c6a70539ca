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

/** What a block is judged with. */
interface Judging {
  readonly judge: SeriesJudge;
  readonly season: Season;
}

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
  /** by KPI */
  readonly #columns: readonly Column[];
  /** places of objects whose KPI does not go into its column */
  readonly #aside = new Int32Array(BLOCK);
  /** whether every object of the block has been marked as warm */
  #isAllWarm = false;
  /** of all reports of the period, as they came */
  #values: Float64Array = new Float64Array(0);

  /** @param surplusZ deviation from which traffic above expectation is looked at */
  constructor(plans: readonly KpiPlan[], store: SeriesStore, surplusZ: number) {
    this.#plans = plans;
    this.#store = store;
    this.surplusZ = surplusZ;
    this.#columns = plans.map(() => new Column());
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
    this.#values = pending.values;
    this.#isAllWarm = false;
    for (const [kpi, column] of this.#columns.entries()) {
      const aside = this.#fill(column, pending, kpi);
      for (let i = 0; i < aside; i++) {
        this.#setAside(this.#aside[i] ?? 0, kpi, pending, { judge, season });
      }
      judge.run(column, kpi, season);
      this.#markWarm(column);
      this.#mark(column, kpi);
    }
  }

  /** Fills in what one object of the block read. @param readings one per KPI */
  readings(place: number, readings: readonly Reading[]): void {
    const width = this.#plans.length;
    for (const [kpi, column] of this.#columns.entries()) {
      const reading = readings[kpi];
      const plan = this.#plans[kpi];
      if (!reading || !plan) continue;
      const i = column.find(place);
      reading.x = this.#values[(this.rows[place] ?? 0) * width + kpi] ?? Number.NaN;
      reading.isPresent = i >= 0;
      reading.isWarm = i >= 0 && column.warm[i] === 1;
      if (i < 0) continue;
      reading.mean = column.mean[i] ?? 0;
      reading.sd = column.sd[i] ?? 1;
      reading.z = column.z[i] ?? 0;
      reading.bad = plan.bad === 0 ? Math.abs(reading.z) : plan.bad * reading.z;
      reading.loss = column.loss[i] ?? 0;
      reading.isZero = plan.isTraffic && reading.x <= 0;
      reading.unit = this.#store.unit[(this.objects[place] ?? 0) * width + kpi] ?? 1;
      reading.expected = inverse(plan, reading.mean, reading.unit);
    }
  }

  /** Puts the readings of one KPI into its column. @returns how many are absent or of a first day */
  #fill(column: Column, pending: PendingPeriod, kpi: number): number {
    const { objects, rows, size } = this;
    const { phase } = this.#store;
    const { values, attempts } = pending;
    const { attemptsWidth, attemptsOf } = pending.shape;
    const { at, object, series, x } = column;
    const aside = this.#aside;
    const width = this.#plans.length;
    const gathering: number = PHASE.gathering;
    const attemptsAt = attemptsOf[kpi] ?? -1;
    let count = 0;
    for (let place = 0; place < size; place++) {
      const row = rows[place] ?? 0;
      const value = values[row * width + kpi] ?? Number.NaN;
      const o = objects[place] ?? 0;
      const s = o * width + kpi;
      if (value !== value || phase[s] === gathering) {
        aside[place - count] = place;
        continue;
      }
      at[count] = place;
      object[count] = o;
      series[count] = s;
      x[count] = value;
      if (attemptsAt >= 0) {
        column.attempts[count] = attempts[row * attemptsWidth + attemptsAt] ?? Number.NaN;
      }
      count++;
    }
    column.count = count;
    return size - count;
  }

  /** A reading that is absent, or of its series' first day. */
  #setAside(place: number, kpi: number, pending: PendingPeriod, { judge, season }: Judging): void {
    const store = this.#store;
    const plan = this.#plans[kpi];
    const row = this.rows[place] ?? 0;
    const x = pending.values[row * this.#plans.length + kpi] ?? Number.NaN;
    const series = (this.objects[place] ?? 0) * this.#plans.length + kpi;
    if (x === x && plan) {
      judge.model.gather(series, kpi, { plan, x, attempts: pending.attemptsAt(row, kpi), season });
      return;
    }
    store.previous[series] = 0;
    if ((store.phase[series] ?? 0) < PHASE.raised) return;
    this.look[place] = LOOK.raised | (this.look[place] ?? 0);
  }

  /** Marks the objects of which something is warm, until all are. */
  #markWarm({ count, at, warm }: Column): void {
    if (this.#isAllWarm) return;
    const { look } = this;
    const bit: number = LOOK.warm;
    let marked = 0;
    for (let i = 0; i < count; i++) {
      if (warm[i] === 0) continue;
      const place = at[i] ?? 0;
      look[place] = bit | (look[place] ?? 0);
      marked++;
    }
    this.#isAllWarm = marked === this.size;
  }

  /** Marks the objects to look at. */
  #mark(column: Column, kpi: number): void {
    const { count, at, series, z, loss, warm, notable, notables } = column;
    const { evidence, phase } = this.#store;
    const { look, surplusZ } = this;
    const plan = this.#plans[kpi];
    const offAirAbove = plan?.isAvailability === true ? plan.leastLoss : 2;
    for (let k = 0; k < notables; k++) {
      const i = notable[k] ?? 0;
      const s = series[i] ?? 0;
      const place = at[i] ?? 0;
      const isOffAir = (loss[i] ?? 0) >= offAirAbove;
      let bits = look[place] ?? 0;
      if (isOffAir || (evidence[s] ?? 0) > CONTRIBUTES) bits |= LOOK.suspect;
      if ((phase[s] ?? 0) >= PHASE.raised) bits |= LOOK.raised;
      look[place] = bits;
    }
    if (plan?.isTraffic !== true) return;
    for (let i = 0; i < count; i++) {
      if (warm[i] === 0 || (z[i] ?? 0) <= surplusZ) continue;
      look[at[i] ?? 0] = LOOK.surplus | (look[at[i] ?? 0] ?? 0);
    }
  }
}
