import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { phoneKey } from '../../../src/adapters/postgres/phone-key.js';
import { postgresSubscriberLookup } from '../../../src/adapters/postgres/subscriber-lookup.js';
import type { NotificationPolicy } from '../../../src/notify/policy.js';
import {
  crmRules,
  impactRules,
  incident,
  insertNetwork,
  insertSubscribers,
  MINUTE,
  numberOf,
  policy,
  resolved,
  SECRET,
  T0,
  texts,
} from '../../services/customers.js';
import { type TestDatabase, testDatabase } from '../../services/postgres.js';
import { OutboxWorld } from './outbox-world.js';

const MANAGER = '+33699999999';
const site1 = ['S1-1', 'S1-2', 'S1-3'];
const usual = { 'S1-1': 1 };
let database: TestDatabase;
let world: OutboxWorld;

beforeAll(async () => {
  database = await testDatabase();
  world = new OutboxWorld(database.pool);
  await insertNetwork(database.pool, 2);
});
afterAll(() => database.close());
beforeEach(() => world.reset());

/** Puts lines into one account, whose contact the first of them names. */
async function account(name: string, lines: readonly number[], contact = MANAGER): Promise<void> {
  await database.pool.query(
    `update subscriber_identifiers set value = $1 where kind = 'account' and subscriber_id = any($2)`,
    [name, lines],
  );
  await database.pool.query(
    `insert into subscriber_identifiers (kind, value, subscriber_id, phone_key)
     values ('contact', $1, $2, $3) on conflict do nothing`,
    [contact, lines[0], phoneKey(SECRET, contact)],
  );
}

const business = (...ids: number[]) =>
  insertSubscribers(
    database.pool,
    ids.map((id) => ({ id, usual, segment: 'business' })),
  );
const reasons = () => world.states();

describe('a business account with a contact', () => {
  it('gets one message with the number of its lines, and each line is kept as told through it', async () => {
    await business(1, 2, 3, 4);
    await insertSubscribers(database.pool, [
      { id: 5, segment: 'business', usual: { 'S2-1': 1 } },
      { id: 6, segment: 'business', usual, kind: 'machine' },
      { id: 7, usual },
    ]);
    await account('K1', [3, 1, 2, 5, 6]);
    await world.decide(incident(site1));
    const sent = await world.sendAll();
    expect(sent.map(({ to }) => to).sort()).toEqual([numberOf(4), numberOf(7), MANAGER].sort());
    expect(sent.find(({ to }) => to === MANAGER)?.text).toContain('pour 3 de vos lignes');
    expect(await reasons()).toEqual({ 'onset accepted': 3, 'onset suppressed managerIsTold': 3 });
  });

  it('hears that it is over once, and no line does', async () => {
    await business(1, 2);
    await account('K1', [1, 2]);
    await world.decide(incident(site1));
    await world.sendAll();
    await world.decide(resolved(incident(site1)), T0 + 30 * MINUTE);
    const sent = await world.sendAll(T0 + 31 * MINUTE);
    expect(sent.map(({ to }) => to)).toEqual([MANAGER]);
    expect(sent[0]?.text).toContain('Si une ligne reste coupée');
  });

  it('is one message whatever the chunks its lines are written in', async () => {
    const small = new OutboxWorld(database.pool, policy, 1);
    await business(1, 2, 3);
    await account('K1', [2, 1, 3]);
    await small.decide(incident(site1));
    const sent = await small.sendAll();
    expect(sent.map(({ to }) => to)).toEqual([MANAGER]);
    expect(sent[0]?.text).toContain('pour 3 de vos lignes');
  });

  it('whose contact is one of its lines is told of all of them there', async () => {
    await business(1, 2, 3);
    await account('K1', [1, 2, 3], numberOf(2));
    await world.decide(incident(site1));
    const sent = await world.sendAll();
    expect(sent.map(({ to }) => to)).toEqual([numberOf(2)]);
    expect(sent[0]?.text).toContain('pour 3 de vos lignes');
    expect(await reasons()).toEqual({ 'onset accepted': 1, 'onset suppressed managerIsTold': 2 });
  });

  it('of a single line that is its own contact is told as a person', async () => {
    await business(1);
    await account('K1', [1], numberOf(1));
    await world.decide(incident(site1));
    expect((await world.sendAll())[0]?.text).not.toContain('lignes');
  });

  it('is not told once none of its lines is affected any more', async () => {
    await business(1, 2);
    await account('K1', [1, 2]);
    await world.decide(incident(site1));
    await world.expandAll();
    await database.pool.query('update incident_subscribers set affected_to = $1', [new Date(T0)]);
    expect(await world.sendAll(T0 + MINUTE)).toEqual([]);
  });

  it('is left alone where the policy has only fleets managed', async () => {
    const { managed: _, ...people } = policy.people;
    const fleets: NotificationPolicy = { ...policy, people };
    const plain = new OutboxWorld(database.pool, fleets);
    await business(1, 2);
    await account('K1', [1, 2]);
    await plain.decide(incident(site1));
    expect((await plain.sendAll()).map(({ to }) => to).sort()).toEqual([1, 2].map(numberOf));
  });
});

it('tells an agent that the line’s manager is told, where there is one', async () => {
  await business(1, 2, 3);
  await account('K1', [2, 1]);
  const options = { phoneSecret: SECRET, crm: crmRules, impact: impactRules, texts, policy };
  const lookup = postgresSubscriberLookup(database.pool, options);
  const noText = async (id: number) => {
    const found = await lookup.network(numberOf(id), { language: 'en', nowMs: T0 });
    return found.status === 'found' ? found.network.noText : found.status;
  };
  expect([await noText(1), await noText(2), await noText(3)]).toEqual([
    'managerIsTold',
    'managerIsTold',
    null,
  ]);
});
