import { Value } from 'typebox/value';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PostgresCrmConnector } from '../../../src/adapters/crm/postgres-connector.js';
import { PostgresFlagQueue } from '../../../src/adapters/postgres/crm-store.js';
import type { CrmFlag } from '../../../src/domain/customer.js';
import { CrmFlag as CrmFlagSchema } from '../../../src/domain/customer.js';
import {
  incident,
  insertNetwork,
  insertSubscribers,
  MINUTE,
  resolved,
  T0,
} from '../../services/customers.js';
import { type TestDatabase, testDatabase } from '../../services/postgres.js';
import { OutboxWorld } from './outbox-world.js';

let database: TestDatabase;
let world: OutboxWorld;

beforeAll(async () => {
  database = await testDatabase();
  world = new OutboxWorld(database.pool);
  await insertNetwork(database.pool, 2);
});
afterAll(() => database.close());
beforeEach(async () => {
  await world.reset();
  await insertSubscribers(database.pool, [
    { id: 1, usual: { 'S1-1': 1 } },
    { id: 2, usual: { 'S1-1': 1 }, language: 'en', segment: 'business' },
    { id: 3, usual: { 'S1-1': 0.6 }, language: 'br', vulnerable: true },
    { id: 4, usual: { 'S1-1': 0.3 } },
    { id: 5, usual: { 'S1-1': 1 }, kind: 'machine' },
    { id: 6, usual: { 'S2-1': 1 } },
  ]);
});

async function desired(): Promise<Map<number, CrmFlag>> {
  const { rows } = await database.pool.query<{ flag: CrmFlag }>('select flag from crm_desired');
  return new Map(rows.map(({ flag }) => [flag.subscriberId, flag]));
}

describe('desired flags', () => {
  it('are those of the people probably affected, in their language, as the schema has it', async () => {
    await world.decide(incident(['S1-1']));
    const flags = await desired();
    expect([...flags.keys()].sort()).toEqual([1, 2, 3]);
    for (const flag of flags.values()) expect(Value.Check(CrmFlagSchema, flag)).toBe(true);
    expect(flags.get(1)).toMatchObject({
      incidentId: 'inc_1',
      since: new Date(T0 - 5 * MINUTE).toISOString(),
      service: 'none',
      probability: 1,
      told: false,
      cause: 'une panne de site',
    });
    expect(flags.get(1)?.sentence).toContain('Vous êtes touché par une coupure');
    expect(flags.get(2)?.sentence).toContain('You are affected by an outage');
    expect(flags.get(3)?.sentence).toContain('Vous êtes probablement touché');
    expect(Date.parse(flags.get(1)?.validUntil ?? '')).toBeGreaterThan(T0 + 120 * MINUTE - 1);
  });

  it('change only where something changed, and say that someone was told', async () => {
    // At T0 itself the validity moves on.
    await world.decide(incident(['S1-1']), T0 + MINUTE);
    const versions = async () =>
      (await database.pool.query('select subscriber_id, version from crm_desired order by 1')).rows;
    const before = await versions();
    await world.decide(incident(['S1-1']), T0 + 2 * MINUTE);
    expect(await versions()).toEqual(before);
    await world.sendAll(T0 + 2 * MINUTE);
    await world.decide(incident(['S1-1']), T0 + 3 * MINUTE);
    expect((await desired()).get(1)).toMatchObject({ told: true });
    expect((await desired()).get(1)?.sentence).toContain('Un SMS vous a été envoyé');
  });

  it('are renewed while the incident lasts and taken away when it is over', async () => {
    await world.decide(incident(['S1-1']));
    const first = (await desired()).get(1)?.validUntil ?? '';
    await world.decide(incident(['S1-1']), T0 + 100 * MINUTE);
    const renewed = (await desired()).get(1)?.validUntil ?? '';
    expect(Date.parse(renewed)).toBeGreaterThan(Date.parse(first));
    await world.decide({ ...incident(['S1-1']), state: 'recovering' }, T0 + 101 * MINUTE);
    expect((await desired()).size).toBe(3);
    await world.decide(resolved(incident(['S1-1'])), T0 + 102 * MINUTE);
    expect((await desired()).size).toBe(0);
  });

  it('leave those whom the incident no longer affects or who were erased', async () => {
    await world.decide(incident(['S1-1', 'S2-1']));
    await database.pool.query('update subscribers set erased_at = now() where subscriber_id = 1');
    await world.decide(incident(['S1-1'], { revision: 2 }), T0 + MINUTE);
    expect([...(await desired()).keys()].sort()).toEqual([2, 3]);
  });
});

describe('changes for a connector', () => {
  it('come vulnerable and business first, each once, the latest of a flag last', async () => {
    const queue = new PostgresFlagQueue(database.pool);
    await world.decide(incident(['S1-1']));
    const changes = await queue.changes('test', 10);
    expect(changes.map((change) => change.subscriberId)).toEqual([3, 2, 1]);
    expect(changes[0]).toMatchObject({ account: 'A3', incidentId: 'inc_1' });
    expect(await queue.lag('test')).toMatchObject({ pending: 3 });
    await queue.pushed('test', changes, { cursor: changes.at(-1)?.version ?? 0 });
    expect(await queue.changes('test', 10)).toEqual([]);
    await world.decide(resolved(incident(['S1-1'])), T0 + 31 * MINUTE);
    await world.decide(incident(['S1-1'], { revision: 3 }), T0 + 40 * MINUTE);
    const later = await queue.changes('test', 10);
    expect(later.map(({ flag }) => flag === null)).toEqual([true, true, true, false, false, false]);
  });
});

describe('Postgres connector', () => {
  it('holds what it was given, does it again without a change, and clears', async () => {
    const connector = new PostgresCrmConnector(database.pool);
    await connector.check();
    await world.decide(incident(['S1-1']));
    const flags = [...(await desired()).values()].map((flag) => ({ account: 'A', flag }));
    await connector.upsert(flags);
    await connector.upsert(flags);
    const first = await connector.list(undefined, 2);
    const rest = await connector.list(first.at(-1)?.flag, 2);
    expect([...first, ...rest].map(({ flag }) => flag.subscriberId)).toEqual([1, 2, 3]);
    await connector.clear([{ subscriberId: 1, incidentId: 'inc_1' }]);
    await connector.clear([{ subscriberId: 1, incidentId: 'inc_1' }]);
    expect(await connector.list(undefined, 10)).toHaveLength(2);
  });
});
