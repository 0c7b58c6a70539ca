import type { Fact, JournalEntry, SourcePosition } from '../domain/facts.js';
import type { IntervalForecast } from '../domain/interval-forecast.js';

/** Alarms, calls, acts, tickets, past incidents and ticks: what the decisions read. */
export const CONTROL_STREAM = 'control';
/** Sightings of subscribers, and ticks. */
export const PRESENCE_STREAM = 'presence';

/** Acts on detection, for shards whose stream is not in Postgres: those take them from here. */
export const DETECTION_STREAM = 'detection';

/** Stream of a shard's reports and ticks. */
export const telemetryStream = (shard: number): string => `telemetry/${shard}`;

/** Facts bound for one stream, in order. */
export interface StreamFacts {
  readonly stream: string;
  readonly facts: readonly Fact[];
}

/**
 * Durable, ordered input. Offsets of a stream start at 0 and rise by 1 without a gap; an entry is
 * visible only once every entry before it is. Streams: `telemetry/<shard>`, `control`, `presence`.
 * Every method throws TocsinError `unavailable.postgres`, retryable, while the database is away.
 */
export interface Journal {
  /**
   * Appends in order, in one transaction with the positions of the sources that were read.
   * @returns offset of the last entry of the stream
   */
  append(
    stream: string,
    facts: readonly Fact[],
    ...positions: readonly SourcePosition[]
  ): Promise<number>;
  /** Several streams in one transaction, all or nothing. */
  appendAll(batches: readonly StreamFacts[], positions?: readonly SourcePosition[]): Promise<void>;
  /**
   * @param afterOffset -1 reads from the start
   * @returns at most `maxEntries`, fewer when they are large; empty when there is nothing new
   */
  read(stream: string, afterOffset: number, maxEntries: number): Promise<JournalEntry[]>;
  /** @returns offset of the newest entry, kept or pruned; -1 for a stream that never had one */
  lastOffset(stream: string): Promise<number>;
  /** Forgets entries up to and including `throughOffset`. @returns how many */
  prune(stream: string, throughOffset: number): Promise<number>;
}

/** A state with the journal offset it reflects: the only authority on what has been read. */
export interface Checkpoint {
  readonly schemaVersion: number;
  /** epoch of the owner who saved it */
  readonly epoch: number;
  readonly streamOffset: number;
  readonly tickMs: number;
  readonly state: Uint8Array;
}

/** What shards gather of released periods for charts, until it is written. */
export interface ShardHistory {
  /** Writes what is gathered if it has grown large. @throws TocsinError `unavailable.postgres` */
  relieve(): Promise<void>;
  /** Writes all that is gathered of a shard. @throws TocsinError `unavailable.postgres` */
  flushShard(shard: string): Promise<void>;
  /** Drops what is gathered of a shard that goes back to its checkpoint. */
  forget(shard: string): void;
}

/** Recovery points by name: a shard's stream, or `decisions`. */
export interface Checkpoints {
  /** @returns the last one that was saved whole */
  load(name: string): Promise<Checkpoint | undefined>;
  /**
   * Replaces the last one; a crash in between leaves the last one in place.
   * @throws TocsinError `lease.lost` when somebody with a newer epoch owns the name
   */
  save(name: string, checkpoint: Checkpoint): Promise<void>;
}

/** An interval whose calls are all there, to be held against what was forecast. */
export interface DueInterval {
  readonly queue: string;
  readonly startMs: number;
  readonly intervalSeconds: number;
  readonly actual: number;
  /** calls of the same interval a week before; null when not known */
  readonly lastWeek: number | null;
  /** whether most of its calls came with the area they were made from */
  readonly hasArea: boolean;
}

/** Forecasts as they were issued, and how they turned out. */
export interface ForecastRecord {
  /** Packs some of the forecasts that are not packed yet. @returns how many */
  packIssued(): Promise<number>;
  /** Some intervals that are due to be judged, oldest first. @param nowMs network time */
  due(nowMs: number): Promise<DueInterval[]>;
  /** Judges an interval by every lead time that a forecast was issued for; once. */
  score(due: DueInterval): Promise<void>;
  /** Forgets what is packed or too old. @param nowMs network time */
  forget(nowMs: number, keepDays: number): Promise<void>;
}

/** A forecast of one queue as it is published. */
export interface PublishedForecast {
  readonly queue: string;
  readonly issuedAtMs: number;
  readonly intervals: readonly IntervalForecast[];
}

/** The newest forecasts that a topic lacks. */
export interface ForecastPublications {
  /** The newest of each queue, if the topic has not been given it; of some queues. */
  lacking(topic: string): Promise<PublishedForecast[]>;
  /** Remembers that the topic has them. */
  published(topic: string, forecasts: readonly PublishedForecast[]): Promise<void>;
}
