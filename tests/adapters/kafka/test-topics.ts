import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Admin } from 'kafkajs';
import { pino } from 'pino';
import { createKafkaBus, type KafkaOptions } from '../../../src/adapters/kafka/client.js';
import type { KafkaBus } from '../../../src/adapters/kafka/ports.js';
import { loadKafkaJs } from '../../../src/adapters/kafka/record-batches.js';
import type { KpiRules } from '../../../src/domain/kpi.js';
import type { CompiledFeed } from '../../../src/sources/compiled-feed.js';
import { compileFeed } from '../../../src/sources/feed-loader.js';
import { kafkaClassPath } from '../../services/kafka/jars.js';

export const EPOCH_MS = Date.UTC(2024, 0, 15);
export const silent = pino({ level: process.env.TOCSIN_TEST_LOG ?? 'silent' });

/** KPIs of the feeds below. */
export const TEST_KPIS: KpiRules = {
  version: 1,
  kpis: {
    availabilityRatio: { kind: 'gauge', unit: '%', bad: 'low', range: [0, 1] },
    users: { kind: 'count', unit: 'users', bad: 'low' },
  },
};

/** A feed of JSON reports: `{cell, time, availability, users}`. */
export const jsonFeed: CompiledFeed = compileFeed(
  {
    format: 'json',
    kind: 'kpi',
    time: { column: 'time', format: 'iso' },
    period: '15m',
    object: { column: 'cell', type: 'cell' },
    kpis: { availabilityRatio: { column: 'availability' }, users: { column: 'users' } },
  },
  'test-json',
  TEST_KPIS,
);

/** The same reports as line protocol. */
export const lineFeed: CompiledFeed = compileFeed(
  {
    format: 'lineProtocol',
    kind: 'kpi',
    measurement: 'ran',
    period: '15m',
    object: { column: 'cell', type: 'cell' },
    kpis: { availabilityRatio: { column: 'availability' }, users: { column: 'users' } },
  },
  'test-lines',
  TEST_KPIS,
);

export function report(cell: string, period = 0, users = 7): string {
  const time = new Date(EPOCH_MS + period * 900_000).toISOString();
  return JSON.stringify({ cell, time, availability: 0.99, users });
}

/** A name nobody else uses, for topics and groups. */
export function uniqueName(prefix: string): string {
  return `${prefix}-${randomBytes(5).toString('hex')}`;
}

export function busFor(options: KafkaOptions): KafkaBus {
  return createKafkaBus({ sessionTimeoutMs: 3000, ...options }, silent);
}

export interface TestRecord {
  readonly key?: string;
  readonly value: string | Buffer | null;
  readonly partition?: number;
}

const LED_MS = 60_000;

/** Waits until every partition of a new topic has a leader. */
async function untilLed(admin: Admin, topic: string): Promise<void> {
  const deadline = Date.now() + LED_MS;
  let why: unknown = 'partitions without a leader';
  while (Date.now() < deadline) {
    try {
      const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
      const partitions = topics[0]?.partitions ?? [];
      if (partitions.length > 0 && partitions.every(({ leader }) => leader >= 0)) return;
    } catch (error) {
      why = error;
    }
    await delay(50);
  }
  throw new Error(`topic ${topic} did not come up`, { cause: why });
}

/** Topics on one broker, made and filled with kafkajs's own producer. */
export class TestTopics {
  readonly #kafka;

  constructor(brokers: readonly string[]) {
    const { Kafka } = loadKafkaJs();
    this.#kafka = new Kafka({ brokers: [...brokers], logLevel: 0 });
  }

  /** @returns the new topic's name */
  async create(
    partitions = 1,
    config: Record<string, string> = {},
    topic = uniqueName('topic'),
  ): Promise<string> {
    const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }));
    const admin = this.#kafka.admin();
    await admin.connect();
    // kafkajs's own wait gives up on a broker that does not know its new topic yet.
    await admin.createTopics({
      topics: [{ topic, numPartitions: partitions, configEntries }],
      waitForLeaders: false,
    });
    await untilLed(admin, topic);
    await admin.disconnect();
    return topic;
  }

  async send(topic: string, messages: readonly TestRecord[], compression = 0): Promise<void> {
    // Not written twice when the broker is slow to answer: tests count records.
    const producer = this.#kafka.producer({ idempotent: true, maxInFlightRequests: 1 });
    await producer.connect();
    await producer.send({ topic, messages: [...messages], compression });
    await producer.disconnect();
  }

  /** Offset after the last one the group committed, by partition. */
  async committed(groupId: string, topic: string): Promise<Map<number, number>> {
    const admin = this.#kafka.admin();
    await admin.connect();
    const found = await admin.fetchOffsets({ groupId, topics: [topic] });
    await admin.disconnect();
    const partitions = found.flatMap(({ partitions: each }) => each);
    return new Map(partitions.map(({ partition, offset }) => [partition, Number(offset)]));
  }

  /** Sets what the group has committed; it must have no members. */
  async commit(groupId: string, topic: string, offsets: readonly number[]): Promise<void> {
    const admin = this.#kafka.admin();
    await admin.connect();
    const partitions = offsets.map((offset, partition) => ({ partition, offset: String(offset) }));
    await admin.setOffsets({ groupId, topic, partitions });
    await admin.disconnect();
  }

  async members(groupId: string): Promise<number> {
    const admin = this.#kafka.admin();
    await admin.connect();
    const { groups } = await admin.describeGroups([groupId]);
    await admin.disconnect();
    return groups[0]?.members.length ?? 0;
  }
}

/** Writes lines with Apache Kafka's own console producer, in Java. */
export async function produceWithJava(
  broker: string,
  topic: string,
  codec: string,
  lines: readonly string[],
): Promise<void> {
  const tool = ['-cp', await kafkaClassPath(), 'org.apache.kafka.tools.ConsoleProducer'];
  const where = ['--bootstrap-server', broker, '--topic', topic, '--compression-codec', codec];
  const child = promisify(execFile)('java', [
    ...['-Xmx64m', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'],
    ...tool,
    ...where,
  ]);
  child.child.stdin?.end(`${lines.join('\n')}\n`);
  await child;
}
