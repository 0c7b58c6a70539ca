import type { Admin, Kafka, KafkaConfig, LogEntry, Producer } from 'kafkajs';
import type { Logger } from 'pino';
import { messageOf, TocsinError } from '../../domain/errors.js';
import { CODEC } from './codecs.js';
import { KafkaJsConsumer } from './kafkajs-consumer.js';
import type { KafkaBus, NewRecord, RecordProducer } from './ports.js';
import { loadKafkaJs } from './record-batches.js';

/** How to reach a cluster. `ssl` texts are PEM; `sasl` without `ssl` sends the password in clear. */
export interface KafkaOptions {
  readonly brokers: readonly string[];
  /** default `tocsin` */
  readonly clientId?: string;
  readonly ssl?:
    | boolean
    | {
        readonly ca?: string;
        readonly cert?: string;
        readonly key?: string;
        readonly rejectUnauthorized?: boolean;
      };
  readonly sasl?: {
    readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
    readonly username: string;
    readonly password: string;
  };
  /**
   * After how long without a heartbeat a member's partitions go to another; default 15 s. Lower
   * takes over from a crash sooner, and takes a long pause for a crash. At least the broker's
   * `group.min.session.timeout.ms`, 6 s by default.
   */
  readonly sessionTimeoutMs?: number;
}

/** kafkajs's levels are 1 error, 2 warn, 4 info, 5 debug. */
const LEVELS = { 1: 'error', 2: 'warn', 4: 'info', 5: 'debug' } as const;
const INFO = 4;
const SESSION_TIMEOUT_MS = 15_000;
/**
 * Few tries inside kafkajs, some 2 s in all: what outlasts them is reported as down and tried again
 * by us for ever.
 */
const RETRY = { initialRetryTime: 100, maxRetryTime: 1000, retries: 4 } as const;

function configOf(options: KafkaOptions, log: Logger): KafkaConfig {
  const { brokers, clientId = 'tocsin', ssl, sasl } = options;
  if (brokers.length === 0 || brokers.some((broker) => !/^.+:\d+$/.test(broker))) {
    throw new TocsinError(
      'input.config',
      `kafka.brokers: "${brokers.join(',')}" is wrong: give one or more of host:port`,
    );
  }
  return {
    brokers: [...brokers],
    clientId,
    connectionTimeout: 3000,
    requestTimeout: 30_000,
    retry: { ...RETRY, restartOnFailure: async () => false },
    logLevel: INFO,
    logCreator: () => (entry) => bridge(log, entry),
    ...(ssl === undefined ? {} : { ssl: tlsOf(ssl) }),
    ...(sasl === undefined ? {} : { sasl: saslOf(sasl) }),
  };
}

function tlsOf(ssl: NonNullable<KafkaOptions['ssl']>): NonNullable<KafkaConfig['ssl']> {
  if (typeof ssl === 'boolean') return ssl;
  const { ca, ...rest } = ssl;
  return { ...rest, ...(ca === undefined ? {} : { ca: [ca] }) };
}

function saslOf(sasl: NonNullable<KafkaOptions['sasl']>): NonNullable<KafkaConfig['sasl']> {
  const { mechanism, username, password } = sasl;
  // kafkajs types each mechanism apart, so a union has to be taken apart again.
  if (mechanism === 'plain') return { mechanism, username, password };
  if (mechanism === 'scram-sha-256') return { mechanism, username, password };
  return { mechanism, username, password };
}

/** kafkajs speaks of every join and rebalance as info: that is debug to an operator. */
function bridge(log: Logger, { level, namespace, log: said }: LogEntry): void {
  const { message, timestamp, logger, ...detail } = said;
  const name = LEVELS[level as keyof typeof LEVELS] ?? 'debug';
  log[name === 'info' ? 'debug' : name]({ kafka: namespace, ...detail }, message);
}

class KafkaJsProducer implements RecordProducer {
  readonly #producer: Producer;
  #isConnected = false;

  constructor(kafka: Kafka) {
    this.#producer = kafka.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
    });
  }

  async send(topic: string, records: readonly NewRecord[]): Promise<void> {
    try {
      if (!this.#isConnected) await this.#producer.connect();
      this.#isConnected = true;
      const messages = records.map(({ key, value, headers }) => ({
        key,
        value: typeof value === 'string' ? value : Buffer.from(value),
        ...(headers ? { headers: { ...headers } } : {}),
      }));
      await this.#producer.send({ topic, acks: -1, compression: CODEC.lz4, messages });
    } catch (error) {
      throw unavailable(`writing to topic ${topic}`, error);
    }
  }

  async stop(): Promise<void> {
    await this.#producer.disconnect();
  }
}

function unavailable(what: string, cause: unknown): TocsinError {
  return new TocsinError('unavailable.kafka', `Kafka: ${what}: ${messageOf(cause)}`, { cause });
}

async function withAdmin<T>(
  kafka: Kafka,
  what: string,
  use: (admin: Admin) => Promise<T>,
): Promise<T> {
  const admin = kafka.admin();
  try {
    await admin.connect();
    return await use(admin);
  } catch (error) {
    throw unavailable(what, error);
  } finally {
    await admin.disconnect();
  }
}

async function partitionsOf(admin: Admin, topic: string): Promise<number> {
  const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
  return topics[0]?.partitions.length ?? 0;
}

/**
 * The cluster as Tocsin's adapters use it. Opens no connection yet.
 * @throws TocsinError `input.config` for brokers that are no host:port
 */
export function createKafkaBus(options: KafkaOptions, log: Logger): KafkaBus {
  const config = configOf(options, log);
  const { sessionTimeoutMs = SESSION_TIMEOUT_MS } = options;
  const kafka = new (loadKafkaJs().Kafka)(config);
  return {
    consumer: (consumerOptions, handlers) =>
      new KafkaJsConsumer(kafka, { sessionTimeoutMs, ...consumerOptions }, handlers, log),
    producer: () => new KafkaJsProducer(kafka),
    ensureTopic: (topic, numPartitions) =>
      withAdmin(kafka, `creating topic ${topic}`, async (admin) => {
        await admin.createTopics({ topics: [{ topic, numPartitions }], waitForLeaders: true });
        return partitionsOf(admin, topic);
      }),
    endOffsets: (topic) =>
      withAdmin(kafka, `asking for the end of topic ${topic}`, async (admin) => {
        const ends = await admin.fetchTopicOffsets(topic);
        // Of a partition whose records have all expired nothing comes that would reach its end.
        const end = (low: string, high: string): number => (low === high ? 0 : Number(high));
        return new Map(ends.map(({ partition, low, high }) => [partition, end(low, high)]));
      }),
    committed: (groupId, topic) =>
      withAdmin(kafka, `asking how far group ${groupId} is`, async (admin) => {
        const [found] = await admin.fetchOffsets({ groupId, topics: [topic] });
        const partitions = found?.partitions ?? [];
        return new Map(partitions.map(({ partition, offset }) => [partition, Number(offset)]));
      }),
  };
}
