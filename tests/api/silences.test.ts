import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../services/postgres.js';
import { PUBLIC_URL, type TestServer, testServer } from './test-server.js';
import { impact, incident, NOW_MS, saveIncident, seedWorld } from './world.js';

let db: TestDatabase;
let server: TestServer;
let cookie: string;
beforeAll(async () => {
  db = await testDatabase();
  server = await testServer(db.pool);
  await seedWorld(db.pool);
  cookie = await server.signIn('operator');
});
afterAll(async () => {
  await server?.app.close();
  await db?.close();
});

const inMs = (ms: number): string => new Date(NOW_MS + ms).toISOString();

async function post(url: string, payload: object) {
  const headers = { cookie, origin: PUBLIC_URL };
  return server.app.inject({ method: 'POST', url, headers, payload });
}

async function get(url: string) {
  return (await server.app.inject({ url, headers: { cookie } })).json();
}

describe('silences', () => {
  it('are listed while they are on, the last order of each, and ended by their id', async () => {
    const why = 'known fault';
    const until = inMs(3_600_000);
    const link = { type: 'link', id: 'LINK-QUIMPER-1' };
    await post('/api/v1/silences', { resource: link, until: inMs(60_000), why });
    await post('/api/v1/silences', { resource: link, until, why });
    await post('/api/v1/incidents/inc_slow/acts', { action: 'silence', until: inMs(1000), why });
    await post('/api/v1/silences', { resource: { id: 'S4' }, until: inMs(-1000), why });
    const listed = await get('/api/v1/silences');
    expect(listed).toMatchObject([
      { incidentId: 'inc_slow', resource: null, places: ['Brest Recouvrance'], until: inMs(1000) },
      { incidentId: null, resource: link, until, by: 'operator of the tests', why },
    ]);
    // the incident is over meanwhile: its silence must end all the same
    const over = { state: 'closed' as const, endedAt: inMs(0), sites: ['S5'] };
    await saveIncident(db.pool, incident('inc_slow', over), impact(0, 0));
    for (const { actId } of listed) {
      expect((await post(`/api/v1/silences/${actId}/end`, { why: 'mended' })).statusCode).toBe(202);
    }
    expect(server.journalled.slice(-2)).toMatchObject([
      { items: [{ action: 'silence', incidentId: 'inc_slow', until: inMs(0), why: 'mended' }] },
      { items: [{ action: 'silence', resource: link, until: inMs(0) }] },
    ]);
    expect(await get('/api/v1/silences')).toEqual([]);
    const again = await post(`/api/v1/silences/${listed[0].actId}/end`, { why: 'mended' });
    expect(again.json()).toMatchObject({ code: 'notFound' });
  });
});

describe('what acts need to know', () => {
  it('finds resources by id or name, the best match first', async () => {
    await db.pool.query(
      `insert into links (link_id, parent_id, child_id, kind) values
         ('S1-FIBRE', 'AGG-1', 'S1', 'transport'), ('S1-FIBRE', 'AGG-1', 'S2', 'transport')`,
    );
    const ids = async (search: string) =>
      (await get(`/api/v1/resources?search=${search}`)).map(
        ({ type, id }: { type: string; id: string }) => `${type} ${id}`,
      );
    expect(await ids('s1')).toEqual([
      'site S1',
      'link S1-FIBRE',
      'cell S1-1',
      'cell S1-2',
      'cell S1-3',
    ]);
    expect(await ids('quimper')).toEqual(['site S1', 'site S2']);
    expect(await ids('agg')).toEqual(['function AGG-1']);
    expect(await ids('100%25')).toEqual([]);
  });

  it('says what running incidents share', async () => {
    const sites = { sites: ['S2'], cells: [{ cellId: 'S2-1', degree: 1, since: inMs(-600_000) }] };
    await saveIncident(
      db.pool,
      incident('inc_near', { ...sites, startedAt: inMs(-2_160_000) }),
      impact(9, 1),
    );
    const related = await get('/api/v1/incidents/inc_fibre/related');
    expect(related).toMatchObject([
      {
        id: 'inc_near',
        apartSeconds: 60,
        sharedSites: 1,
        sharedCauses: [{ id: 'LINK-QUIMPER-1' }, { id: 'ZONE-QUIMPER' }],
        sharedResources: [{ kind: 'transport', id: 'S1-FIBRE' }, { id: 'AGG-1' }],
      },
    ]);
    expect(await get('/api/v1/incidents/inc_none/related')).toMatchObject({ code: 'notFound' });
  });

  it('gives all cells of an incident', async () => {
    expect(await get('/api/v1/incidents/inc_fibre/cells')).toHaveLength(9);
    expect(await get('/api/v1/incidents/inc_fibre/cells?limit=2')).toHaveLength(2);
  });

  it('takes a split by resource', async () => {
    const resource = { type: 'link', id: 'S1-FIBRE' };
    const split = { action: 'split', resource, why: 'another fault' };
    expect((await post('/api/v1/incidents/inc_fibre/acts', split)).statusCode).toBe(202);
    expect(server.journalled.at(-1)).toMatchObject({ items: [{ action: 'split', resource }] });
  });
});
