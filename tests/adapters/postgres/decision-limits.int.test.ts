import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { Leadership } from '../../../src/adapters/postgres/leader.js';
import {
  createPool,
  type TransactionLimits,
  withTransaction,
} from '../../../src/adapters/postgres/pool.js';
import { Door } from '../../services/door.js';
import { type TestDatabase, testDatabase } from '../../services/postgres.js';

const LIMITS: TransactionLimits = { statementMs: 60_000, lockMs: 60_000, totalMs: 60_000 };

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

test('a lock that somebody keeps ends a transaction as a lost race', async () => {
  const leader = await Leadership.tryAcquire(database.url);
  onTestFinished(() => leader?.release());
  const holder = await database.pool.connect();
  onTestFinished(() => holder.release());
  await holder.query("begin; select 1 from epochs where name = 'leader' for update");
  const decided = withTransaction(database.pool, async (client) => leader?.assert(client), {
    ...LIMITS,
    lockMs: 100,
  });
  await expect(decided).rejects.toMatchObject({ code: 'conflict', retryable: true });
  await holder.query('rollback');
});

test('a statement that takes too long ends, and the connection is good for the next', async () => {
  const decided = withTransaction(
    database.pool,
    async (client) => client.query('select pg_sleep(600)'),
    { ...LIMITS, statementMs: 100 },
  );
  await expect(decided).rejects.toMatchObject({ code: 'unavailable.postgres', retryable: true });
  const next = await withTransaction(database.pool, async (client) =>
    client.query('show statement_timeout'),
  );
  expect(next.rows).toEqual([{ statement_timeout: '0' }]);
});

test('a server that answers no more ends a transaction too, and its connection is not used again', async () => {
  const door = await Door.before(database.url);
  await door.open();
  const pool = createPool(door.url, { max: 1 });
  onTestFinished(async () => {
    await door.shut();
    await pool.end();
  });
  const decided = withTransaction(
    pool,
    async (client) => {
      await client.query("insert into settings (key, value) values ('hung', 'true')");
      door.hang();
      await client.query('select 1');
    },
    { ...LIMITS, totalMs: 300 },
  );
  await expect(decided).rejects.toMatchObject({ code: 'unavailable.postgres', retryable: true });
  expect((await pool.query('select 1 as fresh')).rows).toEqual([{ fresh: 1 }]);
  const { rows } = await database.pool.query("select 1 from settings where key = 'hung'");
  expect(rows).toEqual([]);
});
