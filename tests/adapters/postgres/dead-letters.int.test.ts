import { afterEach, beforeEach, expect, test } from 'vitest';
import { PostgresDeadLetters } from '../../../src/adapters/postgres/dead-letters.js';
import type { DeadLetter } from '../../../src/domain/facts.js';
import { type TestDatabase, testDatabase } from '../../services/postgres.js';

let database: TestDatabase;
beforeEach(async () => {
  database = await testDatabase();
});
afterEach(() => database.close());

const letter = (n: number, more: Partial<DeadLetter> = {}): DeadLetter => ({
  feed: 'ran',
  source: 'http',
  reason: 'kpi.outOfRange',
  detail: `row ${n}`,
  payload: `payload ${n}`,
  ...more,
});

async function all(sql: string): Promise<Record<string, unknown>[]> {
  return (await database.pool.query(sql)).rows;
}

test('counts all, keeps the newest samples within the bound', async () => {
  const letters = new PostgresDeadLetters(database.pool, { kept: 5, sampled: 3 });
  for (let round = 0; round < 4; round++) {
    for (let n = 0; n < 1000; n++) letters.record(letter(round * 1000 + n));
    letters.record(letter(round, { reason: 'time.future', source: 'kafka' }));
    await letters.flush();
  }
  expect(await all('select source, reason, count from dead_letter_counts order by reason')).toEqual(
    [
      { source: 'http', reason: 'kpi.outOfRange', count: 4000 },
      { source: 'kafka', reason: 'time.future', count: 4 },
    ],
  );
  const kept = await all(
    "select detail from dead_letters where reason = 'kpi.outOfRange' order by id",
  );
  expect(kept.map(({ detail }) => detail)).toEqual([
    'row 2001',
    'row 2002',
    'row 3000',
    'row 3001',
    'row 3002',
  ]);
  await letters.close();
});

test('keeps the raw payload, whatever its bytes, up to the bound', async () => {
  const letters = new PostgresDeadLetters(database.pool, { payloadBytes: 4 });
  const payload = Uint8Array.of(0, 255, 128, 7, 9, 9);
  letters.record(letter(1, { payload, detail: 'bad \u0000 byte' }));
  await letters.close();
  expect(await all('select payload, detail from dead_letters')).toEqual([
    { payload: Buffer.of(0, 255, 128, 7), detail: 'bad \ufffd byte' },
  ]);
});

test('loses no count while the database is away, and stays small', async () => {
  const errors: unknown[] = [];
  const letters = new PostgresDeadLetters(database.pool, {
    sampled: 2,
    groups: 3,
    flushMs: 3_600_000,
    onError: (error) => errors.push(error),
  });
  await database.pool.query('alter table dead_letters rename to away');
  for (let round = 0; round < 3; round++) {
    for (let n = 0; n < 100; n++) letters.record(letter(n, { feed: `feed ${n}` }));
    await letters.flush();
  }
  expect(errors).toHaveLength(3);
  await database.pool.query('alter table away rename to dead_letters');
  await letters.close();
  const counts = await all('select feed, count from dead_letter_counts order by feed');
  expect(counts).toEqual([
    { feed: 'feed 0', count: 3 },
    { feed: 'feed 1', count: 3 },
    { feed: 'feed 2', count: 3 },
    { feed: 'other', count: 291 },
  ]);
  expect(await all('select count(*)::int as n from dead_letters')).toEqual([{ n: 8 }]);
});
