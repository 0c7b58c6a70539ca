import type { Fact } from '../domain/facts.js';
import type { CompiledFeed } from './compiled-feed.js';
import { decimalOf } from './decimal.js';
import type { DecodeContext, DecodeOutcome, Decoder } from './decode.js';
import { isRecord, jsonRecords, type Member, memberAt, notARecord } from './json-payload.js';
import { KpiRows } from './kpi-rows.js';
import { Refusals } from './refusals.js';

/**
 * Decodes records with named members (JSON, rows of a CSV file, rows of InfluxDB) of a feed of kind
 * `kpi`. Numbers may come as text; an empty text and null are absent.
 */
export class KpiRecordDecoder implements Decoder {
  readonly feed: CompiledFeed;
  readonly #rows: KpiRows;
  readonly #refusals: Refusals;
  readonly #values: Float64Array;
  readonly #members: readonly Member[];
  readonly #object: Member | undefined;
  readonly #time: Member;

  constructor(feed: CompiledFeed, context: DecodeContext) {
    this.feed = feed;
    this.#refusals = new Refusals(feed.name, context);
    this.#rows = new KpiRows(feed, context, this.#refusals);
    this.#values = new Float64Array(feed.columns.length);
    this.#members = feed.columns.map(memberAt);
    const column = feed.feed.object?.column;
    this.#object = column === undefined ? undefined : memberAt(column);
    this.#time = memberAt(feed.feed.time?.column ?? 'time');
  }

  get pending(): number {
    return this.#rows.pending;
  }

  payload(bytes: Uint8Array): DecodeOutcome {
    const outcome = this.#refusals.begin();
    for (const item of jsonRecords(bytes)) {
      if ('record' in item) {
        this.#decode(item.record, undefined);
      } else {
        this.#refusals.from(() => item.text);
        this.#refusals.refuse(item.reason, item.detail);
        this.#refusals.settle(false);
      }
      this.#refusals.index++;
    }
    return outcome;
  }

  record(record: unknown, timeMs?: number): boolean {
    return this.#decode(record, timeMs);
  }

  take(): Fact[] {
    const block = this.#rows.take();
    return block === undefined ? [] : [{ kind: 'reports', block }];
  }

  #decode(record: unknown, timeMs: number | undefined): boolean {
    const refusals = this.#refusals;
    refusals.from(() => JSON.stringify(record) ?? String(record));
    if (!isRecord(record)) {
      refusals.refuse('payload.schema', notARecord(record));
      return refusals.settle(false);
    }
    if (!this.#readValues(record)) {
      refusals.refuse(
        'kpi.none',
        `none of the feed's columns is there: allowed are ${this.feed.columns.join(', ')}`,
      );
      return refusals.settle(false);
    }
    const time = timeMs ?? this.#time(record);
    const ms = timeMs ?? this.feed.readTime(time);
    return refusals.settle(this.#rows.add(this.#alias(record), ms, time, this.#values));
  }

  /** @returns whether any column is there, were it empty */
  #readValues(record: Record<string, unknown>): boolean {
    let isAny = false;
    for (let column = 0; column < this.#members.length; column++) {
      const raw = this.#members[column]?.(record);
      if (raw !== undefined) isAny = true;
      this.#values[column] = this.#number(column, raw);
    }
    return isAny;
  }

  #number(column: number, raw: unknown): number {
    if (typeof raw === 'number' && Number.isFinite(raw)) return raw;
    if (raw === undefined || raw === null) return Number.NaN;
    if (typeof raw === 'string') {
      const text = raw.trim();
      if (text === '') return Number.NaN;
      const value = decimalOf(text);
      if (value === value) return value;
    }
    this.#rows.notANumber(column, raw);
    return Number.NaN;
  }

  #alias(record: Record<string, unknown>): string | undefined {
    const id = this.#object?.(record);
    if (typeof id === 'string') return id;
    // A JSON number has lost its spelling, but a whole one that is exact has only one.
    return typeof id === 'number' && Number.isSafeInteger(id) ? String(id) : undefined;
  }
}
