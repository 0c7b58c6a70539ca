import { setTimeout as delay } from 'node:timers/promises';
import type { Consumer, EachBatchPayload, Kafka } from 'kafkajs';
import type { Logger } from 'pino';
import { messageOf } from '../../domain/errors.js';
import { backoffMs } from './backoff.js';
import { CommitQueue } from './commit-queue.js';
import { batchOf } from './fetched-batch.js';
import type { ConsumerHandlers, ConsumerOptions, GroupConsumer, TopicPartition } from './ports.js';
import { findTopics, untilThere } from './topic-search.js';

/** Longest wait for new records: below 200 ms an idle consumer burns CPU, above it feels slow. */
const MAX_WAIT_MS = 250;
/** A heartbeat every so much of the session's time-out, as Kafka advises: three may be lost. */
const HEARTBEATS_PER_SESSION = 4;
const COMMIT_EVERY_MS = 1000;

interface MemberOptions extends ConsumerOptions {
  readonly sessionTimeoutMs: number;
}

/** A group member on kafkajs that starts over, with growing pauses, whenever kafkajs gives up. */
export class KafkaJsConsumer implements GroupConsumer {
  readonly #kafka: Kafka;
  readonly #options: MemberOptions;
  readonly #handlers: ConsumerHandlers;
  readonly #log: Logger;
  readonly #abort = new AbortController();
  readonly #commits = new CommitQueue();
  readonly #inHand = new Set<Promise<unknown>>();
  #assigned: readonly TopicPartition[] = [];
  #consumer: Consumer | undefined;
  #running: Promise<void> | undefined;
  #failures = 0;

  constructor(kafka: Kafka, options: MemberOptions, handlers: ConsumerHandlers, log: Logger) {
    this.#kafka = kafka;
    this.#options = options;
    this.#handlers = handlers;
    this.#log = log;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#running;
  }

  pause({ topic, partition }: TopicPartition): void {
    this.#whileReading((consumer) => consumer.pause([{ topic, partitions: [partition] }]));
  }

  resume({ topic, partition }: TopicPartition): void {
    this.#whileReading((consumer) => consumer.resume([{ topic, partitions: [partition] }]));
  }

  seek({ topic, partition }: TopicPartition, offset: number): void {
    this.#whileReading((consumer) => consumer.seek({ topic, partition, offset: String(offset) }));
  }

  commit(partition: TopicPartition, nextOffset: number): void {
    this.#commits.add(partition, nextOffset);
  }

  get #heartbeatMs(): number {
    return Math.floor(this.#options.sessionTimeoutMs / HEARTBEATS_PER_SESSION);
  }

  async #run(): Promise<void> {
    const { signal } = this.#abort;
    while (!signal.aborted) {
      try {
        await this.#session(signal);
      } catch (error) {
        if (signal.aborted) return;
        this.#handlers.status('down', messageOf(error));
        const pauseMs = backoffMs(++this.#failures);
        this.#log.warn({ err: error, failures: this.#failures }, 'Kafka consumer starts over');
        // Rejects only when stopped, which the loop sees by itself.
        await delay(pauseMs, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  /** One life of a kafkajs consumer. Resolves when stopped, or when a missing topic has come. */
  async #session(signal: AbortSignal): Promise<void> {
    const { there, missing } = await findTopics(this.#kafka, this.#options.topics);
    const consumer = this.#kafka.consumer({
      groupId: this.#options.groupId,
      maxWaitTimeInMs: MAX_WAIT_MS,
      sessionTimeout: this.#options.sessionTimeoutMs,
      heartbeatInterval: this.#heartbeatMs,
      allowAutoTopicCreation: false,
    });
    const end = new AbortController();
    const commits = setInterval(
      () => void this.#commits.send(consumer, this.#log),
      COMMIT_EVERY_MS,
    );
    try {
      const crashed = this.#watch(consumer, missing);
      await consumer.connect();
      await consumer.subscribe({ topics: there, fromBeginning: true });
      await consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        partitionsConsumedConcurrently: this.#options.concurrency ?? 1,
        eachBatch: (payload) => this.#batch(payload),
      });
      const both = AbortSignal.any([signal, end.signal]);
      await Promise.race([crashed, untilThere(this.#kafka, missing, both)]);
    } finally {
      end.abort();
      clearInterval(commits);
      await this.#end(consumer);
    }
  }

  /** @returns a promise that rejects when kafkajs gives up */
  #watch(consumer: Consumer, missing: readonly string[]): Promise<never> {
    const { GROUP_JOIN, REBALANCING, CRASH } = consumer.events;
    consumer.on(GROUP_JOIN, ({ payload }) => {
      this.#lose();
      this.#consumer = consumer;
      this.#assigned = Object.entries(payload.memberAssignment).flatMap(([topic, partitions]) =>
        partitions.map((partition) => ({ topic, partition })),
      );
      this.#failures = 0;
      for (const partition of this.#assigned) this.resume(partition);
      this.#handlers.assigned(this.#assigned);
      if (missing.length === 0)
        this.#handlers.status('up', `reading ${this.#assigned.length} partitions`);
      else this.#handlers.status('degraded', `topics that do not exist: ${missing.join(', ')}`);
    });
    consumer.on(REBALANCING, () => this.#lose());
    const crashed = new Promise<never>((_, reject) => {
      consumer.on(CRASH, ({ payload }) => reject(payload.error));
    });
    // The session awaits it only once it is connected; a crash before that must not end the process.
    crashed.catch(() => undefined);
    return crashed;
  }

  async #batch(payload: EachBatchPayload): Promise<void> {
    if (this.#abort.signal.aborted || !payload.isRunning() || payload.isStale()) return;
    const batch = batchOf(payload.batch);
    const handled = this.#handlers.batch(batch);
    this.#inHand.add(handled);
    // A slow handler must not cost the membership. A heartbeat that fails tells nothing more than
    // kafkajs's own after this batch, which rejoins the group.
    const beat = setInterval(
      () => payload.heartbeat().catch((error) => this.#log.debug({ err: error }, 'heartbeat')),
      this.#heartbeatMs,
    );
    try {
      const next = await handled;
      payload.resolveOffset(String(next - 1));
    } finally {
      clearInterval(beat);
      this.#inHand.delete(handled);
    }
  }

  async #end(consumer: Consumer): Promise<void> {
    await Promise.allSettled(this.#inHand);
    await this.#commits.send(consumer, this.#log);
    await consumer.stop().catch((error) => this.#log.debug({ err: error }, 'Kafka consumer stop'));
    this.#consumer = undefined;
    this.#lose();
    await consumer
      .disconnect()
      .catch((error) => this.#log.debug({ err: error }, 'Kafka disconnect'));
  }

  /** Between two lives nothing is read, and the next one begins with a fresh assignment. */
  #whileReading(act: (consumer: Consumer) => void): void {
    try {
      if (this.#consumer) act(this.#consumer);
    } catch (error) {
      this.#log.debug({ err: error }, 'Kafka consumer is starting over');
    }
  }

  #lose(): void {
    if (this.#assigned.length > 0) this.#handlers.revoked(this.#assigned);
    this.#assigned = [];
    this.#commits.clear();
  }
}
