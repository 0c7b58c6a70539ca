import type { LaneSpec, PeriodObserver } from '../domain/lane.js';
import type { ObjectIndex } from './object-index.js';

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

  /** Sets one series. @param band what is shown as ordinary, NaN while nothing is expected */
  set(series: number, x: number, expected: number, band: { lo: number; hi: number }): void {
    this.#values[series] = x;
    this.#expected[series] = expected;
    this.#lo[series] = band.lo;
    this.#hi[series] = band.hi;
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
