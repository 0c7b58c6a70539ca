import type { Fact } from '../domain/facts.js';
import type { CompiledFeed } from './compiled-feed.js';
import type { DecodeContext, DecodeOutcome, Decoder } from './decode.js';
import { isRecord, jsonRecords, memberAt, notARecord } from './json-payload.js';
import { KpiRecordReader } from './kpi-record-reader.js';
import { rawJson } from './raw-json.js';
import { Refusals } from './refusals.js';

/** Decodes JSON records, and rows of InfluxDB, of a feed of kind `kpi`. */
export class KpiRecordDecoder implements Decoder {
  readonly feed: CompiledFeed;
  readonly #refusals: Refusals;
  readonly #reader: KpiRecordReader<Record<string, unknown>>;
  #record: unknown;

  constructor(feed: CompiledFeed, context: DecodeContext) {
    this.feed = feed;
    this.#refusals = new Refusals(feed.name, context);
    this.#reader = new KpiRecordReader(feed, context, this.#refusals, memberAt);
  }

  get pending(): number {
    return this.#reader.pending;
  }

  take(): Fact[] {
    return this.#reader.take();
  }

  payload(bytes: Uint8Array): DecodeOutcome {
    const outcome = this.#refusals.begin();
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

  record(record: unknown, timeMs?: number): boolean {
    this.#record = record;
    this.#refusals.from(this.#raw);
    if (isRecord(record)) return this.#refusals.settle(this.#reader.read(record, timeMs));
    this.#refusals.refuse('payload.schema', notARecord(record));
    return this.#refusals.settle(false);
  }

  readonly #raw = (): string => rawJson(this.#record);
}
