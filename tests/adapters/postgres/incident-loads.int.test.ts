import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readIncidentLoads } from '../../../src/adapters/postgres/incident-loads.js';
import { withTransaction } from '../../../src/adapters/postgres/pool.js';
import type { IncidentLoad } from '../../../src/forecast/surge/incident-load.js';
import {
  incident,
  insertNetwork,
  insertSubscribers,
  MINUTE,
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
  await database.pool.query('truncate surge_told');
  await insertSubscribers(database.pool, [
    { id: 1, usual: { 'S1-1': 1 }, segment: 'consumer', language: 'fr' },
    { id: 2, usual: { 'S1-1': 1 }, segment: 'consumer', language: 'fr' },
    { id: 3, usual: { 'S1-1': 1 }, segment: 'business', language: 'en' },
    { id: 4, usual: { 'S1-1': 1 }, kind: 'machine' },
  ]);
});

async function loads(nowMs: number): Promise<IncidentLoad[]> {
  return withTransaction(database.pool, (client) => readIncidentLoads(client, nowMs));
}

describe('loads of incidents', () => {
  it('tell who lost what by segment and language, where, and when it is to be repaired', async () => {
    const at = (minutes: number): string => new Date(T0 + minutes * MINUTE).toISOString();
    const repair = {
      source: 'model' as const,
      at: at(60),
      low: at(30),
      high: at(120),
      asOf: at(0),
      basedOn: 40,
    };
    await world.decide(incident(['S1-1'], { estimatedRepairAt: repair.at, repair }));
    const [load] = await loads(T0);
    expect(load?.people.map(({ segment, language }) => [segment, language])).toEqual([
      ['business', 'en'],
      ['consumer', 'fr'],
    ]);
    expect(load?.people[1]?.people).toBeGreaterThan(1);
    expect(load?.people[1]?.people).toBeLessThanOrEqual(2);
    for (const { degree } of load?.people ?? []) expect(degree).toBeGreaterThan(0.5);
    expect(load?.repair).toEqual({
      atMs: T0 + 60 * MINUTE,
      lowMs: T0 + 30 * MINUTE,
      highMs: T0 + 120 * MINUTE,
    });
    expect(Object.keys(load?.areas ?? {})).toContain('S1');
    expect(load?.cohorts.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 9);
  });

  it('remember when how many were told', async () => {
    await world.decide(incident(['S1-1']));
    await world.expandAll();
    const [waiting] = await loads(T0);
    expect(waiting?.told).toEqual([{ atMs: T0 + 15 * MINUTE, people: 3 }]);
    await world.sendAll(T0);
    const later = T0 + 5 * MINUTE;
    const [told] = await loads(later);
    expect(told?.told).toEqual([{ atMs: later, people: 3 }]);
    expect((await loads(later + MINUTE))[0]?.told).toEqual(told?.told);
  });

  it('of one that is over are those it ever hit, until its calls are over too', async () => {
    const open = incident(['S1-1']);
    await world.decide(open);
    const [during] = await loads(T0);
    const endedAt = new Date(T0 + 30 * MINUTE).toISOString();
    const over = { ...open, state: 'resolved' as const, endedAt, cells: [] };
    await world.decide(over, T0 + 30 * MINUTE);
    const [after] = await loads(T0 + 60 * MINUTE);
    expect(after?.endedAtMs).toBe(T0 + 30 * MINUTE);
    expect(after?.people).toEqual(during?.people);
    expect(await loads(T0 + 300 * MINUTE)).toEqual([]);
  });
});
