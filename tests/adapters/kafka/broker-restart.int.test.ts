import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { KafkaJournal } from '../../../src/adapters/kafka/kafka-journal.js';
import { ownTopic, Repartitioner } from '../../../src/adapters/kafka/repartitioner.js';
import { TopicSource } from '../../../src/adapters/kafka/topic-source.js';
import { compileFeed } from '../../../src/sources/feed-loader.js';
import { startKafka } from '../../services/kafka/broker.js';
import { canStartKafka, KAFKA_HINT } from '../../services/kafka/jars.js';
import { available } from '../../services/require.js';
import { everythingKnown, MemoryDeadLetters, MemoryIntake } from './memory-intake.js';
import { MemoryTickLog } from './memory-ticks.js';
import {
  busFor,
  jsonFeed,
  report,
  silent,
  TEST_KPIS,
  TestTopics,
  uniqueName,
} from './test-topics.js';

const WAIT = { timeout: 60_000 };

function cells(from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, i) => `cell-${from + i}`);
}

describe.skipIf(!available('kafka', await canStartKafka(), KAFKA_HINT))('when the broker', () => {
  test('is away at start and stops in the middle, everything is read once', async () => {
    const kafka = await startKafka();
    onTestFinished(() => kafka.stop());
    const topics = new TestTopics(kafka.brokers);
    const topic = await topics.create();
    const send = (ids: readonly string[]) =>
      topics.send(
        topic,
        ids.map((id) => ({ key: id, value: report(id) })),
      );
    await send(cells(0, 10));
    await kafka.halt();

    const bus = busFor({ brokers: kafka.brokers });
    const decoding = {
      context: { aliases: everythingKnown, deadLetters: new MemoryDeadLetters() },
    };
    const intake = new MemoryIntake();
    const said: string[] = [];
    const source = new TopicSource(bus, {
      groupId: uniqueName('group'),
      topics: [{ topic, feed: jsonFeed }],
      decoding,
      intake,
      status: (status) => said.push(status),
      log: silent,
    });
    source.start();
    onTestFinished(() => source.stop());
    const journal = new KafkaJournal(bus, {
      groupId: uniqueName('group'),
      topics: [{ topic, feed: jsonFeed }],
      decoding,
      ticks: new MemoryTickLog(),
      status: () => undefined,
      log: silent,
      assigned: () => undefined,
      revoked: () => undefined,
    });
    journal.start();
    onTestFinished(() => journal.stop());
    const feed = compileFeed(jsonFeed.feed, uniqueName('feed'), TEST_KPIS);
    const target = ownTopic(feed.name);
    const repartitioner = new Repartitioner(bus, {
      groupId: uniqueName('group'),
      route: { topic, feed },
      target,
      partitions: 1,
      decoding,
      status: () => undefined,
      log: silent,
    });
    repartitioner.start();
    onTestFinished(() => repartitioner.stop());
    await vi.waitFor(() => expect(said).toContain('down'), WAIT);

    // Reports may be written twice around a failure; they carry the same source then.
    const written = async () => (await bus.endOffsets(target)).get(0) ?? 0;
    await kafka.resume();
    await vi.waitFor(async () => expect(await written()).toBeGreaterThanOrEqual(10), WAIT);
    await vi.waitFor(() => expect(intake.objectIds).toEqual(cells(0, 10)), WAIT);
    expect(said.at(-1)).toBe('up');
    const down = said.length;

    await kafka.halt();
    await vi.waitFor(() => expect(said.slice(down)).toContain('down'), WAIT);
    await kafka.resume();
    await send(cells(10, 20));
    await vi.waitFor(() => expect(intake.objectIds).toEqual(cells(0, 20)), WAIT);
    expect(said.at(-1)).toBe('up');

    await vi.waitFor(async () => expect(await written()).toBeGreaterThanOrEqual(20), WAIT);
    const stream = `kafka:${topic}/0`;
    await vi.waitFor(() => expect(journal.streams).toEqual([stream]), WAIT);
    const seen: string[] = [];
    let offset = -1;
    await vi.waitFor(async () => {
      for (const entry of await journal.read(stream, offset, 4)) {
        offset = entry.offset;
        if (entry.fact.kind === 'reports') seen.push(...entry.fact.block.objectIds);
      }
      expect(seen).toEqual(cells(0, 20));
    }, WAIT);
  }, 180_000);
});
