import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PostgresImpactStore } from '../../src/adapters/postgres/impact-store.js';
import { withTransaction } from '../../src/adapters/postgres/pool.js';
import { BEFORE, HELD_HERE, SITE_CELLS, WAITING } from '../../src/adapters/postgres/site-sql.js';
import type { SiteView } from '../../src/api/site-schemas.js';
import type { Incident } from '../../src/domain/incident.js';
import { impactRules, insertSubscribers } from '../services/customers.js';
import { planOf } from '../services/plans.js';
import { type TestDatabase, testDatabase } from '../services/postgres.js';
import { type TestServer, testServer } from './test-server.js';
import { impact, incident, NOW_MS, saveIncident, seedWorld } from './world.js';

const HOUR = 3_600_000;
const at = (hoursAgo: number): string => new Date(NOW_MS - hoursAgo * HOUR).toISOString();

let db: TestDatabase;
let server: TestServer;
let cookie: string;

/** Stores an incident and maps it, as a decision does. */
async function decide(doc: Incident, hoursAgo: number): Promise<void> {
  const store = new PostgresImpactStore(impactRules);
  await saveIncident(db.pool, doc, impact(10, 1));
  await withTransaction(db.pool, (client) => store.map(client, doc, NOW_MS - hoursAgo * HOUR));
}

/** An incident of some cells of site S1 that lasted from one moment to another, in hours ago. */
async function past(id: string, cells: number[], from: number, to: number): Promise<void> {
  const startedAt = at(from);
  const doc = incident(id, {
    startedAt,
    cells: cells.map((n) => ({ cellId: `S1-${n}`, degree: 0.5, since: startedAt })),
    sites: ['S1'],
  });
  await decide(doc, from);
  await decide({ ...doc, state: 'closed', endedAt: at(to), cells: [], revision: 9 }, to);
}

beforeAll(async () => {
  db = await testDatabase();
  await seedWorld(db.pool);
  await insertSubscribers(db.pool, [
    { id: 101, usual: { 'S1-1': 1 } },
    { id: 102, usual: { 'S1-2': 0.9, 'S6-1': 0.1 } },
    { id: 103, usual: { 'S1-1': 1 }, kind: 'machine' },
    { id: 104, usual: { 'S2-1': 1 } },
    { id: 105, usual: { 'S7-1': 1 } },
  ]);
  await past('inc_ancient', [1], 24 * 91, 24 * 91 - 2);
  await past('inc_before', [1, 2], 50, 47);
  await decide(incident('inc_fibre'), 0);
  await db.pool.query(
    `insert into links (link_id, parent_id, child_id, kind) values
       ('L1', 'AGG-1', 'S1', 'transport'), ('L2', 'CORE-1', 'AGG-1', 'aggregation')`,
  );
  server = await testServer(db.pool);
  cookie = await server.signIn('viewer');
});
afterAll(async () => {
  await server?.app.close();
  await db?.close();
});

const get = (id: string) => server.app.inject({ url: `/api/v1/sites/${id}`, headers: { cookie } });
const view = async (id: string): Promise<SiteView> => (await get(id)).json();

describe('the view of a site', () => {
  it('says what is wrong now and since when, with the state of its cells', async () => {
    const site = await view('S1');
    expect(site).toMatchObject({ id: 'S1', name: 'Quimper Centre' });
    expect(site.now.map(({ id, cellsHere }) => [id, cellsHere])).toEqual([['inc_fibre', 3]]);
    expect(site.now[0]?.sinceHere).toBe('2026-03-10T13:45:00.000Z');
    expect(site.cells).toHaveLength(3);
    expect(site.cells[0]).toMatchObject({ id: 'S1-1', state: 'down', incidentId: 'inc_fibre' });
  });

  it('counts who waits here, machines and people elsewhere left out', async () => {
    const { waiting } = await view('S1');
    expect(waiting).toMatchObject({ people: 2, isEstimate: false });
    expect(waiting.expected).toBeGreaterThan(0);
    expect(waiting.expected).toBeLessThanOrEqual(2);
    expect((await view('S7')).waiting.people).toBe(0);
  });

  it('lists incidents of the last 90 days with how long they lasted here', async () => {
    const { before, beforeCount, days } = await view('S1');
    expect({ beforeCount, days }).toEqual({ beforeCount: 1, days: 90 });
    expect(before).toEqual([
      {
        incidentId: 'inc_before',
        state: 'closed',
        severity: 'critical',
        cause: { kind: 'transport', id: 'LINK-QUIMPER-1' },
        from: at(50),
        to: at(47),
        cells: 2,
        degree: 0.5,
      },
    ]);
  });

  it('names what it depends on, nearest first, and is calm where nothing is wrong', async () => {
    expect((await view('S1')).dependsOn.map(({ id }) => id)).toEqual([
      'L1',
      'AGG-1',
      'L2',
      'CORE-1',
    ]);
    const calm = await view('S8');
    expect(calm).toMatchObject({ now: [], before: [], beforeCount: 0, dependsOn: [] });
    expect(calm.cells.map(({ state }) => state)).toEqual(['ok', 'ok', 'ok']);
  });

  it('that is not there is answered 404', async () => {
    expect((await get('S99')).statusCode).toBe(404);
  });

  it('is read by key and index', async () => {
    const cells = ['S1-1', 'S1-2'];
    for (const [sql, values] of [
      [SITE_CELLS, ['S1']],
      [HELD_HERE, ['S1', cells]],
      [WAITING, ['S1', cells, ['inc_fibre']]],
      [BEFORE, [cells, new Date(NOW_MS - 90 * 24 * HOUR), []]],
    ] as const) {
      expect(await planOf(db.pool, sql, values)).not.toMatch(/Seq Scan/);
    }
  });
});
