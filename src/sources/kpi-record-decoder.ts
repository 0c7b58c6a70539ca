import type { Fact } from '../domain/facts.js';
import type { CompiledFeed } from './compiled-feed.js';
import type { DecodeContext, DecodeOutcome, Decoder } from './decode.js';
import { IdTable } from './id-table.js';
import { isRecord, jsonRecords, memberAt, notARecord } from './json-payload.js';
import { jsonPlan } from './json-plan.js';
import { JsonScanner } from './json-scanner.js';
import { KpiRecordReader } from './kpi-record-reader.js';
import { rawJson } from './raw-json.js';
import { Refusals } from './refusals.js';

/** Decodes JSON records, and rows of InfluxDB, of a feed of kind `kpi`. */
export class KpiRecordDecoder implements Decoder {
  readonly feed: CompiledFeed;
  readonly #refusals: Refusals;
  readonly #reader: KpiRecordReader<Record<string, unknown>>;
  readonly #scanner: JsonScanner | undefined;
  readonly #ids = new IdTable(plainText);
  readonly #times = new IdTable(plainText);
  #record: unknown;
  #bytes: Uint8Array = new Uint8Array(0);

  constructor(feed: CompiledFeed, context: DecodeContext) {
    this.feed = feed;
    this.#refusals = new Refusals(feed.name, context);
    this.#reader = new KpiRecordReader(feed, context, this.#refusals, memberAt);
    const plan = jsonPlan(feed);
    this.#scanner = plan && new JsonScanner(plan, feed.columns.length);
  }

  get pending(): number {
    return this.#reader.pending;
  }

  take(): Fact[] {
    return this.#reader.take();
  }

  payload(bytes: Uint8Array): DecodeOutcome {
    const outcome = this.#refusals.begin();
    if (this.#isPlain(bytes)) return outcome;
    for (const item of jsonRecords(bytes)) {
      if ('record' in item) {
        this.record(item.record);
      } else {
        this.#refusals.from(() => item.text);
        this.#refusals.refuse(item.reason, item.detail);
        this.#refusals.settle(false);
      }
      this.#refusals.index++;
    }
    return outcome;
  }

  /** @returns whether the payload was a plain object, and hence is done with */
  #isPlain(bytes: Uint8Array): boolean {
    const scanner = this.#scanner;
    if (!scanner?.scan(bytes) || scanner.columnsSeen === 0) return false;
    const { idStart, idEnd, timeStart, timeEnd, timeNumber, values } = scanner;
    if (timeStart < 0 && timeNumber !== timeNumber) return false;
    const id = idStart < 0 ? undefined : this.#ids.text(bytes, idStart, idEnd);
    const time = timeStart < 0 ? timeNumber : this.#times.text(bytes, timeStart, timeEnd);
    this.#bytes = bytes;
    this.#refusals.from(this.#rawBytes);
    this.#refusals.settle(this.#reader.add(id, time, values));
    return true;
  }

  record(record: unknown, timeMs?: number): boolean {
    this.#record = record;
    this.#refusals.from(this.#raw);
    if (isRecord(record)) return this.#refusals.settle(this.#reader.read(record, timeMs));
    this.#refusals.refuse('payload.schema', notARecord(record));
    return this.#refusals.settle(false);
  }

  readonly #rawBytes = (): Uint8Array => this.#bytes;

  readonly #raw = (): string => rawJson(this.#record);
}

const ascii = new TextDecoder('latin1');

function plainText(bytes: Uint8Array): string {
  return ascii.decode(bytes);
}
