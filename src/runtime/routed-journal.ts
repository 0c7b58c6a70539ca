import type { Fact, JournalEntry } from '../domain/facts.js';
import type { Journal } from './ports.js';

/** The part of a journal that shards and ticks use. */
export type StreamJournal = Pick<Journal, 'read' | 'prune'> & {
  append(stream: string, facts: readonly Fact[]): Promise<number>;
};

const KAFKA_PREFIX = 'kafka:';

/** One journal out of two: Kafka's partitions under their own names, everything else in Postgres. */
export class RoutedJournal implements StreamJournal {
  readonly #postgres: StreamJournal;
  readonly #kafka: () => StreamJournal | undefined;

  constructor(postgres: StreamJournal, kafka: () => StreamJournal | undefined) {
    this.#postgres = postgres;
    this.#kafka = kafka;
  }

  read(stream: string, afterOffset: number, maxEntries: number): Promise<JournalEntry[]> {
    return this.#of(stream).read(stream, afterOffset, maxEntries);
  }

  append(stream: string, facts: readonly Fact[]): Promise<number> {
    return this.#of(stream).append(stream, facts);
  }

  prune(stream: string, throughOffset: number): Promise<number> {
    return this.#of(stream).prune(stream, throughOffset);
  }

  #of(stream: string): StreamJournal {
    return (stream.startsWith(KAFKA_PREFIX) && this.#kafka()) || this.#postgres;
  }
}
