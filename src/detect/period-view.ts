import type { LaneSpec, PeriodObserver } from '../domain/lane.js';
import { inverse, type KpiPlan } from './kpi-plan.js';
import type { ObjectIndex } from './object-index.js';
import type { Reading } from './reading.js';

const BAND_SD = 3;

/** Lays a released period out for the observer; buffers are reused from period to period. */
export class PeriodView {
  readonly #spec: LaneSpec;
  readonly #observer: PeriodObserver;
  #objects = 0;
  #values = new Float32Array(0);
  #expected = new Float32Array(0);
  #lo = new Float32Array(0);
  #hi = new Float32Array(0);

  constructor(spec: LaneSpec, observer: PeriodObserver) {
    this.#spec = spec;
    this.#observer = observer;
  }

  begin(objects: number): void {
    this.#objects = objects;
    const cells = objects * this.#spec.kpis.length;
    if (cells > this.#values.length) {
      const room = Math.max(64, cells + (cells >> 1));
      this.#values = new Float32Array(room);
      this.#expected = new Float32Array(room);
      this.#lo = new Float32Array(room);
      this.#hi = new Float32Array(room);
    }
    for (const array of this.#arrays()) array.fill(Number.NaN, 0, cells);
  }

  /** Shows one series: what it read and, once it is warm, what was expected. */
  set(series: number, plan: KpiPlan, reading: Reading): void {
    this.#values[series] = reading.x;
    if (!reading.isWarm) return;
    const { mean, sd, unit } = reading;
    this.#expected[series] = inverse(plan, mean, unit);
    this.#lo[series] = inverse(plan, mean - BAND_SD * sd, unit);
    this.#hi[series] = inverse(plan, mean + BAND_SD * sd, unit);
  }

  /** Calls the observer with the objects in service. */
  finish(periodStartMs: number, objects: ObjectIndex): void {
    const width = this.#spec.kpis.length;
    const ids: string[] = [];
    for (let object = 0; object < this.#objects; object++) {
      const id = objects.idOf(object);
      if (id === '') continue;
      const to = ids.length * width;
      const from = object * width;
      if (to !== from) for (const array of this.#arrays()) array.copyWithin(to, from, from + width);
      ids.push(id);
    }
    const cells = ids.length * width;
    this.#observer({
      lane: this.#spec,
      periodStartMs,
      objectIds: ids,
      values: this.#values.subarray(0, cells),
      expected: this.#expected.subarray(0, cells),
      lo: this.#lo.subarray(0, cells),
      hi: this.#hi.subarray(0, cells),
    });
  }

  #arrays(): readonly Float32Array[] {
    return [this.#values, this.#expected, this.#lo, this.#hi];
  }
}
