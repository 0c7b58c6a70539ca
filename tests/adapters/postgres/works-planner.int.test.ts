import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { planWorks } from '../../../src/adapters/postgres/works-planner.js';
import { insertNetwork, insertSubscribers, MINUTE, policy, T0 } from '../../services/customers.js';
import { type TestDatabase, testDatabase } from '../../services/postgres.js';
import { OutboxWorld } from './outbox-world.js';

const HOUR = 60 * MINUTE;
const announcing = {
  ...policy,
  kinds: { ...policy.kinds, works: { ...policy.kinds.works, enabled: true } },
};
let database: TestDatabase;
let world: OutboxWorld;

beforeAll(async () => {
  database = await testDatabase();
  world = new OutboxWorld(database.pool, announcing);
  await insertNetwork(database.pool, 2);
});
afterAll(() => database.close());
beforeEach(async () => {
  await world.reset();
  await insertSubscribers(database.pool, [
    { id: 1, homeSite: 'S1' },
    { id: 2, usual: { 'S1-2': 0.9 } },
    { id: 3, homeSite: 'S2' },
    { id: 4, usual: { 'S1-2': 0.2 } },
  ]);
});

const announce = (inHours: number, lasts = 3): Promise<unknown> =>
  database.pool.query(
    `insert into works values ('W1', 'S1', $1, $2) on conflict (work_id) do update
     set starts_at = excluded.starts_at, ends_at = excluded.ends_at`,
    [new Date(T0 + inHours * HOUR), new Date(T0 + (inHours + lasts) * HOUR)],
  );
const plan = (rules = announcing) => planWorks(database.pool, rules, T0);

describe('planned works', () => {
  it('are told ahead, once, to those whose place or usual cells go dark', async () => {
    await announce(24);
    await plan();
    await plan();
    const sent = await world.sendAll();
    expect(sent.map(({ to }) => Number(to.slice(4))).sort()).toEqual([1, 2]);
    expect(sent[0]?.text).toContain('travaux prévus sur le réseau mobile');
    expect(sent[0]?.text).toContain('environ 3 heures');
    await plan();
    expect(await world.sendAll()).toEqual([]);
  });

  it('are told anew when they were moved, and not any more as they were', async () => {
    await announce(24);
    await plan();
    await world.expandAll();
    await announce(30);
    await plan();
    expect(await world.sendAll()).toHaveLength(2);
    expect(await world.states()).toEqual({
      'works accepted': 2,
      'works suppressed worksChanged': 2,
    });
  });

  it('are not told too early, too late, or where the policy has it so', async () => {
    await announce(60);
    await plan();
    await announce(1);
    await plan();
    await announce(24);
    await plan(policy as typeof announcing);
    expect(await world.sendAll()).toEqual([]);
  });
});
