import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { avroReader } from '../../../src/adapters/kafka/avro.js';
import { TopicSource } from '../../../src/adapters/kafka/topic-source.js';
import { hasKafka, sharedKafka } from '../../services/kafka/shared.js';
import { everythingKnown, MemoryDeadLetters, MemoryIntake } from './memory-intake.js';
import { startTestRegistry, type TestRegistry } from './schema-registry.js';
import { busFor, EPOCH_MS, jsonFeed, silent, TestTopics, uniqueName } from './test-topics.js';

const WAIT = { timeout: 20_000 };
const SCHEMA = {
  type: 'record',
  name: 'Report',
  namespace: 'operator.ran',
  fields: [
    { name: 'cell', type: 'string' },
    { name: 'time', type: 'string' },
    { name: 'availability', type: ['null', 'double'] },
    { name: 'users', type: 'long' },
  ],
};

/** Zigzag and base 128, as the Avro specification writes int and long. */
function long(value: number): Buffer {
  const bytes: number[] = [];
  let left = value < 0 ? -2 * value - 1 : 2 * value;
  for (; left >= 128; left = Math.floor(left / 128)) bytes.push((left % 128) + 128);
  return Buffer.from([...bytes, left]);
}

function text(value: string): Buffer {
  return Buffer.concat([long(Buffer.byteLength(value)), Buffer.from(value)]);
}

/** A report in Confluent's framing, written by hand from the Avro specification 1.11. */
function message(schemaId: number, cell: string, availability: number | null, users = 7): Buffer {
  const head = Buffer.alloc(5);
  head.writeInt32BE(schemaId, 1);
  const branch =
    availability === null
      ? [long(0)]
      : [long(1), Buffer.from(new Float64Array([availability]).buffer)];
  const time = new Date(EPOCH_MS).toISOString();
  return Buffer.concat([head, text(cell), text(time), ...branch, long(users)]);
}

describe.skipIf(!(await hasKafka()))('Avro through a schema registry', async () => {
  const { brokers } = await sharedKafka();
  const topics = new TestTopics(brokers);
  let registry: TestRegistry;
  beforeAll(async () => {
    registry = await startTestRegistry();
    registry.add(17, SCHEMA);
  });
  afterAll(() => registry.stop());

  function run(topic: string) {
    const intake = new MemoryIntake();
    const deadLetters = new MemoryDeadLetters();
    const said: string[] = [];
    const source = new TopicSource(busFor({ brokers }), {
      groupId: uniqueName('group'),
      topics: [{ topic, feed: jsonFeed, payload: 'avro' }],
      decoding: {
        context: { aliases: everythingKnown, deadLetters },
        avro: avroReader(registry.url),
      },
      intake,
      status: (status, detail) => said.push(`${status}: ${detail}`),
      log: silent,
    });
    source.start();
    onTestFinished(() => source.stop());
    return { intake, deadLetters, said };
  }

  test('reads records, and makes dead letters of what does not fit its schema', async () => {
    const topic = await topics.create();
    await topics.send(topic, [
      { value: message(17, 'a', 0.5, 300) },
      { value: message(99, 'b', 1) },
      { value: message(17, 'c', null) },
      { value: message(17, 'd', 1).subarray(0, 20) },
      { value: '{"cell":"e"}' },
      { value: message(99, 'f', 1) },
      { value: message(17, 'g', 0.25) },
    ]);
    const before = registry.requests;
    const { intake, deadLetters } = run(topic);
    await vi.waitFor(() => expect(intake.objectIds).toEqual(['a', 'c', 'g']), WAIT);
    const [fact] = intake.facts;
    const values = fact?.kind === 'reports' ? [...fact.block.values] : [];
    expect(values).toEqual([0.5, 300, Number.NaN, 7, 0.25, 7]);
    expect(deadLetters.letters.map(({ detail }) => detail.replace(/ \(.*/, ''))).toEqual([
      'the schema registry has no schema 99',
      'not what its Avro schema says: truncated buffer',
      "no Avro in Confluent's framing: allowed are a zero byte and a schema id",
      'the schema registry has no schema 99',
    ]);
    expect(registry.requests - before).toBe(2);
  });

  test('waits for a registry that is away, and loses nothing', async () => {
    const topic = await topics.create();
    await topics.send(topic, [{ value: message(17, 'a', 0.5) }, { value: message(17, 'b', 0.5) }]);
    registry.isAway = true;
    const { intake, deadLetters, said } = run(topic);
    await vi.waitFor(() => expect(said.at(-1)).toMatch(/^degraded: .*leader is away/), WAIT);
    registry.isAway = false;
    await vi.waitFor(() => expect(intake.objectIds).toEqual(['a', 'b']), WAIT);
    expect(deadLetters.letters).toEqual([]);
  });
});
