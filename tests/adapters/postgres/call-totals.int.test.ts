import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { PostgresDecisionTransaction } from '../../../src/adapters/postgres/decision-transaction.js';
import { withTransaction } from '../../../src/adapters/postgres/pool.js';
import type { CallInterval } from '../../../src/domain/facts.js';
import { type TestDatabase, testDatabase } from '../../services/postgres.js';

const T0 = Date.parse('2026-03-10T14:00:00Z');

let database: TestDatabase;
/** calls that a forecaster would hold after what it was told, by start of the quarter hour */
const held = new Map<string, number>();
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  held.clear();
  await database.pool.query('truncate calls');
});

function call(minute: number, minutes: number, offered: number, more: object = {}): CallInterval {
  const start = new Date(T0 + minute * 60_000).toISOString();
  return { queue: 'care', start, intervalSeconds: minutes * 60, offered, ...more };
}

async function save(...calls: CallInterval[]): Promise<void> {
  const { added, replaced } = await withTransaction(database.pool, (client) =>
    new PostgresDecisionTransaction(client, 1, {} as never).saveCalls(calls),
  );
  for (const [list, sign] of [
    [replaced, -1],
    [added, 1],
  ] as const) {
    for (const each of list) {
      const quarter = Math.floor(Date.parse(each.start) / 900_000) * 900_000;
      const key = `${each.area} ${(quarter - T0) / 60_000}`;
      held.set(key, (held.get(key) ?? 0) + sign * each.offered);
    }
  }
}

const stored = async (): Promise<number> =>
  (await database.pool.query('select sum(offered) as sum from calls')).rows[0].sum;

test('minutes come first, and the total of their quarter hour takes their place once', async () => {
  await save(call(0, 1, 3), call(1, 1, 4), call(15, 1, 5));
  expect([...held]).toEqual([
    [' 0', 7],
    [' 15', 5],
  ]);
  await save(call(0, 15, 60));
  await save(call(2, 1, 9), call(5, 5, 20));
  await save(call(0, 15, 61));
  expect([...held]).toEqual([
    [' 0', 61],
    [' 15', 5],
  ]);
  expect(await stored()).toBe(66);
});

test('in one batch the total counts, whatever the order', async () => {
  await save(call(0, 1, 3), call(0, 15, 60), call(5, 5, 20), call(14, 1, 2), call(15, 1, 5));
  expect([...held]).toEqual([
    [' 0', 60],
    [' 15', 5],
  ]);
});

test('areas are apart, and longer totals take nothing away', async () => {
  await save(call(0, 1, 3, { area: 'north' }), call(0, 15, 60, { area: 'south' }));
  await save(call(0, 60, 200, { area: 'north' }));
  expect(held.get('north 0')).toBe(203);
  expect(await stored()).toBe(263);
});
