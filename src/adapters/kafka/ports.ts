import type { Fact } from '../../domain/facts.js';

/** One partition of a topic. */
export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/**
 * Records that were stored together, in offset order; offsets may leave gaps (compaction). Bytes
 * are views: valid while the batch they came in is held.
 */
export interface Records {
  readonly count: number;
  /** offset of the last record slot, kept or not */
  readonly lastOffset: number;
  /** memory it holds on to */
  readonly bytes: number;
  offset(index: number): number;
  key(index: number): Uint8Array | undefined;
  /** undefined for a tombstone */
  value(index: number): Uint8Array | undefined;
  header(index: number, name: string): Uint8Array | undefined;
  /** why none of the records can be read; `count` is 0 then */
  readonly unreadable?: {
    readonly reason: 'payload.tooLarge' | 'payload.malformed';
    readonly detail: string;
    readonly bytes: Uint8Array;
  };
}

/** What one fetch brought of one partition. */
export interface FetchedBatch extends TopicPartition {
  /** the offset that was asked for; records below it are to be passed over */
  readonly fetchedOffset: number;
  /** the offset to ask for next once all of this is taken */
  readonly nextOffset: number;
  /** the offset after the partition's newest record */
  readonly endOffset: number;
  readonly records: readonly Records[];
}

/** How a connection fares, for `/health`. */
export type LinkStatus = 'up' | 'degraded' | 'down';
export type OnLinkStatus = (status: LinkStatus, detail: string) => void;

/** What a consumer tells its owner. Calls for one partition never overlap. */
export interface ConsumerHandlers {
  /** from now on these are ours; every earlier assignment is void */
  assigned(partitions: readonly TopicPartition[]): void;
  /** no longer ours: what is not durable yet, another instance will read */
  revoked(partitions: readonly TopicPartition[]): void;
  /**
   * @returns the offset to fetch next: `nextOffset` when all was taken, any other to go there
   */
  batch(batch: FetchedBatch): Promise<number>;
  readonly status: OnLinkStatus;
}

export interface ConsumerOptions {
  readonly groupId: string;
  readonly topics: readonly string[];
  /** partitions whose batches are handled at the same time; default 1 */
  readonly concurrency?: number;
}

/** A member of a consumer group. It never commits by itself. */
export interface GroupConsumer {
  /** Begins and keeps trying until `stop`, whatever is away; never throws. */
  start(): void;
  /** Leaves the group after the batch in hand, with the last commits sent. */
  stop(): Promise<void>;
  pause(partition: TopicPartition): void;
  resume(partition: TopicPartition): void;
  /** Fetches from this offset next. */
  seek(partition: TopicPartition, offset: number): void;
  /** Notes that everything before `nextOffset` is durable; sent to the broker every few seconds. */
  commit(partition: TopicPartition, nextOffset: number): void;
}

/** A record to write. */
export interface NewRecord {
  readonly key: string;
  readonly value: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface RecordProducer {
  /**
   * Writes in order; resolves once every replica in sync has them.
   * @throws TocsinError `unavailable.kafka`; some of the records may have been written
   */
  send(topic: string, records: readonly NewRecord[]): Promise<void>;
  stop(): Promise<void>;
}

/** Everything Tocsin wants of Kafka; the only thing to write anew for another client library. */
export interface KafkaBus {
  consumer(options: ConsumerOptions, handlers: ConsumerHandlers): GroupConsumer;
  /** idempotent, acknowledged by all replicas in sync */
  producer(): RecordProducer;
  /**
   * Creates the topic unless it is there.
   * @returns its number of partitions, which is another than asked for when it was there
   * @throws TocsinError `unavailable.kafka`
   */
  ensureTopic(topic: string, partitions: number): Promise<number>;
  /**
   * The offset after the newest record, by partition; 0 for one that holds no record any more.
   * @throws TocsinError `unavailable.kafka`
   */
  endOffsets(topic: string): Promise<ReadonlyMap<number, number>>;
  /**
   * The offset a group reads next, by partition, as committed; -1 where it has committed none.
   * @throws TocsinError `unavailable.kafka`
   */
  committed(groupId: string, topic: string): Promise<ReadonlyMap<number, number>>;
}

/** A tick, or another fact that is no record, among the records of a partition; see `KafkaJournal`. */
export interface PlacedFact {
  /** its place in the stream, from 0 */
  readonly slot: number;
  readonly fact: Fact;
}

/**
 * Durable ticks of streams that are Kafka partitions, in order of slots; operators' acts and changes
 * of the network stand among them.
 */
export interface TickLog {
  /** How many facts ever had a slot below this one, pruned ones included. */
  countBefore(stream: string, slot: number): Promise<number>;
  /** @returns at most `limit` facts at or after this slot */
  read(stream: string, fromSlot: number, limit: number): Promise<PlacedFact[]>;
  /**
   * @param count of facts that are there already; together with the stream it is the key
   * @param actsThrough for acts: their offset in journal stream `detection`
   * @throws TocsinError `lease.lost` when another instance has added one meanwhile
   */
  append(stream: string, count: number, placed: PlacedFact, actsThrough?: number): Promise<void>;
  /** The greatest `actsThrough` that was ever appended; -1 for none. */
  actsThrough(stream: string): Promise<number>;
  /** Forgets facts before this slot, but never the last one. @returns how many */
  prune(stream: string, beforeSlot: number): Promise<number>;
}
