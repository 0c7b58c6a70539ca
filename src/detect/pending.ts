import type { ReportBlock } from '../domain/kpi.js';
import type { StateReader, StateWriter } from './state-codec.js';

/** What became of one row. */
export type RowOutcome = 'accepted' | 'duplicates' | 'conflicts';

/** Readings of one period that waits for its watermark, in rows as they came. */
export class PendingPeriod {
  readonly #width: number;
  /** object number to row + 1; 0 = has not reported */
  rowOf = new Int32Array(64);
  values: Float64Array;
  attempts: Float64Array;
  rows = 0;

  /** @param width KPIs per object */
  constructor(width: number) {
    this.#width = width;
    this.values = new Float64Array(64 * width);
    this.attempts = new Float64Array(64 * width);
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
      this.attempts[at + column] = block.attempts[from + i] ?? Number.NaN;
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
    writer.array(`${name}.attempts`, this.attempts.subarray(0, this.rows * this.#width));
  }

  /** @param columns for each KPI now, its place in the stored rows, or -1 */
  load(reader: StateReader, name: string, columns: readonly number[], storedWidth: number): void {
    this.rows = reader.json<number>(`${name}.rows`);
    this.rowOf = new Int32Array(reader.length(`${name}.rowOf`));
    reader.into(`${name}.rowOf`, this.rowOf);
    for (const field of ['values', 'attempts'] as const) {
      const stored = new Float64Array(this.rows * storedWidth);
      reader.into(`${name}.${field}`, stored);
      this[field] = new Float64Array(Math.max(64, this.rows) * this.#width).fill(Number.NaN);
      for (let row = 0; row < this.rows; row++) {
        columns.forEach((from, to) => {
          if (from < 0) return;
          this[field][row * this.#width + to] = stored[row * storedWidth + from] ?? Number.NaN;
        });
      }
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
        this.attempts[at + column] = attempts;
        isNew = true;
      } else if (old !== value || !Object.is(this.attempts[at + column], attempts)) {
        differs = true;
      }
    }
    if (differs) return 'conflicts';
    return isNew ? 'accepted' : 'duplicates';
  }

  #grow(): void {
    this.values = grown(this.values, this.values.length + 1);
    this.attempts = grown(this.attempts, this.attempts.length + 1);
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
