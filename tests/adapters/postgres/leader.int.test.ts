import { afterAll, beforeAll, expect, test } from 'vitest';
import { assertEpoch, Leadership, takeOver } from '../../../src/adapters/postgres/leader.js';
import { withTransaction } from '../../../src/adapters/postgres/pool.js';
import { type TestDatabase, testDatabase } from '../../services/postgres.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

test('one process leads at a time, each with a greater epoch', async () => {
  const first = await Leadership.tryAcquire(database.url);
  expect(await Leadership.tryAcquire(database.url)).toBeUndefined();
  await first?.release();
  const second = await Leadership.tryAcquire(database.url);
  expect(second?.epoch).toBe((first?.epoch ?? 0) + 1);
  await second?.release();
});

test('a leader who lost the lock hears of it and can commit nothing', async () => {
  const old = await Leadership.tryAcquire(database.url);
  if (old === undefined) throw new Error('nobody else leads here');
  expect(await old.check()).toBe(true);
  await database.pool.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'tocsin-leader' and datname = current_database()",
  );
  expect(await old.lost).not.toBe('');
  expect(old.isHeld).toBe(false);
  expect(await old.check()).toBe(false);
  const next = await Leadership.tryAcquire(database.url);
  const deciding = withTransaction(database.pool, async (client) => {
    await old.assert(client);
    await client.query("insert into settings (key, value) values ('late', 'true')");
  });
  await expect(deciding).rejects.toMatchObject({ code: 'lease.lost', retryable: false });
  const written = await database.pool.query("select 1 from settings where key = 'late'");
  expect(written.rowCount).toBe(0);
  await next?.release();
});

test('taking over waits for a transaction that holds the epoch, then fences it', async () => {
  const epoch = await takeOver(database.pool, 'telemetry/0');
  let successor: Promise<number> | undefined;
  await withTransaction(database.pool, async (client) => {
    await assertEpoch(client, 'telemetry/0', epoch);
    successor = takeOver(database.pool, 'telemetry/0');
    await client.query("insert into settings (key, value) values ('inTime', 'true')");
  });
  expect(await successor).toBe(epoch + 1);
  const again = withTransaction(database.pool, (client) =>
    assertEpoch(client, 'telemetry/0', epoch),
  );
  await expect(again).rejects.toMatchObject({ code: 'lease.lost' });
});
