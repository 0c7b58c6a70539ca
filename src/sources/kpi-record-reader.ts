import type { Fact } from '../domain/facts.js';
import type { CompiledFeed } from './compiled-feed.js';
import { decimalOf } from './decimal.js';
import type { DecodeContext } from './decode.js';
import { KpiRows } from './kpi-rows.js';
import type { Refusals } from './refusals.js';

/** Reads one column of a row. */
export type ColumnOf<Row> = (row: Row) => unknown;

/**
 * Reads rows whose columns are had by name: members of a JSON record, cells of a table. Numbers may
 * come as text; an empty text and null are absent.
 */
export class KpiRecordReader<Row> {
  readonly #feed: CompiledFeed;
  readonly #refusals: Refusals;
  readonly #rows: KpiRows;
  readonly #values: Float64Array;
  readonly #columns: readonly ColumnOf<Row>[];
  readonly #object: ColumnOf<Row> | undefined;
  readonly #time: ColumnOf<Row>;

  /** @param columnNamed makes the reader of a column; it is asked once for each */
  constructor(
    feed: CompiledFeed,
    context: DecodeContext,
    refusals: Refusals,
    columnNamed: (name: string) => ColumnOf<Row>,
  ) {
    this.#feed = feed;
    this.#refusals = refusals;
    this.#rows = new KpiRows(feed, context, refusals);
    this.#values = new Float64Array(feed.columns.length);
    this.#columns = feed.columns.map(columnNamed);
    const object = feed.feed.object?.column;
    this.#object = object === undefined ? undefined : columnNamed(object);
    this.#time = columnNamed(feed.feed.time?.column ?? 'time');
  }

  get pending(): number {
    return this.#rows.pending;
  }

  take(): Fact[] {
    const block = this.#rows.take();
    return block === undefined ? [] : [{ kind: 'reports', block }];
  }

  /**
   * Reads one row.
   * @param timeMs its time when it came apart from the row
   * @returns whether it was kept
   */
  read(row: Row, timeMs?: number): boolean {
    if (!this.#readValues(row)) {
      const allowed = this.#feed.columns.join(', ');
      this.#refusals.refuse(
        'kpi.none',
        `none of the feed's columns is there: allowed are ${allowed}`,
      );
      return false;
    }
    const time = timeMs ?? this.#time(row);
    const ms = timeMs ?? this.#feed.readTime(time);
    return this.#rows.add(asId(this.#object?.(row)), ms, time, this.#values);
  }

  /**
   * Takes one row whose columns have been read already.
   * @param values by column of the feed, NaN where absent
   * @returns whether it was kept
   */
  add(id: string | undefined, time: unknown, values: Float64Array): boolean {
    return this.#rows.add(id, this.#feed.readTime(time), time, values);
  }

  /** @returns whether any column is there, were it empty */
  #readValues(row: Row): boolean {
    let isAny = false;
    for (let column = 0; column < this.#columns.length; column++) {
      const raw = this.#columns[column]?.(row);
      if (raw !== undefined) isAny = true;
      this.#values[column] = this.#number(column, raw);
    }
    return isAny;
  }

  #number(column: number, raw: unknown): number {
    if (typeof raw === 'number' && Number.isFinite(raw)) return raw;
    if (raw === undefined || raw === null) return Number.NaN;
    if (typeof raw === 'bigint') return Number(raw);
    if (typeof raw === 'string') {
      const text = raw.trim();
      if (text === '') return Number.NaN;
      const value = decimalOf(text);
      if (value === value) return value;
    }
    this.#rows.notANumber(column, raw);
    return Number.NaN;
  }
}

/** A JSON number has lost its spelling, but a whole one that is exact has only one. */
function asId(id: unknown): string | undefined {
  if (typeof id === 'string') return id;
  return typeof id === 'number' && Number.isSafeInteger(id) ? String(id) : undefined;
}
