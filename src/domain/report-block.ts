import type { ObjectType } from './ids.js';
import type { ReportBlock } from './kpi.js';

const NONE = new Float64Array(0);

/** What every row of a block shares. */
export interface BlockShape {
  readonly feed: string;
  readonly objectType: ObjectType;
  readonly periodSeconds: number;
  readonly kpis: readonly string[];
}

/**
 * Collects reports into columns without an object per sample. Buffers double as they fill and are
 * handed over by `finish`, after which the builder starts an empty block.
 */
export class ReportBlockBuilder {
  readonly shape: BlockShape;
  /** rows the next buffers are made for; buffers themselves are made with the first row */
  #capacity: number;
  #room = 0;
  #objectIds: string[] = [];
  #periodStartMs: Float64Array = NONE;
  #values: Float64Array = NONE;
  #attempts: Float64Array = NONE;

  constructor(shape: BlockShape, capacity = 1024) {
    this.shape = shape;
    this.#capacity = capacity;
  }

  get rows(): number {
    return this.#objectIds.length;
  }

  /** Opens a row whose KPIs are all absent. @returns the row's number, for `set` */
  addRow(objectId: string, periodStartMs: number): number {
    const row = this.#objectIds.length;
    if (row === this.#room) this.#grow();
    this.#objectIds.push(objectId);
    this.#periodStartMs[row] = periodStartMs;
    return row;
  }

  /** Sets one KPI of a row. @param attempts the ratio's denominator, NaN when unknown */
  set(row: number, kpi: number, value: number, attempts = Number.NaN): void {
    const at = row * this.shape.kpis.length + kpi;
    this.#values[at] = value;
    this.#attempts[at] = attempts;
  }

  /** Hands over the rows so far (views of the buffers, no copy) and starts afresh. */
  finish(): ReportBlock {
    const rows = this.#objectIds.length;
    const width = this.shape.kpis.length;
    const block: ReportBlock = {
      ...this.shape,
      rows,
      objectIds: this.#objectIds,
      periodStartMs: this.#periodStartMs.subarray(0, rows),
      values: this.#values.subarray(0, rows * width),
      attempts: this.#attempts.subarray(0, rows * width),
    };
    // Blocks of one source are of a size: the next is made for a little more than this one.
    this.#capacity = Math.max(16, Math.ceil(rows * 1.125));
    this.#room = 0;
    this.#objectIds = [];
    this.#periodStartMs = this.#values = this.#attempts = NONE;
    return block;
  }

  #grow(): void {
    const width = this.shape.kpis.length;
    this.#room = this.#room === 0 ? this.#capacity : this.#room * 2;
    const times = new Float64Array(this.#room);
    times.set(this.#periodStartMs);
    this.#periodStartMs = times;
    const widen = (old: Float64Array): Float64Array => {
      const wide = new Float64Array(this.#room * width).fill(Number.NaN);
      wide.set(old);
      return wide;
    };
    this.#values = widen(this.#values);
    this.#attempts = widen(this.#attempts);
  }
}

/** Number of KPI values present in a block: what `samples` counts. */
export function countSamples(block: ReportBlock): number {
  let samples = 0;
  for (const value of block.values) if (value === value) samples++;
  return samples;
}
