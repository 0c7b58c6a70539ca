import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../services/postgres.js';
import { PUBLIC_URL, type TestServer, testServer } from './test-server.js';
import { impact, incident, saveIncident, seedWorld } from './world.js';

let db: TestDatabase;
let server: TestServer;
let cookie: string;
beforeAll(async () => {
  db = await testDatabase();
  await seedWorld(db.pool);
  server = await testServer(db.pool);
  cookie = await server.signIn('operator');
});
afterAll(async () => {
  await server?.app.close();
  await db?.close();
});

const get = (url: string) => server.app.inject({ url, headers: { cookie } });
const act = (id: string, payload: object) =>
  server.app.inject({
    method: 'POST',
    url: `/api/v1/incidents/${id}/acts`,
    headers: { cookie, origin: PUBLIC_URL },
    payload,
  });

describe('the list of incidents', () => {
  it('has the greatest impact first and names places, cause and who was told', async () => {
    const { total, items } = (await get('/api/v1/incidents')).json();
    expect(total).toBe(3);
    expect(items.map((item: { id: string }) => item.id)).toEqual([
      'inc_fibre',
      'inc_old',
      'inc_slow',
    ]);
    expect(items[0]).toMatchObject({
      places: ['Pont-l’Abbé', 'Quimper Centre', 'Quimper Gare'],
      placeCount: 3,
      cellCount: 9,
      siteCount: 3,
      cause: { kind: 'transport', id: 'LINK-QUIMPER-1', probability: 0.86 },
      impact: { subscribers: 8421 },
      told: 12,
    });
  });

  it('shows only the states asked for, page by page', async () => {
    const open = (await get('/api/v1/incidents?state=open&state=suspected')).json();
    expect(open.total).toBe(2);
    const second = (await get('/api/v1/incidents?limit=1&offset=1')).json();
    expect(second).toMatchObject({ total: 3, items: [{ id: 'inc_old' }] });
  });

  it.each(['state=burning', 'limit=0', 'limit=1e9', 'offset=-1'])(
    'refuses %s and says what is allowed',
    async (query) => {
      const reply = await get(`/api/v1/incidents?${query}`);
      expect(reply.statusCode).toBe(400);
      expect(reply.json()).toEqual({ code: 'input.payload', message: expect.any(String) });
    },
  );
});

describe('one incident', () => {
  it('comes with timeline, cells, growth, messages by reason, waves and surge', async () => {
    const found = (await get('/api/v1/incidents/inc_fibre')).json();
    expect(found.timeline.map((event: { kind: string }) => event.kind)).toEqual([
      'opened',
      'grew',
      'cause',
    ]);
    expect(found.cells[0]).toMatchObject({ siteName: 'Quimper Centre', technology: 'LTE' });
    expect(found.candidates).toHaveLength(2);
    expect(found.growth).toHaveLength(12);
    expect(found.growth[0].subscribers).toBeLessThan(found.growth[11].subscribers);
    expect(found.messages).toContainEqual({
      kind: 'onset',
      state: 'suppressed',
      reason: 'optedOut',
      count: 3,
    });
    expect(found.waves[0]).toMatchObject({ id: 'w1', state: 'expanded' });
    expect(found.surge).toHaveLength(12 * 4 + 1);
  });

  it('that is not there is answered 404', async () => {
    const reply = await get('/api/v1/incidents/none');
    expect(reply.statusCode).toBe(404);
    expect(reply.json().code).toBe('notFound');
  });
});

describe('acts', () => {
  it('are journalled with who and why, and stand in the audit log', async () => {
    const reply = await act('inc_fibre', { action: 'approve', why: 'known works, tell them' });
    expect(reply.statusCode).toBe(202);
    const fact = server.journalled.at(-1);
    expect(fact).toMatchObject({
      kind: 'acts',
      items: [
        {
          actId: reply.json().actId,
          action: 'approve',
          incidentId: 'inc_fibre',
          actor: 'operator of the tests',
          why: 'known works, tell them',
          at: '2026-03-10T14:20:00.000Z',
        },
      ],
    });
    const [newest] = (await get('/api/v1/audit?limit=1')).json();
    expect(newest).toMatchObject({ action: 'approve', target: 'inc_fibre' });
  });

  it.each([
    [{ action: 'split', cells: ['A-1'] }, { cells: ['A-1'] }],
    [{ action: 'merge', into: 'inc_fibre' }, { into: 'inc_fibre' }],
    [{ action: 'setCause', resource: { type: 'link', id: 'L1' } }, { resource: { id: 'L1' } }],
    [
      { action: 'silence', until: '2026-03-10T18:00:00+01:00' },
      { until: '2026-03-10T17:00:00.000Z' },
    ],
    [{ action: 'comment', cells: ['A-1'] }, { action: 'comment' }],
  ])('carry what they need: %j', async (body, item) => {
    const reply = await act('inc_fibre', { ...body, why: 'seen on site' });
    expect(reply.statusCode).toBe(202);
    const { action } = body;
    expect(server.journalled.at(-1)).toMatchObject({ items: [{ action, ...item }] });
  });

  it.each(['split', 'merge', 'setCause', 'silence', 'setRepair'])(
    'to %s without what it needs are refused by name',
    async (action) => {
      const reply = await act('inc_fibre', { action, why: 'seen on site' });
      expect(reply.statusCode).toBe(400);
      expect(reply.json().message).toContain(`${action} needs`);
    },
  );

  it('to merge into an incident that is not there are refused', async () => {
    const reply = await act('inc_fibre', { action: 'merge', into: 'none', why: 'the same' });
    expect(reply.statusCode).toBe(404);
  });

  it('silence a resource that has no incident', async () => {
    const reply = await server.app.inject({
      method: 'POST',
      url: '/api/v1/silences',
      headers: { cookie, origin: PUBLIC_URL },
      payload: { resource: { id: 'S1' }, until: '2026-03-10T18:00:00Z', why: 'a drill' },
    });
    expect(reply.statusCode).toBe(202);
    expect(server.journalled.at(-1)).toMatchObject({
      items: [{ action: 'silence', resource: { id: 'S1' }, until: '2026-03-10T18:00:00.000Z' }],
    });
  });

  it('to set the repair time carry it in UTC', async () => {
    await act('inc_fibre', {
      action: 'setRepair',
      why: 'crew on site',
      repairAt: '2026-03-10T18:00:00+01:00',
    });
    expect(server.journalled.at(-1)).toMatchObject({
      items: [{ action: 'setRepair', value: '2026-03-10T17:00:00.000Z' }],
    });
  });

  it('to set the repair time from a ticket name the ticket', async () => {
    const repairAt = '2026-03-10T17:00:00.000Z';
    await act('inc_fibre', { action: 'setRepair', why: 'crew', repairAt, ticketId: 'T-7' });
    expect(server.journalled.at(-1)).toMatchObject({ items: [{ ticketId: 'T-7' }] });
  });

  it.each([
    ['no reason', 'inc_fibre', { action: 'hold', why: '' }, 400],
    ['an unknown act', 'inc_fibre', { action: 'explode', why: 'because' }, 400],
    ['a field too many', 'inc_fibre', { action: 'hold', why: 'because', x: 1 }, 400],
    ['no repair time', 'inc_fibre', { action: 'setRepair', why: 'because' }, 400],
    [
      'a time that is none',
      'inc_fibre',
      { action: 'setRepair', why: 'because', repairAt: 'soon' },
      400,
    ],
    ['an unknown incident', 'none', { action: 'hold', why: 'because' }, 404],
    ['a closed incident', 'inc_old', { action: 'hold', why: 'because' }, 409],
  ])('with %s are refused and not journalled', async (_, id, payload, status) => {
    const before = server.journalled.length;
    const reply = await act(id, payload);
    expect(reply.statusCode).toBe(status);
    expect(reply.json()).toEqual({ code: expect.any(String), message: expect.any(String) });
    expect(server.journalled).toHaveLength(before);
  });

  it('on the kill switch are in force at once and say by whom', async () => {
    const turn = (on: boolean) =>
      server.app.inject({
        method: 'POST',
        url: '/api/v1/kill-switch',
        headers: { cookie, origin: PUBLIC_URL },
        payload: { on, why: 'wrong text' },
      });
    await turn(true);
    expect((await get('/api/v1/switches')).json().killSwitch).toMatchObject({
      on: true,
      by: 'operator of the tests',
      why: 'wrong text',
    });
    expect(server.journalled.at(-1)).toMatchObject({ items: [{ action: 'killSwitchOn' }] });
    await turn(false);
    expect((await get('/api/v1/switches')).json().killSwitch.on).toBe(false);
  });
});

describe('the map', () => {
  it('has each cell once with the state its incident gives it', async () => {
    const map = (await get('/api/v1/cells.geojson')).json();
    const inState = (state: string): string[] =>
      (map.features as { properties: { id: string; state: string } }[])
        .filter(({ properties }) => properties.state === state)
        .map(({ properties }) => properties.id);
    expect(map.features).toHaveLength(24);
    expect(inState('down')).toHaveLength(9);
    expect(inState('suspected')).toEqual(['S5-1']);
    expect(inState('ok')).toHaveLength(14);
    expect(map.truncated).toBe(false);
  });

  it('shows cells of a lasting gap as without data, unless an incident has them', async () => {
    const ids = ['S1-1', 'S6-1', 'S6-2'];
    await db.pool.query("update telemetry_gaps set cell_ids = $1 where gap_id = 'g1'", [ids]);
    await db.pool.query("update telemetry_gaps set cell_ids = '{S7-1}' where gap_id = 'g0'");
    const { features } = (await get('/api/v1/cells.geojson')).json();
    const states = new Map<string, string>(
      features.map((f: { properties: { id: string; state: string } }) => [
        f.properties.id,
        f.properties.state,
      ]),
    );
    await db.pool.query("update telemetry_gaps set cell_ids = '{}'");
    expect([...ids, 'S7-1'].map((id) => states.get(id))).toEqual([
      'down',
      'noData',
      'noData',
      'ok',
    ]);
  });

  it('keeps to the box and, when it must leave cells out, leaves out healthy ones', async () => {
    const box = (await get('/api/v1/cells.geojson?bbox=-4.6,48.3,-4.4,48.5')).json();
    expect(box.features).toHaveLength(3);
    const few = (await get('/api/v1/cells.geojson?limit=10')).json();
    expect(few.truncated).toBe(true);
    const states = few.features.map((f: { properties: { state: string } }) => f.properties.state);
    expect(states.filter((state: string) => state === 'ok')).toHaveLength(0);
  });

  it.each(['1,2,3', 'a,b,c,d', '5,0,1,9'])('refuses the box %s', async (box) => {
    expect((await get(`/api/v1/cells.geojson?bbox=${box}`)).statusCode).toBe(400);
  });

  it('lets a confirmed incident win over a suspected one at the same cell', async () => {
    const doubt = { state: 'suspected' as const, detectedAt: null };
    await saveIncident(db.pool, incident('inc_doubt', doubt), impact(1, 0));
    const map = (await get('/api/v1/cells.geojson')).json();
    const states = map.features.map((f: { properties: { incidentId: string } }) => f.properties);
    expect(states.filter((p: { incidentId: string }) => p.incidentId === 'inc_fibre')).toHaveLength(
      9,
    );
    await db.pool.query("delete from incidents where incident_id = 'inc_doubt'");
  });

  it('lists telemetry gaps, lasting ones alone when asked', async () => {
    expect((await get('/api/v1/telemetry-gaps')).json()).toHaveLength(2);
    const lasting = (await get('/api/v1/telemetry-gaps?lasting=true')).json();
    expect(lasting).toMatchObject([{ id: 'g1', cells: 42, to: null }]);
  });
});
