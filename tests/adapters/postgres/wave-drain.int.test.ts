import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { incident, insertNetwork, insertSubscribers } from '../../services/customers.js';
import { type TestDatabase, testDatabase } from '../../services/postgres.js';
import { OutboxWorld } from './outbox-world.js';

let database: TestDatabase;
let world: OutboxWorld;
beforeAll(async () => {
  database = await testDatabase();
  world = new OutboxWorld(database.pool);
  await insertNetwork(database.pool, 1);
  await insertSubscribers(
    database.pool,
    [1, 2, 3].map((id) => ({ id, usual: { 'S1-1': 1 } })),
  );
});
afterAll(() => database.close());

async function isDrained(): Promise<boolean | undefined> {
  const { rows } = await database.pool.query<{ drained: boolean }>('select drained from waves');
  return rows[0]?.drained;
}

/** Resolves once another connection waits for a lock. */
function whenBlocked(): Promise<void> {
  return vi.waitFor(
    async () => {
      const { rowCount } = await database.pool.query(
        "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
      );
      expect(rowCount).toBe(1);
    },
    { timeout: 20_000, interval: 20 },
  );
}

test('a wave to which an expansion is adding messages is not taken for done', async () => {
  await world.decide(incident(['S1-1']));
  expect(await world.sendAll()).toHaveLength(3);
  expect(await isDrained()).toBe(false);

  // Another worker's expansion has written its messages and has not committed yet.
  const expansion = await database.pool.connect();
  onTestFinished(() => expansion.release());
  await expansion.query('begin; update waves set drained = false');
  await expansion.query("update outbox set state = 'pending' where subscriber_id = 2");
  const drain = world.queue.expand();
  await Promise.race([drain, whenBlocked()]);
  await expansion.query('commit');
  expect(await drain).toBe(false);

  expect(await isDrained()).toBe(false);
  expect((await world.handOver()).messages).toHaveLength(1);
});

test('a wave with nothing left to do is', async () => {
  await database.pool.query("update outbox set state = 'accepted'");
  await world.queue.expand();
  expect(await isDrained()).toBe(true);
});
