import type { Logger } from 'pino';
import { messageOf } from '../../domain/errors.js';
import { backoffMs } from './backoff.js';
import type {
  FetchedBatch,
  GroupConsumer,
  KafkaBus,
  NewRecord,
  OnLinkStatus,
  RecordProducer,
  TopicPartition,
} from './ports.js';
import { reportMessage } from './report-message.js';
import { SOURCE_HEADER, sourceHeader } from './source-marks.js';
import { TopicDecoder, type TopicDecoding, type TopicRoute } from './topic-decoder.js';

export interface RepartitionerOptions {
  readonly groupId: string;
  readonly route: TopicRoute;
  /** Tocsin's own topic; made when it is not there */
  readonly target: string;
  /** of the target when it is made: the most instances that can share the work; default 16 */
  readonly partitions?: number;
  readonly decoding: TopicDecoding;
  readonly status: OnLinkStatus;
  readonly log: Logger;
}

/** The topic that a feed's reports are re-keyed into. */
export function ownTopic(feedName: string): string {
  return `tocsin.reports.${feedName}`;
}

const DEFAULT_PARTITIONS = 16;
/** Reports per write: some 100 kB. */
const CHUNK = 500;

interface Reading {
  readonly place: TopicPartition;
  readonly decoder: TopicDecoder;
  failures: number;
  timer: NodeJS.Timeout | undefined;
}

/**
 * Writes every report of a topic that is not keyed by object into Tocsin's own topic that is, which
 * then is the journal. Offsets are committed only once their reports are acknowledged; what a crash
 * makes it write twice carries the same source header, see `SourceMarks`.
 */
export class Repartitioner {
  readonly #bus: KafkaBus;
  readonly #options: RepartitionerOptions;
  readonly #consumer: GroupConsumer;
  readonly #readings = new Map<string, Reading>();
  readonly #groupId: string;
  #written = 0;
  #producer: RecordProducer | undefined;

  /** @throws TocsinError `input.config` when payload and feed do not go together */
  constructor(bus: KafkaBus, options: RepartitionerOptions) {
    this.#bus = bus;
    this.#options = options;
    new TopicDecoder(options.route, options.decoding);
    // kafkajs shares all topics of a group among all its members: one group for each topic.
    this.#groupId = `${options.groupId}.${options.route.topic}`;
    this.#consumer = bus.consumer(
      { groupId: this.#groupId, topics: [options.route.topic] },
      {
        assigned: (partitions) => this.#assign(partitions),
        revoked: () => this.#forget(),
        batch: (batch) => this.#take(batch),
        status: options.status,
      },
    );
  }

  start(): void {
    this.#consumer.start();
  }

  /** Ends after the batch in hand. */
  async stop(): Promise<void> {
    await this.#consumer.stop();
    this.#forget();
    await this.#dropProducer();
  }

  /** Records written so far. */
  get progress(): number {
    return this.#written;
  }

  /**
   * Whether the group, here or elsewhere, has moved everything the topic holds.
   * @throws TocsinError `unavailable.kafka`
   */
  async isCaughtUp(): Promise<boolean> {
    const { topic } = this.#options.route;
    const ends = await this.#bus.endOffsets(topic);
    const moved = await this.#bus.committed(this.#groupId, topic);
    return [...ends].every(([partition, end]) => end === 0 || (moved.get(partition) ?? -1) >= end);
  }

  #assign(partitions: readonly TopicPartition[]): void {
    const { route, decoding } = this.#options;
    for (const place of partitions) {
      const decoder = new TopicDecoder(route, decoding);
      this.#readings.set(keyOf(place), { place, decoder, failures: 0, timer: undefined });
    }
  }

  #forget(): void {
    for (const { timer } of this.#readings.values()) clearTimeout(timer);
    this.#readings.clear();
  }

  async #take(batch: FetchedBatch): Promise<number> {
    const reading = this.#readings.get(keyOf(batch));
    if (!reading) return batch.fetchedOffset;
    try {
      await this.#write(reading, batch);
      if (reading.failures > 0) this.#options.status('up', 'writing again');
      reading.failures = 0;
      this.#consumer.commit(reading.place, batch.nextOffset);
      return batch.nextOffset;
    } catch (error) {
      await this.#hold(reading, error);
      return batch.fetchedOffset;
    }
  }

  async #write(reading: Reading, batch: FetchedBatch): Promise<void> {
    const sources: string[] = [];
    const range = { from: batch.fetchedOffset, through: batch.nextOffset - 1, limit: Infinity };
    const decoded = await reading.decoder.decode(batch.records, range, (offset, pending) => {
      const first = sources.length;
      while (sources.length < pending) {
        const index = sources.length - first;
        sources.push(sourceHeader(batch.topic, batch.partition, offset, index));
      }
    });
    const records = decoded.facts.flatMap((fact) =>
      fact.kind !== 'reports'
        ? []
        : fact.block.objectIds.map((key, row): NewRecord => {
            const headers = { [SOURCE_HEADER]: sources[row] ?? '' };
            return { key, value: reportMessage(fact.block, row), headers };
          }),
    );
    const producer = await this.#ready();
    for (let at = 0; at < records.length; at += CHUNK) {
      await producer.send(this.#options.target, records.slice(at, at + CHUNK));
      this.#written += CHUNK;
    }
    const { deadLetters } = this.#options.decoding.context;
    for (const letter of decoded.letters) deadLetters.record(letter);
  }

  async #ready(): Promise<RecordProducer> {
    if (this.#producer) return this.#producer;
    const { target, partitions = DEFAULT_PARTITIONS } = this.#options;
    await this.#bus.ensureTopic(target, partitions);
    this.#producer = this.#bus.producer();
    return this.#producer;
  }

  async #hold(reading: Reading, error: unknown): Promise<void> {
    // An idempotent producer that lost its place refuses every later write: begin with a new one.
    await this.#dropProducer();
    if (this.#readings.get(keyOf(reading.place)) !== reading) return;
    reading.failures++;
    const pauseMs = backoffMs(reading.failures);
    this.#options.status(
      'degraded',
      `cannot write to ${this.#options.target}: ${messageOf(error)}`,
    );
    this.#options.log.warn({ err: error, ...reading.place }, 'repartitioning paused');
    this.#consumer.pause(reading.place);
    reading.timer = setTimeout(() => this.#consumer.resume(reading.place), pauseMs);
  }

  async #dropProducer(): Promise<void> {
    const producer = this.#producer;
    this.#producer = undefined;
    await producer
      ?.stop()
      .catch((error) => this.#options.log.debug({ err: error }, 'producer stop'));
  }
}

function keyOf({ topic, partition }: TopicPartition): string {
  return `${topic}/${partition}`;
}
