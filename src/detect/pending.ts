import type { ReportBlock } from '../domain/kpi.js';
import type { StateReader, StateWriter } from './state-codec.js';

/** What became of one row. */
export type RowOutcome = 'accepted' | 'duplicates' | 'conflicts';

/** Which KPIs of a lane have attempts, and so a column for them. */
export interface PendingShape {
  /** KPIs per object */
  readonly width: number;
  /** for each KPI its column of attempts, or -1 */
  readonly attemptsOf: Int32Array;
  /** columns of attempts per object */
  readonly attemptsWidth: number;
}

/** @param isRatio for each KPI of a lane, whether it has attempts */
export function pendingShape(isRatio: readonly boolean[]): PendingShape {
  let attemptsWidth = 0;
  const attemptsOf = Int32Array.from(isRatio, (has) => (has ? attemptsWidth++ : -1));
  return { width: isRatio.length, attemptsOf, attemptsWidth };
}

/** A stored state's shape, and where it has each of the KPIs of now. */
export interface StoredShape {
  readonly shape: PendingShape;
  readonly columns: readonly number[];
}

/** Readings of one period that waits for its watermark, in rows as they came. */
export class PendingPeriod {
  readonly shape: PendingShape;
  readonly #width: number;
  /** object number to row + 1; 0 = has not reported */
  rowOf = new Int32Array(64);
  values: Float64Array;
  attempts: Float64Array;
  rows = 0;

  constructor(shape: PendingShape) {
    this.shape = shape;
    this.#width = shape.width;
    this.values = new Float64Array(64 * shape.width);
    this.attempts = new Float64Array(64 * shape.attemptsWidth);
  }

  /** Attempts of a row's KPI, NaN when unknown. */
  attemptsAt(row: number, kpi: number): number {
    const column = this.shape.attemptsOf[kpi] ?? -1;
    if (column < 0) return Number.NaN;
    return this.attempts[row * this.shape.attemptsWidth + column] ?? Number.NaN;
  }

  /** Takes a row of a block; the first value of an object and KPI stays. */
  take(object: number, block: ReportBlock, row: number, columns: Int32Array): RowOutcome {
    if (object >= this.rowOf.length) this.rowOf = grown(this.rowOf, object + 1);
    const known = this.rowOf[object] ?? 0;
    if (known > 0) return this.#merge(known - 1, block, row, columns);
    const at = this.rows * this.#width;
    if (at + this.#width > this.values.length) this.#grow();
    this.rowOf[object] = ++this.rows;
    const from = row * columns.length;
    this.values.fill(Number.NaN, at, at + this.#width);
    for (let i = 0; i < columns.length; i++) {
      const column = columns[i] ?? -1;
      if (column < 0) continue;
      this.values[at + column] = block.values[from + i] ?? Number.NaN;
      this.#setAttempts(this.rows - 1, column, block.attempts[from + i] ?? Number.NaN);
    }
    return 'accepted';
  }

  /** Empties the period for reuse; buffers stay. */
  reset(): void {
    this.rowOf.fill(0);
    this.rows = 0;
  }

  save(writer: StateWriter, name: string): void {
    writer.json(`${name}.rows`, this.rows);
    writer.array(`${name}.rowOf`, this.rowOf);
    writer.array(`${name}.values`, this.values.subarray(0, this.rows * this.#width));
    const cells = this.rows * this.shape.attemptsWidth;
    writer.array(`${name}.attempts`, this.attempts.subarray(0, cells));
  }

  /** @param stored shape of what was saved, and for each KPI now its place in it, or -1 */
  load(reader: StateReader, name: string, stored: StoredShape): void {
    this.rows = reader.json<number>(`${name}.rows`);
    this.rowOf = new Int32Array(reader.length(`${name}.rowOf`));
    reader.into(`${name}.rowOf`, this.rowOf);
    const { width, attemptsWidth, attemptsOf } = stored.shape;
    const values = new Float64Array(this.rows * width);
    const attempts = new Float64Array(this.rows * attemptsWidth);
    reader.into(`${name}.values`, values);
    reader.into(`${name}.attempts`, attempts);
    const room = Math.max(64, this.rows);
    this.values = new Float64Array(room * this.#width).fill(Number.NaN);
    this.attempts = new Float64Array(room * this.shape.attemptsWidth).fill(Number.NaN);
    for (let row = 0; row < this.rows; row++) {
      stored.columns.forEach((from, to) => {
        if (from < 0) return;
        this.values[row * this.#width + to] = values[row * width + from] ?? Number.NaN;
        const column = attemptsOf[from] ?? -1;
        if (column < 0) return;
        this.#setAttempts(row, to, attempts[row * attemptsWidth + column] ?? Number.NaN);
      });
    }
  }

  #merge(known: number, block: ReportBlock, row: number, columns: Int32Array): RowOutcome {
    const at = known * this.#width;
    const from = row * columns.length;
    let isNew = false;
    let differs = false;
    for (let i = 0; i < columns.length; i++) {
      const column = columns[i] ?? -1;
      const value = block.values[from + i] ?? Number.NaN;
      if (column < 0 || value !== value) continue;
      const attempts = block.attempts[from + i] ?? Number.NaN;
      const old = this.values[at + column] ?? Number.NaN;
      if (old !== old) {
        this.values[at + column] = value;
        this.#setAttempts(known, column, attempts);
        isNew = true;
      } else if (old !== value || !this.#hasAttempts(known, column, attempts)) {
        differs = true;
      }
    }
    if (differs) return 'conflicts';
    return isNew ? 'accepted' : 'duplicates';
  }

  #setAttempts(row: number, kpi: number, attempts: number): void {
    const column = this.shape.attemptsOf[kpi] ?? -1;
    if (column >= 0) this.attempts[row * this.shape.attemptsWidth + column] = attempts;
  }

  #hasAttempts(row: number, kpi: number, attempts: number): boolean {
    const isKept = (this.shape.attemptsOf[kpi] ?? -1) >= 0;
    return !isKept || Object.is(this.attemptsAt(row, kpi), attempts);
  }

  #grow(): void {
    const rows = 2 * (this.values.length / Math.max(1, this.#width));
    this.values = grown(this.values, rows * this.#width);
    this.attempts = grown(this.attempts, rows * this.shape.attemptsWidth);
  }
}

function grown<A extends Int32Array | Float64Array>(array: A, least: number): A {
  let length = array.length;
  while (length < least) length *= 2;
  const Type = array.constructor as new (length: number) => A;
  const wide = new Type(length);
  wide.set(array);
  return wide;
}
