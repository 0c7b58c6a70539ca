import type { Logger } from 'pino';
import { TocsinError } from '../../domain/errors.js';
import type { Fact, JournalEntry } from '../../domain/facts.js';
import { ReportBlockBuilder } from '../../domain/report-block.js';
import { KafkaStream } from './kafka-stream.js';
import type { GroupConsumer, KafkaBus, OnLinkStatus, TickLog, TopicPartition } from './ports.js';
import { ReportTopicDecoder } from './report-topic-decoder.js';
import {
  type RangeDecoder,
  TopicDecoder,
  type TopicDecoding,
  type TopicRoute,
} from './topic-decoder.js';

/** A topic that serves as journal. */
export interface JournalRoute extends TopicRoute {
  /** Tocsin's own topic, written by `Repartitioner`, and not the operator's */
  readonly isReportTopic?: boolean;
}

export interface KafkaJournalOptions {
  readonly groupId: string;
  readonly topics: readonly JournalRoute[];
  readonly decoding: TopicDecoding;
  readonly ticks: TickLog;
  readonly status: OnLinkStatus;
  readonly log: Logger;
  /** streams this instance runs from now on, and no others */
  readonly assigned: (streams: readonly string[]) => void;
  /** streams that another instance may run from now on */
  readonly revoked: (streams: readonly string[]) => void;
}

/** Kinds of facts that are no records and take a place among them. */
const PLACED: readonly Fact['kind'][] = ['tick', 'acts', 'network'];

/** The stream that a partition is: `kafka:<topic>/<partition>`. */
export function streamOf({ topic, partition }: TopicPartition): string {
  return `kafka:${topic}/${partition}`;
}

/**
 * Topics keyed by object as journal: every partition is a stream of telemetry. Reading starts where
 * the caller's checkpoint says; the group's committed offsets only follow, through `prune`.
 *
 * Ticks are no records of the operator's topic, nor are operators' acts on detection and changes of
 * the network: so each is stored with the place it took among them, and a stream's offsets count
 * both together. Reading again from any offset gives the same facts in the same order, cut into
 * entries in another way perhaps.
 */
export class KafkaJournal {
  readonly #bus: KafkaBus;
  readonly #options: KafkaJournalOptions;
  readonly #routes: ReadonlyMap<string, JournalRoute>;
  readonly #consumer: GroupConsumer;
  readonly #streams = new Map<string, KafkaStream>();

  /** @throws TocsinError `input.config` for a feed that is not of kind kpi, or another payload */
  constructor(bus: KafkaBus, options: KafkaJournalOptions) {
    this.#bus = bus;
    this.#options = options;
    this.#routes = new Map(options.topics.map((route) => [route.topic, route]));
    for (const route of options.topics) this.#decoder(route);
    this.#consumer = bus.consumer(
      { groupId: options.groupId, topics: [...this.#routes.keys()] },
      {
        assigned: (partitions) => this.#assign(partitions),
        revoked: () => this.#lose(),
        batch: async (batch) =>
          this.#streams.get(streamOf(batch))?.add(batch) ?? batch.fetchedOffset,
        status: options.status,
      },
    );
  }

  /** Joins the group and keeps trying, whatever is away. */
  start(): void {
    this.#consumer.start();
  }

  async stop(): Promise<void> {
    await this.#consumer.stop();
    this.#lose();
  }

  /** Streams assigned to this instance, in order of their names. */
  get streams(): string[] {
    return [...this.#streams.keys()].sort();
  }

  /**
   * Whether everything that was in the partition at the last fetch has been read: until then ticks
   * would make the backlog late.
   */
  async isCaughtUp(stream: string): Promise<boolean> {
    return this.#stream(stream).isCaughtUp();
  }

  /**
   * Whether what a topic holds at this moment, in the partitions that are read here, has been read.
   * @throws TocsinError `unavailable.kafka`
   */
  async isAtEnd(topic: string): Promise<boolean> {
    const ends = await this.#bus.endOffsets(topic);
    return [...ends].every(([partition, end]) => {
      const stream = this.#streams.get(streamOf({ topic, partition }));
      return stream === undefined || (stream.front ?? -1) >= end;
    });
  }

  /**
   * The entries after an offset; empty when none has come yet. The first call for a stream, and one
   * that does not go on where the last one ended, moves the stream there.
   * @throws TocsinError `lease.lost` when the stream is not ours
   */
  async read(stream: string, afterOffset: number, maxEntries: number): Promise<JournalEntry[]> {
    return this.#stream(stream).read(afterOffset, maxEntries);
  }

  /**
   * Puts ticks, acts or changes of the network behind everything read so far.
   * @returns offset of the last one
   * @throws TocsinError `internal` for other facts: those come from Kafka; `lease.lost` when the
   *   stream is not ours or nothing of it has been read yet
   */
  async append(stream: string, facts: readonly Fact[]): Promise<number> {
    let last = -1;
    for (const fact of facts) {
      if (!PLACED.includes(fact.kind)) {
        throw new TocsinError('internal', `${stream} takes ${PLACED.join(', ')}, not ${fact.kind}`);
      }
      last = await this.#stream(stream).place(fact);
    }
    return last;
  }

  /**
   * Puts acts behind everything read so far, once.
   * @param entries of journal stream `detection`, in order; those that have a place are passed over
   */
  async appendActs(stream: string, entries: readonly JournalEntry[]): Promise<void> {
    const through = await this.actsThrough(stream);
    for (const { offset, fact } of entries) {
      if (offset > through) await this.#stream(stream).place(fact, offset);
    }
  }

  /** @returns offset in journal stream `detection` up to which acts have a place; -1 for none */
  actsThrough(stream: string): Promise<number> {
    return this.#options.ticks.actsThrough(stream);
  }

  /** @returns offset of the newest entry that can be read now; -1 for none */
  async lastOffset(stream: string): Promise<number> {
    return this.#stream(stream).lastOffset;
  }

  /** Notes that a durable checkpoint covers everything through this offset. @returns ticks removed */
  async prune(stream: string, throughOffset: number): Promise<number> {
    return this.#stream(stream).covered(throughOffset);
  }

  #stream(name: string): KafkaStream {
    const found = this.#streams.get(name);
    if (found) return found;
    throw new TocsinError('lease.lost', `stream ${name} is not assigned to this instance`);
  }

  #assign(partitions: readonly TopicPartition[]): void {
    for (const place of partitions) {
      const route = this.#routes.get(place.topic);
      if (!route) continue;
      const { ticks, log, decoding } = this.#options;
      const name = streamOf(place);
      const stream = new KafkaStream({
        name,
        place,
        consumer: this.#consumer,
        decoder: this.#decoder(route),
        deadLetters: decoding.context.deadLetters,
        ticks,
        log,
        endOffset: async () => (await this.#bus.endOffsets(place.topic)).get(place.partition) ?? 0,
        empty: () => emptyBlock(route),
      });
      this.#streams.set(name, stream);
    }
    this.#options.assigned(this.streams);
  }

  #lose(): void {
    const lost = this.streams;
    this.#streams.clear();
    if (lost.length > 0) this.#options.revoked(lost);
  }

  #decoder(route: JournalRoute): RangeDecoder {
    if (route.isReportTopic || !route.feed.lane)
      return new ReportTopicDecoder(route.topic, route.feed);
    return new TopicDecoder(route, this.#options.decoding);
  }
}

/** Stands for records of which nothing was kept, so that offsets go on. */
function emptyBlock({ feed }: JournalRoute): Fact {
  const kpis = feed.kpis.map(({ name }) => name);
  const { objectType = 'cell', periodSeconds = 0 } = feed.lane ?? {};
  const builder = new ReportBlockBuilder({ feed: feed.name, objectType, periodSeconds, kpis }, 1);
  return { kind: 'reports', block: builder.finish() };
}
