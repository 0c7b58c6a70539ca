import { TocsinError } from '../domain/errors.js';
import type { Fact } from '../domain/facts.js';
import type { CompiledFeed } from './compiled-feed.js';
import type { DecodeContext, DecodeOutcome, Decoder } from './decode.js';
import { KpiRecordDecoder } from './kpi-record-decoder.js';
import { LineDecoder } from './line-decoder.js';
import type { Precision } from './line-scanner.js';
import { RecordDecoder } from './record-decoder.js';

const PRECISIONS: Readonly<Record<string, Precision>> = {
  epochSeconds: 's',
  epochMillis: 'ms',
  epochMicros: 'us',
  epochNanos: 'ns',
};

/**
 * The decoder for payloads and records of one feed.
 * @throws TocsinError `input.rules` for line protocol of another kind than `kpi`
 */
export function createDecoder(feed: CompiledFeed, context: DecodeContext): Decoder {
  if (feed.feed.kind !== 'kpi') {
    if (feed.feed.format === 'lineProtocol') {
      throw new TocsinError(
        'input.rules',
        `feed ${feed.name}: line protocol carries kind kpi, not ${feed.feed.kind}`,
      );
    }
    return new RecordDecoder(feed, context);
  }
  return feed.feed.format === 'lineProtocol'
    ? new LineFeedDecoder(feed, context)
    : new KpiRecordDecoder(feed, context);
}

/** Line protocol of one feed; its records are rows of InfluxDB with tags and fields as members. */
class LineFeedDecoder implements Decoder {
  readonly feed: CompiledFeed;
  readonly #lines: LineDecoder;
  readonly #records: KpiRecordDecoder;
  readonly #precision: Precision;

  constructor(feed: CompiledFeed, context: DecodeContext) {
    this.feed = feed;
    this.#lines = new LineDecoder([feed], context);
    this.#records = new KpiRecordDecoder(feed, context);
    this.#precision = PRECISIONS[feed.feed.time?.format ?? ''] ?? 'ns';
  }

  get pending(): number {
    return this.#lines.pending + this.#records.pending;
  }

  payload(bytes: Uint8Array): DecodeOutcome {
    return this.#lines.payload(bytes, this.#precision);
  }

  record(record: unknown, timeMs?: number): boolean {
    return this.#records.record(record, timeMs);
  }

  take(): Fact[] {
    return [...this.#lines.take(), ...this.#records.take()];
  }
}
