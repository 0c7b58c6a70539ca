import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recurringStatement } from '../../src/adapters/postgres/recurring-sql.js';
import type { RecurringPage } from '../../src/api/recurring-schemas.js';
import { planOf } from '../services/plans.js';
import { type TestDatabase, testDatabase } from '../services/postgres.js';
import { type TestServer, testServer } from './test-server.js';
import { impact, incident, NOW_MS, saveIncident, seedWorld } from './world.js';

const HOUR = 3_600_000;
const at = (hoursAgo: number): string => new Date(NOW_MS - hoursAgo * HOUR).toISOString();

let db: TestDatabase;
let server: TestServer;
let cookie: string;

interface Past {
  readonly cells: readonly string[];
  readonly from: number;
  /** null: still */
  readonly to: number | null;
  readonly userMinutes: number;
  readonly change?: Parameters<typeof incident>[1];
}

/** An incident that held some cells from one moment to another, in hours ago. */
async function past(id: string, { cells, from, to, userMinutes, change }: Past): Promise<void> {
  const startedAt = at(from);
  const over = to === null ? {} : ({ state: 'closed', endedAt: at(to) } as const);
  const doc = incident(id, { startedAt, detectedAt: startedAt, cells: [], ...over, ...change });
  await saveIncident(db.pool, doc, { ...impact(10, 1), userMinutes });
  await db.pool.query(
    `insert into cell_incidents (cell_no, incident_no, from_at, to_at, degree)
     select n.cell_no, i.incident_no, $3, $4, 1 from number_cells($2) n, incidents i
     where i.incident_id = $1`,
    [id, cells, startedAt, to === null ? null : at(to)],
  );
}

const cause = (kind: string, id: string) => ({
  cause: { kind, id, probability: 1, candidates: [] },
});

beforeAll(async () => {
  db = await testDatabase();
  await seedWorld(db.pool);
  // Quimper: thrice, the last one still going on; one cell of it all three times
  const link = cause('transport', 'FIB-1');
  const all = ['S1-1', 'S1-2', 'S2-1'];
  await past('q1', { cells: all, from: 200, to: 198, userMinutes: 600, change: link });
  await past('q2', { cells: all, from: 100, to: 99, userMinutes: 300, change: link });
  await past('q3', { cells: ['S1-1'], from: 1, to: null, userMinutes: 60 });
  // Brest: once, for two days
  await past('b1', { cells: ['S5-1'], from: 60, to: 12, userMinutes: 5000 });
  // Rennes: what must not count
  const gone = { detectedAt: null };
  await past('r1', { cells: ['S6-1'], from: 20, to: 19, userMinutes: 9e6, change: gone });
  await past('r2', { cells: ['S6-1'], from: 22, to: 21, userMinutes: 9e6 });
  await past('r3', {
    cells: ['S6-1'],
    from: 24,
    to: 23,
    userMinutes: 9e6,
    change: { plannedWorkId: 'W' },
  });
  await past('r4', {
    cells: ['S6-1'],
    from: 26,
    to: 25,
    userMinutes: 9e6,
    change: { mergedInto: 'r2' },
  });
  await past('r5', { cells: ['S6-1'], from: 28, to: 27, userMinutes: 9e6 });
  await db.pool.query(
    `insert into audit_log (actor, action, target, why) values ('Ana', 'notAnIncident', 'r5', 'drill')`,
  );
  // came back under one lineage: once
  await past('r6', {
    cells: ['S6-1'],
    from: 30,
    to: 29,
    userMinutes: 1,
    change: { lineageId: 'r2' },
  });
  // Vannes: too long ago, but for ninety days
  for (const [n, days] of [40, 50].entries()) {
    const from = days * 24;
    await past(`v${n}`, { cells: ['S7-1'], from, to: from - 1, userMinutes: 100 });
  }
  server = await testServer(db.pool);
  cookie = await server.signIn('viewer');
});
afterAll(async () => {
  await server?.app.close();
  await db?.close();
});

const get = (query: string, suffix = '') =>
  server.app.inject({ url: `/api/v1/recurring${suffix}?${query}`, headers: { cookie } });
const read = async (query: string): Promise<RecurringPage> => (await get(query)).json();

describe('recurring problems', () => {
  it('are cells with several incidents or a long one, by user-minutes shared out among cells', async () => {
    const { items, total } = await read('by=cell');
    expect(
      items.map(({ id, incidents, userMinutes, why }) => [
        id,
        incidents,
        Math.round(userMinutes),
        why,
      ]),
    ).toEqual([
      ['S5-1', 1, 5000, 'lasting'],
      ['S1-1', 3, 360, 'repeated'],
      ['S1-2', 2, 300, 'repeated'],
      ['S2-1', 2, 300, 'repeated'],
    ]);
    expect(total).toBe(4);
    expect(items[0]).toMatchObject({ name: 'Brest Recouvrance', site: 'S5', longestMinutes: 2880 });
    expect(items[1]).toMatchObject({
      isRunning: true,
      lastAt: null,
      lastIncidentId: 'q3',
      mostly: { kind: 'transport', id: 'FIB-1' },
    });
  });

  it('are sites, towns and causes too', async () => {
    const ids = async (by: string) =>
      (await read(`by=${by}`)).items.map(({ id, incidents, cells }) => [id, incidents, cells]);
    expect(await ids('site')).toEqual([
      ['S5', 1, 1],
      ['S1', 3, 2],
      ['S2', 2, 1],
    ]);
    expect((await ids('town')).map(([id]) => id)).toContain('Quimper Centre');
    expect(await ids('cause')).toEqual([
      ['LINK-QUIMPER-1', 3, 3],
      ['FIB-1', 2, 3],
    ]);
  });

  it('go as far back as asked, and need as many incidents as asked', async () => {
    const quarter = await read('by=cell&days=90');
    expect(quarter.items.map(({ id }) => id)).toContain('S7-1');
    const often = await read('by=cell&incidents=3&hours=100');
    expect(often.items.map(({ id }) => id)).toEqual(['S1-1']);
    expect(await read('by=cell&limit=1')).toMatchObject({ total: 4, items: [{ id: 'S5-1' }] });
  });

  it('go to spreadsheets as a file', async () => {
    const answer = await get('by=site', '.csv');
    expect(answer.headers['content-disposition']).toBe('attachment; filename="recurring-site.csv"');
    const [header, first] = answer.body.split('\r\n');
    expect(header).toMatch(/^id,name,site,why,incidents,cells,user_minutes,/);
    expect(first).toMatch(/^S5,Brest Recouvrance,S5,lasting,1,1,5000\.0,/);
  });

  it('says what may be asked', async () => {
    const answer = await get('by=planet');
    expect(answer.statusCode).toBe(400);
    expect(answer.json().message).toContain('by');
  });

  it.each(['cell', 'site', 'town', 'cause'] as const)('reads %ss by index', async (by) => {
    const values = [at(720), at(0), 2, 24, 100];
    const plan = await planOf(db.pool, recurringStatement(by), values);
    expect(plan).toContain('recent_cell_incidents');
    for (const table of ['cell_incidents', 'incidents', 'cells', 'audit_log'])
      expect(plan).not.toMatch(new RegExp(`Seq Scan on ${table}\\b`));
  });
});
