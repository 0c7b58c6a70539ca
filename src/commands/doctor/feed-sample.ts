import { setTimeout as delay } from 'node:timers/promises';
import { createInfluxReader } from '../../adapters/influx/influx-source.js';
import { avroReader } from '../../adapters/kafka/avro.js';
import { createKafkaBus } from '../../adapters/kafka/client.js';
import type { KafkaBus, TopicPartition } from '../../adapters/kafka/ports.js';
import { TopicDecoder } from '../../adapters/kafka/topic-decoder.js';
import { durationMs } from '../../config.js';
import type { DeadLetter, Fact } from '../../domain/facts.js';
import { createLog } from '../../runtime/log.js';
import type { CompiledFeed } from '../../sources/compiled-feed.js';
import { createDecoder } from '../../sources/decoder.js';
import type { AliasResolver } from '../../sources/ports.js';
import { type InfluxConfig, influxOptions, type KafkaConfig } from './source-checks.js';

/** Records of one feed, decoded, with what was refused. */
export interface FeedSample {
  readonly basis: string;
  readonly facts: readonly Fact[];
  readonly letters: readonly DeadLetter[];
}

const RECORDS = 1000;
const KAFKA_PATIENCE_MS = 12_000;
const POLL_MS = 50;
const DEFAULT_LATENESS = '30m';

/**
 * Reads the newest records of a topic as a consumer group of its own, which also shows that the
 * user may read. Nothing is committed that the service would start from.
 */
export async function sampleTopic(
  kafka: KafkaConfig,
  topic: KafkaConfig['topics'][number],
  feed: CompiledFeed,
  aliases: AliasResolver,
): Promise<FeedSample> {
  const bus = createKafkaBus(kafka, createLog('silent'));
  const ends = await bus.endOffsets(topic.topic);
  const decoder = new TopicDecoder(
    {
      topic: topic.topic,
      feed,
      ...(topic.payload === undefined ? {} : { payload: topic.payload }),
    },
    {
      context: { aliases, deadLetters: { record: () => undefined } },
      ...(kafka.schemaRegistry === undefined ? {} : { avro: avroReader(kafka.schemaRegistry) }),
    },
  );
  const found = { facts: [] as Fact[], letters: [] as DeadLetter[] };
  await readNewest(bus, `${kafka.groupId ?? 'tocsin'}-doctor`, topic.topic, ends, async (batch) => {
    const range = { from: batch.from, through: Number.MAX_SAFE_INTEGER, limit: RECORDS };
    const decoded = await decoder.decode(batch.records, range);
    found.facts.push(...decoded.facts);
    found.letters.push(...decoded.letters);
  });
  return { basis: `newest of topic ${topic.topic}`, ...found };
}

type Batch = { from: number; records: Parameters<TopicDecoder['decode']>[0] };

async function readNewest(
  bus: KafkaBus,
  groupId: string,
  topic: string,
  ends: ReadonlyMap<number, number>,
  take: (batch: Batch) => Promise<void>,
): Promise<void> {
  const waiting = new Set([...ends].filter(([, end]) => end > 0).map(([partition]) => partition));
  const each = Math.max(1, Math.ceil(RECORDS / Math.max(1, waiting.size)));
  const start = (partition: number): number => Math.max(0, (ends.get(partition) ?? 0) - each);
  const consumer = bus.consumer(
    { groupId, topics: [topic] },
    {
      assigned: (partitions: readonly TopicPartition[]) => {
        for (const one of partitions) consumer.seek(one, start(one.partition));
      },
      revoked: () => undefined,
      status: () => undefined,
      batch: async ({ partition, fetchedOffset, nextOffset, records }) => {
        // The first fetch may have been on its way before the seek.
        if (fetchedOffset < start(partition)) return start(partition);
        if (waiting.has(partition)) await take({ from: fetchedOffset, records });
        if (nextOffset >= (ends.get(partition) ?? 0)) waiting.delete(partition);
        return nextOffset;
      },
    },
  );
  consumer.start();
  try {
    for (let waited = 0; waiting.size > 0 && waited < KAFKA_PATIENCE_MS; waited += POLL_MS) {
      await delay(POLL_MS);
    }
  } finally {
    await consumer.stop();
  }
}

/** Reads the points of the last half hour, or of the source's lateness, at most 1,000. */
export async function sampleInflux(
  influx: InfluxConfig,
  feed: CompiledFeed,
  aliases: AliasResolver,
): Promise<FeedSample> {
  const letters: DeadLetter[] = [];
  const decoder = createDecoder(feed, {
    aliases,
    source: 'influx',
    deadLetters: { record: (letter) => letters.push(letter) },
  });
  const toMs = Date.now();
  const fromMs = toMs - durationMs(influx.lateness ?? DEFAULT_LATENESS);
  const reader = createInfluxReader(influxOptions(influx), feed);
  let rows = 0;
  for await (const row of reader.read({ fromMs, toMs }, new AbortController().signal)) {
    decoder.record(row.record, row.timeMs);
    if (++rows >= RECORDS) break;
  }
  return {
    basis: `of ${influx.measurement} in the last ${influx.lateness ?? DEFAULT_LATENESS}`,
    facts: decoder.take(),
    letters,
  };
}
