import { messageOf, TocsinError } from '../../domain/errors.js';
import type { DeadLetter, Fact } from '../../domain/facts.js';
import type { CompiledFeed } from '../../sources/compiled-feed.js';
import type { DecodeContext, Decoder } from '../../sources/decode.js';
import { createDecoder } from '../../sources/decoder.js';
import type { AvroReader } from './avro.js';
import type { Records } from './ports.js';

/** What a topic carries. */
export interface TopicRoute {
  readonly topic: string;
  readonly feed: CompiledFeed;
  /** default: the feed's format; `avro` is for feeds of format json */
  readonly payload?: 'json' | 'lineProtocol' | 'avro';
}

/** What decoding needs besides the route. */
export interface TopicDecoding {
  readonly context: Omit<DecodeContext, 'source'>;
  /** needed when a route is Avro */
  readonly avro?: AvroReader;
  /** default 1 MiB, Kafka's own default: a report is a few hundred bytes */
  readonly maxMessageBytes?: number;
}

/** What a range of records held. Dead letters wait here until the facts are durable. */
export interface Decoded {
  readonly facts: readonly Fact[];
  readonly letters: readonly DeadLetter[];
  /** records looked at */
  readonly records: number;
  /** offset after the last of them; undefined when the range was empty */
  readonly next: number | undefined;
}

/** Which records to decode: offsets from `from` to `through`, at most `limit` of them. */
export interface RecordRange {
  readonly from: number;
  readonly through: number;
  readonly limit: number;
}

/** Turns records of one partition into facts. */
export interface RangeDecoder {
  /**
   * Decodes the range; what the records hold never makes it fail.
   * @throws TocsinError `unavailable.kafka` (rejects) when a schema cannot be had; decode again then
   */
  decode(sets: readonly Records[], range: RecordRange): Promise<Decoded>;
}

const MAX_MESSAGE_BYTES = 1024 * 1024;
const KEPT_BYTES = 4096;

/** Decodes the records of one partition by the topic's feed. */
export class TopicDecoder implements RangeDecoder {
  readonly #route: TopicRoute;
  readonly #avro: AvroReader | undefined;
  readonly #maxBytes: number;
  readonly #decoder: Decoder;
  #letters: DeadLetter[] = [];
  /** of the record in hand */
  #offset = 0;

  /** @throws TocsinError `input.config` when the payload and the feed do not go together */
  constructor(route: TopicRoute, decoding: TopicDecoding) {
    this.#route = route;
    this.#avro = avroOf(route, decoding);
    this.#maxBytes = decoding.maxMessageBytes ?? MAX_MESSAGE_BYTES;
    this.#decoder = createDecoder(route.feed, {
      ...decoding.context,
      source: 'kafka',
      deadLetters: { record: (letter) => this.#letters.push(this.#placed(letter)) },
    });
  }

  /** @param onRecord told after each record how many reports the facts hold so far */
  async decode(
    sets: readonly Records[],
    range: RecordRange,
    onRecord?: (offset: number, pending: number) => void,
  ): Promise<Decoded> {
    this.#letters = [];
    this.#decoder.take();
    let records = 0;
    let next: number | undefined;
    for (const set of sets) {
      if (set.lastOffset < range.from) continue;
      if (set.unreadable) this.#unreadable(set.lastOffset, set.unreadable);
      for (let i = 0; i < set.count; i++) {
        const offset = set.offset(i);
        if (offset < range.from) continue;
        if (offset > range.through) return this.#done(records, range.through + 1);
        if (records === range.limit) return this.#done(records, next);
        const waits = this.#decode(offset, set.value(i));
        if (waits) await waits;
        records++;
        next = offset + 1;
        onRecord?.(offset, this.#decoder.pending);
      }
      if (set.lastOffset <= range.through) next = set.lastOffset + 1;
    }
    return this.#done(records, next);
  }

  #done(records: number, next: number | undefined): Decoded {
    const letters = this.#letters;
    this.#letters = [];
    return { facts: this.#decoder.take(), letters, records, next };
  }

  #decode(offset: number, value: Uint8Array | undefined): Promise<void> | undefined {
    if (value === undefined) return undefined;
    this.#offset = offset;
    if (value.length > this.#maxBytes) {
      const detail = `a message of ${value.length} bytes: at most ${this.#maxBytes} are allowed`;
      this.#refuse('payload.tooLarge', detail, value);
      return undefined;
    }
    if (this.#avro) return this.#decodeAvro(this.#avro, value);
    try {
      this.#decoder.payload(value);
    } catch (error) {
      // A fault of ours must not stop the partition for ever.
      this.#refuse('record.invalid', `cannot be decoded: ${messageOf(error)}`, value);
    }
    return undefined;
  }

  #decodeAvro(avro: AvroReader, value: Uint8Array): Promise<void> | undefined {
    const outcome = avro.read(value);
    const settle = (read: Awaited<typeof outcome>): void => {
      if ('record' in read) this.#decoder.record(read.record);
      else this.#refuse('payload.malformed', read.refused, value);
    };
    if (outcome instanceof Promise) return outcome.then(settle);
    settle(outcome);
    return undefined;
  }

  #unreadable(offset: number, why: NonNullable<Records['unreadable']>): void {
    this.#offset = offset;
    this.#refuse(why.reason, `a record batch up to here cannot be read: ${why.detail}`, why.bytes);
  }

  #refuse(reason: string, detail: string, value: Uint8Array): void {
    const payload = value.slice(0, KEPT_BYTES);
    const feed = this.#route.feed.name;
    this.#letters.push(this.#placed({ feed, source: 'kafka', reason, detail, payload }));
  }

  #placed(letter: DeadLetter): DeadLetter {
    const place = `${this.#route.topic} offset ${this.#offset}`;
    return { ...letter, detail: `${letter.detail} (${place})` };
  }
}

function avroOf(route: TopicRoute, decoding: TopicDecoding): AvroReader | undefined {
  const { format } = route.feed.feed;
  const payload = route.payload ?? format;
  const wanted = payload === 'avro' ? 'json' : payload;
  if (format === 'csv' || wanted !== format) {
    throw new TocsinError(
      'input.config',
      `kafka topic ${route.topic}: payload ${payload} does not go with feed ${route.feed.name} of format ${format}: allowed are json with json, lineProtocol with lineProtocol, avro with json`,
    );
  }
  if (payload !== 'avro') return undefined;
  if (decoding.avro) return decoding.avro;
  throw new TocsinError(
    'input.config',
    `kafka topic ${route.topic}: payload avro needs kafka.schemaRegistry`,
  );
}
