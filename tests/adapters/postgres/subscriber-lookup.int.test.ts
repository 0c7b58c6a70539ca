import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { postgresSubscriberLookup } from '../../../src/adapters/postgres/subscriber-lookup.js';
import type { SubscriberLookup } from '../../../src/api/ports.js';
import {
  crmRules,
  impactRules,
  incident,
  insertNetwork,
  insertSubscribers,
  MINUTE,
  numberOf,
  resolved,
  SECRET,
  T0,
  texts,
} from '../../services/customers.js';
import { type TestDatabase, testDatabase } from '../../services/postgres.js';
import { OutboxWorld } from './outbox-world.js';

let database: TestDatabase;
let world: OutboxWorld;
let lookup: SubscriberLookup;

beforeAll(async () => {
  database = await testDatabase();
  world = new OutboxWorld(database.pool);
  lookup = postgresSubscriberLookup(database.pool, {
    phoneSecret: SECRET,
    crm: crmRules,
    impact: impactRules,
    texts,
  });
  await insertNetwork(database.pool, 6);
});
afterAll(() => database.close());
beforeEach(async () => {
  await world.reset();
  await insertSubscribers(database.pool, [
    { id: 1, usual: { 'S1-1': 1 } },
    { id: 2, seen: { cell: 'S1-1', atMs: T0 - 15 * MINUTE } },
    { id: 3, homeSite: 'S1' },
    { id: 4 },
  ]);
});

const ask = (id: number, nowMs = T0, language: 'fr' | 'en' = 'fr') =>
  lookup.network(numberOf(id), { language, nowMs });

describe('subscriber look-up', () => {
  it('says who is affected, how sure that is, why, since when and what to say', async () => {
    await world.decide(incident(['S1-1', 'S1-2', 'S1-3']));
    const usual = await ask(1);
    expect(usual).toMatchObject({
      subscriberId: 1,
      affected: 'yes',
      service: 'none',
      since: new Date(T0 - 5 * MINUTE).toISOString(),
      incidentId: 'inc_1',
      cause: 'une panne de site',
      reason: "Se trouve d'habitude sur des cellules de l'incident.",
      told: [],
      validUntil: new Date(T0 + 5 * MINUTE).toISOString(),
    });
    expect(usual?.sentence).toContain('à Rennes depuis 13h55');
    expect((await ask(2, T0, 'en'))?.reason).toBe('Seen 15 minutes ago at a cell of the incident.');
    expect(await ask(3)).toMatchObject({ affected: 'probably' });
    expect(await ask(4)).toMatchObject({ affected: 'no', incidentId: null, service: null });
    expect((await ask(4))?.sentence).toContain('Nous ne voyons pas d');
  });

  it('says whether and when they were told, and keeps it for later', async () => {
    await world.decide(incident(['S1-1']));
    await world.sendAll();
    expect(await ask(1)).toMatchObject({ told: [{ kind: 'onset', state: 'accepted' }] });
    expect((await ask(1))?.sentence).toContain('Un SMS vous a été envoyé');
    await world.decide(resolved(incident(['S1-1'])), T0 + 31 * MINUTE);
    const later = await ask(1, T0 + 40 * MINUTE, 'en');
    expect(later).toMatchObject({
      affected: 'no',
      recent: [{ incidentId: 'inc_1', cause: 'a site failure' }],
    });
    expect((await ask(1, T0 + 100 * 1440 * MINUTE))?.recent).toEqual([]);
  });

  it('knows nobody by a number that nobody has, or that was erased', async () => {
    expect(await ask(77)).toBeUndefined();
    await database.pool.query('update subscribers set erased_at = now() where subscriber_id = 1');
    expect(await ask(1)).toBeUndefined();
  });
});
