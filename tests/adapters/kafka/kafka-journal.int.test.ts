import { describe, expect, onTestFinished, test, vi } from 'vitest';
import {
  KafkaJournal,
  type KafkaJournalOptions,
} from '../../../src/adapters/kafka/kafka-journal.js';
import { ownTopic, Repartitioner } from '../../../src/adapters/kafka/repartitioner.js';
import { PostgresTickLog } from '../../../src/adapters/postgres/kafka-ticks.js';
import type { Fact, JournalEntry } from '../../../src/domain/facts.js';
import { compileFeed } from '../../../src/sources/feed-loader.js';
import { hasKafka, sharedKafka } from '../../services/kafka/shared.js';
import { testDatabase } from '../../services/postgres.js';
import { everythingKnown, MemoryDeadLetters } from './memory-intake.js';
import { MemoryTickLog } from './memory-ticks.js';
import {
  busFor,
  EPOCH_MS,
  jsonFeed,
  report,
  silent,
  TEST_KPIS,
  TestTopics,
  uniqueName,
} from './test-topics.js';

const WAIT = { timeout: 20_000 };

function actOf(why: string): Fact {
  const at = '2026-03-10T14:20:00.000Z';
  return {
    kind: 'acts',
    items: [{ actId: `act_${why}`, at, actor: 'Zoé', why, action: 'revertModel' }],
  };
}

/** Reports and ticks as one list, whatever the entries they came in. */
function flatten(entries: readonly JournalEntry[]): string[] {
  return entries.flatMap(({ fact }) => {
    if (fact.kind === 'tick') return [`tick ${fact.nowMs}`];
    if (fact.kind === 'acts') return fact.items.map(({ why }) => why);
    if (fact.kind === 'network') return fact.items.map(({ version }) => `network ${version}`);
    return fact.kind === 'reports' ? [...fact.block.objectIds] : [];
  });
}

function cells(from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, i) => `cell-${from + i}`);
}

describe.skipIf(!(await hasKafka()))('a Kafka journal on a real broker', async () => {
  const { brokers } = await sharedKafka();
  const topics = new TestTopics(brokers);
  const bus = busFor({ brokers });
  const send = (topic: string, ids: readonly string[], partition = 0) =>
    topics.send(
      topic,
      ids.map((id) => ({ key: id, value: report(id), partition })),
    );

  function open(topic: string, options: Partial<KafkaJournalOptions> = {}) {
    const deadLetters = new MemoryDeadLetters();
    const assigned: string[][] = [];
    const revoked: string[][] = [];
    const journal = new KafkaJournal(bus, {
      groupId: uniqueName('group'),
      topics: [{ topic, feed: jsonFeed }],
      decoding: { context: { aliases: everythingKnown, deadLetters } },
      ticks: new MemoryTickLog(),
      status: () => undefined,
      log: silent,
      assigned: (streams) => assigned.push([...streams]),
      revoked: (streams) => revoked.push([...streams]),
      ...options,
    });
    journal.start();
    onTestFinished(() => journal.stop());
    return { journal, deadLetters, assigned, revoked };
  }

  /** Reads on from `after` until `count` reports and ticks are there. */
  async function collect(
    journal: KafkaJournal,
    stream: string,
    after: number,
    count: number,
  ): Promise<JournalEntry[]> {
    const entries: JournalEntry[] = [];
    await vi.waitFor(async () => {
      const last = entries.at(-1)?.offset ?? after;
      entries.push(...(await journal.read(stream, last, 4)));
      expect(flatten(entries)).toHaveLength(count);
    }, WAIT);
    return entries;
  }

  test('gives records and ticks again in the same order from any offset', async () => {
    const database = await testDatabase();
    onTestFinished(() => database.close());
    const ticks = new PostgresTickLog(database.pool);
    const topic = await topics.create();
    const stream = `kafka:${topic}/0`;
    const { journal } = open(topic, { ticks });
    await send(topic, cells(0, 10));
    await vi.waitFor(() => expect(journal.streams).toEqual([stream]), WAIT);
    const entries = await collect(journal, stream, -1, 10);
    expect(await journal.isCaughtUp(stream)).toBe(true);
    await journal.append(stream, [{ kind: 'tick', nowMs: EPOCH_MS }]);
    await journal.append(stream, [{ kind: 'tick', nowMs: EPOCH_MS + 1 }]);
    await send(topic, cells(10, 25));
    entries.push(...(await collect(journal, stream, entries.at(-1)?.offset ?? -1, 17)));
    await journal.append(stream, [{ kind: 'tick', nowMs: EPOCH_MS + 2 }]);
    await send(topic, ['{poison']);
    await topics.send(topic, [{ value: '{poison' }]);
    entries.push(...(await collect(journal, stream, entries.at(-1)?.offset ?? -1, 2)));
    const all = flatten(entries);
    expect(all.slice(9, 13)).toEqual([
      'cell-9',
      `tick ${EPOCH_MS}`,
      `tick ${EPOCH_MS + 1}`,
      'cell-10',
    ]);
    expect(all.slice(26)).toEqual(['cell-24', `tick ${EPOCH_MS + 2}`, '{poison']);

    const again = open(topic, { ticks });
    await vi.waitFor(() => expect(again.journal.streams).toEqual([stream]), WAIT);
    for (const after of [-1, 9, 11, 20]) {
      const rest = await collect(again.journal, stream, after, all.length - 1 - after);
      expect(flatten(rest)).toEqual(all.slice(after + 1));
      const offsets = rest.map(({ offset }) => offset);
      expect(offsets).toEqual([...new Set(offsets)].sort((a, b) => a - b));
    }
  });

  test('gives acts and changes of the network again at the place they took, each once', async () => {
    const database = await testDatabase();
    onTestFinished(() => database.close());
    const ticks = new PostgresTickLog(database.pool);
    const topic = await topics.create();
    const stream = `kafka:${topic}/0`;
    const { journal } = open(topic, { ticks });
    await send(topic, cells(0, 3));
    await vi.waitFor(() => expect(journal.streams).toEqual([stream]), WAIT);
    const entries = await collect(journal, stream, -1, 3);
    const acts = ['first', 'second'].map((why, offset) => ({ offset, fact: actOf(why) }));
    await journal.appendActs(stream, acts.slice(0, 1));
    await journal.append(stream, [{ kind: 'tick', nowMs: EPOCH_MS }]);
    // told again from the start, as after a crash
    await journal.appendActs(stream, acts);
    await journal.append(stream, [{ kind: 'network', items: [{ version: 5 }] }]);
    await send(topic, cells(3, 5));
    entries.push(...(await collect(journal, stream, entries.at(-1)?.offset ?? -1, 6)));
    const all = flatten(entries);
    expect(all.slice(3)).toEqual([
      'first',
      `tick ${EPOCH_MS}`,
      'second',
      'network 5',
      'cell-3',
      'cell-4',
    ]);
    await expect(journal.append(stream, [{ kind: 'presence', items: [] }])).rejects.toMatchObject({
      code: 'internal',
    });
    const again = open(topic, { ticks });
    await vi.waitFor(() => expect(again.journal.streams).toEqual([stream]), WAIT);
    for (const after of [-1, 3, 5, 6]) {
      const rest = await collect(again.journal, stream, after, all.length - 1 - after);
      expect(flatten(rest)).toEqual(all.slice(after + 1));
    }
  });

  test('commits what a checkpoint covers, and only that', async () => {
    const topic = await topics.create();
    const stream = `kafka:${topic}/0`;
    const groupId = uniqueName('group');
    const { journal } = open(topic, { groupId });
    await send(topic, cells(0, 10));
    await vi.waitFor(() => expect(journal.streams).toEqual([stream]), WAIT);
    await collect(journal, stream, -1, 10);
    await journal.append(stream, [{ kind: 'tick', nowMs: EPOCH_MS }]);
    await journal.prune(stream, 6);
    await journal.stop();
    expect(await topics.committed(groupId, topic)).toEqual(new Map([[0, 7]]));
  });

  test('tells which streams come and go when instances share the work', async () => {
    const topic = await topics.create(2);
    const groupId = uniqueName('group');
    const one = open(topic, { groupId });
    const both = [`kafka:${topic}/0`, `kafka:${topic}/1`];
    await vi.waitFor(() => expect(one.assigned).toEqual([both]), WAIT);
    const two = open(topic, { groupId });
    await vi.waitFor(() => expect(two.journal.streams).toHaveLength(1), WAIT);
    await vi.waitFor(() => expect(one.journal.streams).toHaveLength(1), WAIT);
    expect([...one.journal.streams, ...two.journal.streams].sort()).toEqual(both);
    expect(one.revoked).toEqual([both]);
    const [theirs = ''] = two.journal.streams;
    await expect(one.journal.read(theirs, -1, 1)).rejects.toMatchObject({ code: 'lease.lost' });
    await two.journal.stop();
    await vi.waitFor(() => expect(one.journal.streams).toEqual(both), WAIT);
  });

  test('holds a bounded amount of what is not read', async () => {
    const topic = await topics.create();
    const stream = `kafka:${topic}/0`;
    const filler = 'x'.repeat(200_000);
    for (let at = 0; at < 10; at++) {
      await topics.send(
        topic,
        cells(at * 10, at * 10 + 10).map((id) => ({
          value: JSON.stringify({ ...JSON.parse(report(id)), filler }),
        })),
      );
    }
    const { journal } = open(topic);
    await vi.waitFor(() => expect(journal.streams).toEqual([stream]), WAIT);
    expect(await journal.read(stream, -1, 1)).toEqual([]);
    await vi.waitFor(
      async () => expect(await journal.lastOffset(stream)).toBeGreaterThan(39),
      WAIT,
    );
    // Twenty megabytes wait in Kafka; at most eight and one fetch of a megabyte are held here.
    await expect(
      vi.waitUntil(async () => (await journal.lastOffset(stream)) > 50, { timeout: 1500 }),
    ).rejects.toThrow();
    const entries = await collect(journal, stream, -1, 100);
    expect(flatten(entries)).toEqual(cells(0, 100));
  });

  test('re-keys a topic that is not keyed by object, and drops what was written twice', async () => {
    const topic = await topics.create(2);
    const feed = compileFeed(jsonFeed.feed, uniqueName('feed'), TEST_KPIS);
    const target = ownTopic(feed.name);
    const deadLetters = new MemoryDeadLetters();
    const groupId = uniqueName('group');
    const rekey = () => {
      const repartitioner = new Repartitioner(bus, {
        groupId,
        route: { topic, feed },
        target,
        partitions: 3,
        decoding: { context: { aliases: everythingKnown, deadLetters } },
        status: () => undefined,
        log: silent,
      });
      repartitioner.start();
      return repartitioner;
    };
    const batch = `[${cells(0, 40)
      .map((id) => report(id))
      .join(',')}]`;
    await topics.send(topic, [
      { value: batch, partition: 0 },
      { value: 'poison', partition: 0 },
      ...cells(40, 60).map((id) => ({ value: report(id), partition: 1 })),
    ]);
    const first = rekey();
    await vi.waitFor(
      async () => expect((await topics.committed(`${groupId}.${topic}`, topic)).get(1)).toBe(20),
      WAIT,
    );
    expect(await first.isCaughtUp()).toBe(true);
    await first.stop();
    expect(deadLetters.reasons).toEqual(['payload.malformed']);
    await topics.commit(`${groupId}.${topic}`, topic, [0, 0]);
    expect(await first.isCaughtUp()).toBe(false);
    const second = rekey();
    await vi.waitFor(
      async () => expect((await topics.committed(`${groupId}.${topic}`, topic)).get(1)).toBe(20),
      WAIT,
    );
    await second.stop();

    const ends = await bus.endOffsets(target);
    expect([...ends.values()].reduce((sum, end) => sum + end)).toBe(120);
    const { journal } = open(target, { topics: [{ topic: target, feed, isReportTopic: true }] });
    await vi.waitFor(() => expect(journal.streams).toHaveLength(3), WAIT);
    expect(await journal.isAtEnd(target)).toBe(false);
    const seen: string[] = [];
    for (const stream of journal.streams) {
      const end = ends.get(Number(stream.split('/')[1])) ?? 0;
      seen.push(...flatten(await collect(journal, stream, -1, end / 2)));
    }
    expect(seen.sort()).toEqual(cells(0, 60).sort());
    expect(await journal.isAtEnd(target)).toBe(true);
  });
});
