import { TocsinError } from '../domain/errors.js';
import type { ReportBlock } from '../domain/kpi.js';
import type { LaneSpec } from '../domain/lane.js';
import type { ObjectIndex } from './object-index.js';
import { PendingPeriod, type PendingShape, pendingShape, type StoredShape } from './pending.js';
import type { IngestCounts } from './ports.js';
import type { StateReader, StateWriter } from './state-codec.js';

const SPARE = 1;

/** How a lane has closed periods to reports. */
export interface LaneProgress {
  /** number of the first period whose reports are not yet late */
  firstOpen(): number;
  /** Takes no more reports for this period and those before, though their time has not come. */
  closeThrough(period: number): void;
  /** Periods until the clock shows the same as in this one once more, 0 when it does not. */
  secondRunAfter(period: number): number;
}

/** Reports of a lane that wait for the watermark, by period. */
export class LaneBuffer {
  readonly #spec: LaneSpec;
  readonly #objects: ObjectIndex;
  readonly #bound: number;
  readonly #progress: LaneProgress;
  readonly #shape: PendingShape;
  readonly #periodMs: number;
  readonly #periods = new Map<number, PendingPeriod>();
  readonly #spare: PendingPeriod[] = [];
  #columnsFor: readonly string[] = [];
  #columns = new Int32Array(0);

  /** @param bound most periods that take reports at once; for one more the earliest is closed */
  constructor(spec: LaneSpec, objects: ObjectIndex, bound: number, progress: LaneProgress) {
    this.#spec = spec;
    this.#progress = progress;
    this.#objects = objects;
    this.#bound = bound;
    this.#shape = pendingShape(spec.kpis.map(({ definition }) => definition.kind === 'ratio'));
    this.#periodMs = spec.periodSeconds * 1000;
  }

  /**
   * Takes the rows of a block. Where the feed tells the time by the clock, a report of an hour that
   * comes twice is of its first run; one that differs from what is known of it, or comes too late for
   * it, is of the second.
   * @throws TocsinError `input.payload` when the block is not of this lane's period
   */
  ingest(block: ReportBlock): IngestCounts {
    if (block.periodSeconds !== this.#spec.periodSeconds) {
      throw new TocsinError(
        'input.payload',
        `feed ${block.feed} has periods of ${this.#spec.periodSeconds} s, the block ${block.periodSeconds} s`,
      );
    }
    const columns = this.#columnsOf(block.kpis);
    const counts: IngestCounts = { accepted: 0, duplicates: 0, conflicts: 0, late: 0 };
    let number = Number.NaN;
    let pending: PendingPeriod | undefined;
    let later = Number.NaN;
    for (let row = 0; row < block.rows; row++) {
      const period = Math.floor((block.periodStartMs[row] ?? 0) / this.#periodMs);
      if (period !== number) {
        number = period;
        pending = this.#takingFor(period);
        later = Number.NaN;
      }
      let outcome = this.#take(pending, block, row, columns);
      if (this.#spec.hasClockTimes && (outcome === 'late' || outcome === 'conflicts')) {
        if (later !== later) later = this.#progress.secondRunAfter(period);
        if (later > 0) outcome = this.#take(this.#takingFor(period + later), block, row, columns);
      }
      counts[outcome]++;
    }
    return counts;
  }

  #takingFor(period: number): PendingPeriod | undefined {
    return period < this.#progress.firstOpen() ? undefined : this.#open(period);
  }

  /** Takes a row; without a period that takes it, it is late. */
  #take(
    pending: PendingPeriod | undefined,
    block: ReportBlock,
    row: number,
    columns: Int32Array,
  ): keyof IngestCounts {
    if (pending === undefined) return 'late';
    const id = block.objectIds[row] ?? '';
    let object = this.#objects.find(id);
    if (object < 0) object = this.#objects.add(id);
    return pending.take(object, block, row, columns);
  }

  /** @returns number of the earliest period that waits, NaN when none does */
  earliest(): number {
    let least = Number.NaN;
    for (const period of this.#periods.keys()) if (!(period >= least)) least = period;
    return least;
  }

  /** Takes a period's reports out, undefined when there are none. */
  take(period: number): PendingPeriod | undefined {
    const pending = this.#periods.get(period);
    this.#periods.delete(period);
    return pending;
  }

  /** Whether a report of this object waits. */
  holds(object: number): boolean {
    for (const pending of this.#periods.values()) if ((pending.rowOf[object] ?? 0) > 0) return true;
    return false;
  }

  /** Gives a released period's buffers back for reuse. */
  recycle(pending: PendingPeriod): void {
    if (this.#spare.length >= SPARE) return;
    pending.reset();
    this.#spare.push(pending);
  }

  save(writer: StateWriter, name: string): void {
    const numbers = [...this.#periods.keys()].sort((a, b) => a - b);
    writer.json(`${name}.pending`, numbers);
    for (const number of numbers)
      this.#periods.get(number)?.save(writer, `${name}.pending.${number}`);
  }

  load(reader: StateReader, name: string, stored: StoredShape): void {
    this.#periods.clear();
    for (const number of reader.json<number[]>(`${name}.pending`)) {
      const pending = new PendingPeriod(this.#shape);
      pending.load(reader, `${name}.pending.${number}`, stored);
      this.#periods.set(number, pending);
    }
  }

  #open(period: number): PendingPeriod | undefined {
    const known = this.#periods.get(period);
    if (known) return known;
    if (this.#periods.size >= this.#bound && !this.#makeRoom(period)) return undefined;
    const fresh = this.#spare.pop() ?? new PendingPeriod(this.#shape);
    this.#periods.set(period, fresh);
    return fresh;
  }

  /** Closes the earliest open period for a later one. @returns false for one older than all */
  #makeRoom(period: number): boolean {
    const firstOpen = this.#progress.firstOpen();
    const open = [...this.#periods.keys()].filter((number) => number >= firstOpen);
    if (open.length < this.#bound) return true;
    const earliest = Math.min(...open);
    if (period < earliest) return false;
    this.#progress.closeThrough(earliest);
    return true;
  }

  /** Place of each of the block's KPIs in the lane, -1 for one that the lane does not have. */
  #columnsOf(kpis: readonly string[]): Int32Array {
    if (kpis === this.#columnsFor) return this.#columns;
    const place = new Map(this.#spec.kpis.map((kpi, k) => [kpi.name, k]));
    this.#columns = Int32Array.from(kpis, (name) => place.get(name) ?? -1);
    this.#columnsFor = kpis;
    return this.#columns;
  }
}
