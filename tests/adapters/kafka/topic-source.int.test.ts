import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { KafkaBus } from '../../../src/adapters/kafka/ports.js';
import { TopicSource, type TopicSourceOptions } from '../../../src/adapters/kafka/topic-source.js';
import { TocsinError } from '../../../src/domain/errors.js';
import { hasKafka, sharedKafka } from '../../services/kafka/shared.js';
import { everythingKnown, MemoryDeadLetters, MemoryIntake } from './memory-intake.js';
import {
  busFor,
  jsonFeed,
  lineFeed,
  report,
  silent,
  TestTopics,
  uniqueName,
} from './test-topics.js';

const WAIT = { timeout: 20_000 };
const GZIP = 1;

interface Run {
  readonly source: TopicSource;
  readonly intake: MemoryIntake;
  readonly deadLetters: MemoryDeadLetters;
  readonly said: string[];
}

function run(bus: KafkaBus, options: Partial<TopicSourceOptions> & { topic?: string }): Run {
  const intake = (options.intake as MemoryIntake | undefined) ?? new MemoryIntake();
  const deadLetters = new MemoryDeadLetters();
  const said: string[] = [];
  const { topic = '', ...rest } = options;
  const source = new TopicSource(bus, {
    groupId: uniqueName('group'),
    topics: [{ topic, feed: jsonFeed }],
    decoding: { context: { aliases: everythingKnown, deadLetters } },
    status: (status, detail) => said.push(`${status}: ${detail}`),
    log: silent,
    ...rest,
    intake,
  });
  source.start();
  onTestFinished(() => source.stop());
  return { source, intake, deadLetters, said };
}

function cells(from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, i) => `cell-${from + i}`);
}

describe.skipIf(!(await hasKafka()))('a topic source on a real broker', async () => {
  const { brokers } = await sharedKafka();
  const topics = new TestTopics(brokers);
  const bus = busFor({ brokers });
  const send = (topic: string, ids: readonly string[], partition = 0) =>
    topics.send(
      topic,
      ids.map((id) => ({ key: id, value: report(id), partition })),
    );

  test('goes on at the stored position, whatever the group has committed', async () => {
    const topic = await topics.create();
    await send(topic, cells(0, 100));
    const groupId = uniqueName('group');
    const first = run(bus, { topic, groupId });
    await vi.waitFor(() => expect(first.intake.objectIds).toHaveLength(100), WAIT);
    await first.source.stop();
    expect(await topics.committed(groupId, topic)).toEqual(new Map([[0, 100]]));
    expect(first.intake.positions.get(`kafka:${topic}/0`)).toEqual({ next: 100 });

    const restored = new MemoryIntake();
    restored.positions.set(`kafka:${topic}/0`, { next: 60 });
    const second = run(bus, { topic, groupId, intake: restored });
    await vi.waitFor(() => expect(restored.objectIds).toEqual(cells(60, 100)), WAIT);
    expect(await second.source.isCaughtUp()).toBe(true);
    await send(topic, cells(100, 110));
    await vi.waitFor(() => expect(restored.objectIds).toEqual(cells(60, 110)), WAIT);
  });

  test('shares partitions in a group and takes over those of a member that leaves', async () => {
    const topic = await topics.create(4);
    const groupId = uniqueName('group');
    const intake = new MemoryIntake();
    const one = run(bus, { topic, groupId, intake });
    const two = run(bus, { topic, groupId, intake });
    await vi.waitFor(async () => expect(await topics.members(groupId)).toBe(2), WAIT);
    await vi.waitFor(() => {
      expect(one.said.at(-1)).toBe('up: reading 2 partitions');
      expect(two.said.at(-1)).toBe('up: reading 2 partitions');
    }, WAIT);
    for (let p = 0; p < 4; p++) await send(topic, cells(p * 50, p * 50 + 50), p);
    await vi.waitFor(() => expect(intake.objectIds).toHaveLength(200), WAIT);
    await one.source.stop();
    await vi.waitFor(() => expect(two.said.at(-1)).toBe('up: reading 4 partitions'), WAIT);
    for (let p = 0; p < 4; p++) await send(topic, cells(200 + p * 50, 250 + p * 50), p);
    await vi.waitFor(() => expect(intake.objectIds).toHaveLength(400), WAIT);
    expect(intake.objectIds.sort()).toEqual(cells(0, 400).sort());
  });

  test('makes dead letters of poison, and reads what stands around it', async () => {
    const topic = await topics.create(1, { 'max.message.bytes': '20971520' });
    const good = (id: string) => ({ key: id, value: report(id) });
    await topics.send(topic, [
      good('a'),
      { value: '{"cell": "b", ' },
      { value: Buffer.from([0x7b, 0xff, 0xfe, 0x7d]) },
      { value: null },
      { value: '[1, "two", null]' },
      { value: JSON.stringify({ cell: 5.5, time: 'noon', availability: 'high' }) },
      {
        value: JSON.stringify({
          cell: 'c',
          time: '2024-01-15T00:00:00Z',
          availability: 7,
          users: 3,
        }),
      },
      good('d'),
    ]);
    await topics.send(topic, [{ value: Buffer.alloc(10_000_000, 0x20) }]);
    await topics.send(topic, [good('e')]);
    const { intake, deadLetters } = run(bus, { topic });
    await vi.waitFor(() => expect(intake.objectIds).toEqual(['a', 'c', 'd', 'e']), WAIT);
    expect(new Set(deadLetters.reasons)).toEqual(
      new Set([
        'kpi.notANumber',
        'kpi.outOfRange',
        'payload.invalidUtf8',
        'payload.malformed',
        'payload.schema',
        'payload.tooLarge',
        'time.unreadable',
      ]),
    );
    const large = deadLetters.letters.find(({ reason }) => reason === 'payload.tooLarge');
    expect(large?.detail).toBe(
      `a message of 10000000 bytes: at most 1048576 are allowed (${topic} offset 8)`,
    );
    expect(large?.payload.length).toBe(4096);
  });

  test('passes over a batch that unpacks to more than is allowed', async () => {
    const topic = await topics.create(1, { 'max.message.bytes': '20971520' });
    await topics.send(topic, [{ value: report('a') }]);
    await topics.send(topic, [{ value: Buffer.alloc(70 * 1024 * 1024) }], GZIP);
    await topics.send(topic, [{ value: report('b') }], GZIP);
    const { intake, deadLetters } = run(bus, { topic });
    await vi.waitFor(() => expect(intake.objectIds).toEqual(['a', 'b']), WAIT);
    expect(deadLetters.reasons).toEqual(['payload.tooLarge']);
    expect(deadLetters.letters[0]?.detail).toContain(`${topic} offset 1`);
  });

  test('waits while the intake is away, then stores everything once', async () => {
    const topic = await topics.create();
    await send(topic, cells(0, 20));
    const intake = new MemoryIntake();
    intake.isAway = true;
    const { said } = run(bus, { topic, intake });
    await vi.waitFor(() => expect(said.at(-1)).toMatch(/^degraded: .*Postgres is away/), WAIT);
    await send(topic, cells(20, 40));
    intake.isAway = false;
    await vi.waitFor(() => expect(intake.objectIds).toEqual(cells(0, 40)), WAIT);
    intake.isAway = true;
    await send(topic, cells(40, 60));
    await vi.waitFor(() => expect(intake.refusals).toBeGreaterThan(0), WAIT);
    intake.isAway = false;
    await vi.waitFor(() => expect(intake.objectIds).toEqual(cells(0, 60)), WAIT);
    expect(said.at(-1)).toBe('up: reading 1 partitions');
  });

  test('finds the one record that cannot be stored and keeps the others', async () => {
    const topic = await topics.create();
    const intake = new MemoryIntake();
    intake.refuse = (facts) => {
      if (JSON.stringify(facts).includes('cell-13"')) {
        throw new TocsinError('input.payload', 'no such thing');
      }
    };
    await send(topic, cells(0, 30));
    const { deadLetters } = run(bus, { topic, intake });
    await vi.waitFor(() => expect(intake.objectIds).toHaveLength(29), WAIT);
    expect(intake.objectIds).toEqual(cells(0, 30).filter((id) => id !== 'cell-13'));
    expect(deadLetters.reasons).toEqual(['record.invalid']);
  });

  test('reads line protocol, and a topic that comes later', async () => {
    const lines = await topics.create();
    const later = uniqueName('later');
    const feeds = [
      { topic: lines, feed: lineFeed },
      { topic: later, feed: jsonFeed },
    ];
    await topics.send(lines, [
      { value: 'ran,cell=x availability=0.5,users=2i 1705276800000000000\nran,cell=y users=3i' },
    ]);
    const { intake, said } = run(bus, { topics: feeds });
    await vi.waitFor(() => expect(intake.objectIds).toContain('x'), WAIT);
    expect(said.at(-1)).toBe(`degraded: topics that do not exist: ${later}`);
    await topics.create(1, {}, later);
    await send(later, ['z']);
    await vi.waitFor(() => expect(intake.objectIds).toContain('z'), WAIT);
    expect(said.at(-1)).toBe('up: reading 2 partitions');
  });
});
