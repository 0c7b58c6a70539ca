import type { Logger } from 'pino';
import { messageOf } from '../../domain/errors.js';
import type { DeadLetters, Intake } from '../../sources/ports.js';
import { backoffMs } from './backoff.js';
import { PartitionCursor } from './partition-cursor.js';
import type {
  FetchedBatch,
  GroupConsumer,
  KafkaBus,
  LinkStatus,
  OnLinkStatus,
  TopicPartition,
} from './ports.js';
import {
  type Decoded,
  TopicDecoder,
  type TopicDecoding,
  type TopicRoute,
} from './topic-decoder.js';

export interface TopicSourceOptions {
  readonly groupId: string;
  readonly topics: readonly TopicRoute[];
  readonly decoding: TopicDecoding;
  readonly intake: Intake;
  readonly status: OnLinkStatus;
  readonly log: Logger;
}

/** Batches that are decoded and journalled at the same time. */
const CONCURRENCY = 4;

interface Reading {
  readonly place: TopicPartition;
  readonly source: string;
  readonly decoder: TopicDecoder;
  cursor: PartitionCursor | undefined;
  /** records to take at once; shrinks to find the one record that cannot be stored */
  limit: number;
  /** offset after the partition's newest record, as far as known */
  end: number | undefined;
  failures: number;
  trouble: string | undefined;
  timer: NodeJS.Timeout | undefined;
}

/**
 * Reads topics into the intake. How far a partition was read is stored in the transaction that
 * stores what was read, and nothing else decides where reading goes on: the group's committed
 * offsets only follow, to show the lag. While the intake is away or behind, the partition is paused
 * with nothing of it in memory, and tried again after a growing pause.
 */
export class TopicSource {
  readonly #bus: KafkaBus;
  readonly #options: TopicSourceOptions;
  readonly #routes: ReadonlyMap<string, TopicRoute>;
  readonly #consumer: GroupConsumer;
  readonly #readings = new Map<string, Reading>();
  #link: { status: LinkStatus; detail: string } = { status: 'down', detail: 'connecting' };

  /** @throws TocsinError `input.config` when a topic's payload and feed do not go together */
  constructor(bus: KafkaBus, options: TopicSourceOptions) {
    this.#bus = bus;
    this.#options = options;
    this.#routes = new Map(options.topics.map((route) => [route.topic, route]));
    for (const route of options.topics) new TopicDecoder(route, options.decoding);
    this.#consumer = bus.consumer(
      { groupId: options.groupId, topics: [...this.#routes.keys()], concurrency: CONCURRENCY },
      {
        assigned: (partitions) => this.#assign(partitions),
        revoked: () => this.#forget(),
        batch: (batch) => this.#take(batch),
        status: (status, detail) => {
          this.#link = { status, detail };
          this.#report();
        },
      },
    );
  }

  /** Begins to read and keeps trying, whatever is away. */
  start(): void {
    this.#consumer.start();
  }

  /** Ends after the batches in hand. */
  async stop(): Promise<void> {
    await this.#consumer.stop();
    this.#forget();
  }

  /**
   * Whether everything that was in the topics at the last fetch is in the intake. Until then, ticks
   * would make the backlog of a downtime late.
   * @throws TocsinError `unavailable.kafka` (rejects)
   */
  async isCaughtUp(): Promise<boolean> {
    if (this.#link.status === 'down') return false;
    const readings = [...this.#readings.values()];
    for (const topic of new Set(readings.map(({ place }) => place.topic))) {
      const unknown = readings.filter(
        (each) => each.place.topic === topic && each.end === undefined,
      );
      if (unknown.length === 0) continue;
      const ends = await this.#bus.endOffsets(topic);
      for (const each of unknown) each.end ??= ends.get(each.place.partition) ?? 0;
    }
    return readings.every(({ cursor, end = 0 }) => end === 0 || (cursor?.next ?? 0) >= end);
  }

  /** Records read, summed over the partitions: it rises as long as there is something to read. */
  get progress(): number {
    let sum = 0;
    for (const { cursor } of this.#readings.values()) sum += cursor?.next ?? 0;
    return sum;
  }

  #assign(partitions: readonly TopicPartition[]): void {
    for (const place of partitions) {
      const route = this.#routes.get(place.topic);
      if (!route) continue;
      const source = `kafka:${place.topic}/${place.partition}`;
      const reading: Reading = {
        place,
        source,
        decoder: new TopicDecoder(route, this.#options.decoding),
        cursor: undefined,
        limit: Number.POSITIVE_INFINITY,
        end: undefined,
        failures: 0,
        trouble: undefined,
        timer: undefined,
      };
      this.#readings.set(source, reading);
      this.#consumer.pause(place);
      void this.#locate(reading);
    }
  }

  /** Moves the paused partition to where it was read to, as soon as that can be known. */
  async #locate(reading: Reading): Promise<void> {
    try {
      const stored = await this.#options.intake.position(reading.source);
      if (this.#readings.get(reading.source) !== reading) return;
      const next = (stored as { next?: unknown } | undefined)?.next;
      reading.cursor = new PartitionCursor(typeof next === 'number' ? next : 0, (gap) => {
        const text = 'records before it are gone from Kafka, or the topic began anew';
        this.#options.log.warn({ source: reading.source, ...gap }, text);
      });
      this.#consumer.seek(reading.place, reading.cursor.next);
      this.#consumer.resume(reading.place);
      this.#recovered(reading);
    } catch (error) {
      this.#hold(reading, error);
    }
  }

  #forget(): void {
    for (const { timer } of this.#readings.values()) clearTimeout(timer);
    this.#readings.clear();
  }

  async #take(batch: FetchedBatch): Promise<number> {
    const reading = this.#readings.get(`kafka:${batch.topic}/${batch.partition}`);
    const cursor = reading?.cursor;
    if (!cursor) return batch.fetchedOffset;
    reading.end = batch.endOffset;
    if (!cursor.accepts(batch)) return cursor.next;
    try {
      await this.#store(reading, cursor, batch);
      this.#recovered(reading);
      this.#consumer.commit(reading.place, cursor.next);
    } catch (error) {
      this.#hold(reading, error);
    }
    return cursor.next;
  }

  async #store(reading: Reading, cursor: PartitionCursor, batch: FetchedBatch): Promise<void> {
    const { limit, source, decoder } = reading;
    const range = { from: cursor.next, through: batch.nextOffset - 1, limit };
    const decoded = await decoder.decode(batch.records, range);
    const isAll = decoded.records < limit;
    const next = isAll ? batch.nextOffset : (decoded.next ?? batch.nextOffset);
    const isStored = await this.#accept(reading, decoded, { source, position: { next } });
    if (!isStored) return;
    for (const letter of decoded.letters) this.#deadLetters.record(letter);
    cursor.moveTo(next);
    reading.limit *= 2;
  }

  /** @returns false when what was decoded can never be stored, and less of it is to be tried */
  async #accept(
    reading: Reading,
    decoded: Decoded,
    position: { source: string; position: { next: number } },
  ): Promise<boolean> {
    const { intake } = this.#options;
    try {
      await intake.accept(decoded.facts, position);
      return true;
    } catch (error) {
      if (!isUnstorable(error)) throw error;
      if (decoded.records > 1) {
        reading.limit = Math.ceil(decoded.records / 2);
        return false;
      }
      await intake.accept([], position);
      this.#deadLetters.record({
        feed: this.#routes.get(reading.place.topic)?.feed.name ?? reading.place.topic,
        source: 'kafka',
        reason: 'record.invalid',
        detail: `cannot be stored: ${messageOf(error)} (${reading.source} before ${position.position.next})`,
        payload: JSON.stringify(decoded.facts),
      });
      return true;
    }
  }

  get #deadLetters(): DeadLetters {
    return this.#options.decoding.context.deadLetters;
  }

  #hold(reading: Reading, error: unknown): void {
    if (this.#readings.get(reading.source) !== reading) return;
    reading.failures++;
    reading.trouble = messageOf(error);
    const pauseMs = backoffMs(reading.failures);
    this.#options.log.warn(
      { err: error, source: reading.source, retryInMs: Math.round(pauseMs) },
      'Kafka partition paused',
    );
    this.#consumer.pause(reading.place);
    reading.timer = setTimeout(() => {
      if (reading.cursor) this.#consumer.resume(reading.place);
      else void this.#locate(reading);
    }, pauseMs);
    this.#report();
  }

  #recovered(reading: Reading): void {
    reading.failures = 0;
    if (reading.trouble === undefined) return;
    reading.trouble = undefined;
    this.#report();
  }

  #report(): void {
    const held = [...this.#readings.values()].filter(({ trouble }) => trouble !== undefined);
    const [first] = held;
    if (this.#link.status !== 'up' || !first) {
      this.#options.status(this.#link.status, this.#link.detail);
    } else {
      this.#options.status('degraded', `${held.length} partitions paused: ${first.trouble}`);
    }
  }
}

/**
 * Whether storing again can never help because of what is stored: SQLSTATE class 22 is a data
 * exception (PostgreSQL 18, appendix A). Anything else may be mended, and nothing is dropped.
 */
function isUnstorable(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' && /^(22|input\.)/.test(code);
}
