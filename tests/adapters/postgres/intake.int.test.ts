import { afterEach, beforeEach, expect, test } from 'vitest';
import { JournalIntake } from '../../../src/adapters/postgres/intake.js';
import { PostgresJournal } from '../../../src/adapters/postgres/journal.js';
import type { Fact, SourcePosition } from '../../../src/domain/facts.js';
import { ReportBlockBuilder } from '../../../src/domain/report-block.js';
import type { StreamFacts } from '../../../src/runtime/ports.js';
import { type TestDatabase, testDatabase } from '../../services/postgres.js';

let database: TestDatabase;
let journal: CountingJournal;
beforeEach(async () => {
  database = await testDatabase();
  journal = new CountingJournal(database.pool);
});
afterEach(() => database.close());

/** Counts transactions, and holds them while `gate` is set. */
class CountingJournal extends PostgresJournal {
  commits = 0;
  gate: Promise<void> = Promise.resolve();

  override async appendAll(
    batches: readonly StreamFacts[],
    positions: readonly SourcePosition[] = [],
  ): Promise<void> {
    await this.gate;
    this.commits++;
    await super.appendAll(batches, positions);
  }
}

function report(objectId: string, value: number): Fact {
  const shape = { feed: 'ran', objectType: 'cell', periodSeconds: 900, kpis: ['a'] } as const;
  const builder = new ReportBlockBuilder(shape, 1);
  builder.set(builder.addRow(objectId, 0), 0, value);
  return { kind: 'reports', block: builder.finish() };
}

async function valuesIn(stream: string): Promise<number[]> {
  const entries = await journal.read(stream, -1, 1000);
  return entries.flatMap(({ fact }) => (fact.kind === 'reports' ? [...fact.block.values] : []));
}

test('many small pushes at once cost few commits and keep their order', async () => {
  const intake = new JournalIntake(journal, { shards: 1 });
  const pushes = Array.from({ length: 1000 }, (_, n) => intake.accept([report('c1', n)]));
  await Promise.all(pushes);
  expect(journal.commits).toBeLessThan(10);
  expect(await valuesIn('telemetry/0')).toEqual(Array.from({ length: 1000 }, (_, n) => n));
  expect(await journal.lastOffset('telemetry/0')).toBeLessThan(10);
});

test('answers only when the facts are in the journal, with the position of their source', async () => {
  const intake = new JournalIntake(journal, { shards: 2 });
  await intake.accept([report('c1', 1)], { source: 'influx', position: { cursor: 1 } });
  expect([...(await valuesIn('telemetry/0')), ...(await valuesIn('telemetry/1'))]).toEqual([1]);
  await Promise.all(
    [2, 3].map((n) =>
      intake.accept([report('c1', n)], { source: 'influx', position: { cursor: n } }),
    ),
  );
  expect(await intake.position('influx')).toEqual({ cursor: 3 });
});

test('beyond its bound it refuses at once, and takes input again when the queue is short', async () => {
  let open = (): void => undefined;
  journal.gate = new Promise((resolve) => {
    open = resolve;
  });
  const intake = new JournalIntake(journal, { shards: 1, maxQueuedBytes: 200 });
  const held = [intake.accept([report('c1', 1)]), intake.accept([report('c1', 2)])];
  await expect(
    Promise.all([report('c1', 3), report('c1', 4)].map((fact) => intake.accept([fact]))),
  ).rejects.toMatchObject({ code: 'overloaded', retryable: true });
  expect(intake.queuedBytes).toBeLessThanOrEqual(200);
  open();
  await Promise.all(held);
  await intake.drain();
  expect(intake.queuedBytes).toBe(0);
  await intake.accept([report('c1', 5)]);
  expect(await valuesIn('telemetry/0')).toContain(5);
});

test('one batch that cannot be stored fails alone', async () => {
  const intake = new JournalIntake(journal, { shards: 1 });
  const poison = { kind: 'calls', items: [{ offered: 1n }] } as unknown as Fact;
  const outcomes = await Promise.allSettled([
    intake.accept([report('c1', 1)]),
    intake.accept([poison]),
    intake.accept([report('c1', 2)]),
  ]);
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(await valuesIn('telemetry/0')).toEqual([1, 2]);
});
