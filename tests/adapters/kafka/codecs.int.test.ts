import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { KafkaOptions } from '../../../src/adapters/kafka/client.js';
import { TopicSource } from '../../../src/adapters/kafka/topic-source.js';
import { SASL_USER } from '../../services/kafka/broker.js';
import { hasKafka, sharedKafka } from '../../services/kafka/shared.js';
import { everythingKnown, MemoryDeadLetters, MemoryIntake } from './memory-intake.js';
import {
  busFor,
  jsonFeed,
  produceWithJava,
  report,
  silent,
  TestTopics,
  uniqueName,
} from './test-topics.js';

async function readAll(options: KafkaOptions, topic: string, count: number): Promise<string[]> {
  const intake = new MemoryIntake();
  const deadLetters = new MemoryDeadLetters();
  const source = new TopicSource(busFor(options), {
    groupId: uniqueName('group'),
    topics: [{ topic, feed: jsonFeed }],
    decoding: { context: { aliases: everythingKnown, deadLetters } },
    intake,
    status: () => undefined,
    log: silent,
  });
  source.start();
  onTestFinished(() => source.stop());
  await vi.waitFor(() => expect(intake.objectIds).toHaveLength(count), { timeout: 20_000 });
  expect(deadLetters.letters).toEqual([]);
  return intake.objectIds;
}

describe.skipIf(!(await hasKafka()))('with a real broker', async () => {
  const kafka = await sharedKafka();
  const topics = new TestTopics(kafka.brokers);
  const cells = Array.from({ length: 2000 }, (_, i) => `cell-${i}`);

  test.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'])(
    'reads what a Java producer packs with %s',
    async (codec) => {
      const topic = await topics.create();
      const lines = cells.map((cell) => report(cell));
      await produceWithJava(kafka.brokers[0] ?? '', topic, codec, lines);
      expect(await readAll({ brokers: kafka.brokers }, topic, cells.length)).toEqual(cells);
    },
  );

  test.each([
    ['gzip', 1],
    ['snappy', 2],
    ['lz4', 3],
  ])('reads what its own producer packs with %s', async (_, codec) => {
    const topic = await topics.create();
    await topics.send(
      topic,
      cells.map((cell) => ({ key: cell, value: report(cell) })),
      codec,
    );
    expect(await readAll({ brokers: kafka.brokers }, topic, cells.length)).toEqual(cells);
  });

  describe.skipIf(kafka.ca === undefined)('on secured listeners', () => {
    const { ssl = '', sasl = '', saslSsl = '', ca = '' } = kafka;
    const connections: [string, KafkaOptions][] = [
      ['TLS', { brokers: [ssl], ssl: { ca } }],
      ['TLS, unchecked', { brokers: [ssl], ssl: { rejectUnauthorized: false } }],
      ['SASL PLAIN', { brokers: [sasl], sasl: { mechanism: 'plain', ...SASL_USER } }],
      ['SCRAM-SHA-256', { brokers: [sasl], sasl: { mechanism: 'scram-sha-256', ...SASL_USER } }],
      [
        'SCRAM-SHA-512 over TLS',
        { brokers: [saslSsl], ssl: { ca }, sasl: { mechanism: 'scram-sha-512', ...SASL_USER } },
      ],
    ];

    test.each(connections)('reads over %s', async (_, options) => {
      const topic = await topics.create();
      await topics.send(topic, [{ value: report('a') }]);
      expect(await readAll(options, topic, 1)).toEqual(['a']);
    });

    test('says that a password is wrong and goes on trying', async () => {
      const said: string[] = [];
      const wrong = { mechanism: 'plain', username: 'tocsin', password: 'no' } as const;
      const source = new TopicSource(busFor({ brokers: [sasl], sasl: wrong }), {
        groupId: uniqueName('group'),
        topics: [{ topic: 'any', feed: jsonFeed }],
        decoding: { context: { aliases: everythingKnown, deadLetters: new MemoryDeadLetters() } },
        intake: new MemoryIntake(),
        status: (status, detail) => said.push(`${status}: ${detail}`),
        log: silent,
      });
      source.start();
      onTestFinished(() => source.stop());
      await vi.waitFor(() => expect(said.length).toBeGreaterThan(1), { timeout: 10_000 });
      expect(said.at(-1)).toMatch(/^down: .*(authentication|credentials)/i);
    });
  });
});
