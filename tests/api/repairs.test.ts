import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UNDER } from '../../src/adapters/postgres/read-repairs.js';
import type { RepairItem } from '../../src/api/repair-schemas.js';
import { COUNTS, weigh } from '../dashboard/impact-world.js';
import { planOf } from '../services/plans.js';
import { type TestDatabase, testDatabase } from '../services/postgres.js';
import { type TestServer, testServer } from './test-server.js';
import { impact, incident, saveIncident, seedWorld } from './world.js';

let db: TestDatabase;
let server: TestServer;
let cookie: string;

const cause = (kind: string, id: string, probability: number) => {
  return { kind, id, probability, evidence: ['as the test has it'] };
};

beforeAll(async () => {
  db = await testDatabase();
  await seedWorld(db.pool);
  await db.pool.query(
    `insert into links (link_id, parent_id, child_id, kind) values
       ('LINK-QUIMPER-1', 'AGG-1', 'S1', 'transport'), ('LINK-QUIMPER-1', 'AGG-1', 'S2', 'transport'),
       ('LINK-QUIMPER-1', 'AGG-1', 'S3', 'transport'), ('ZONE-QUIMPER', 'ZONE-QUIMPER', 'S1', 'power')`,
  );
  const candidates = [cause('sector', 'S5/0', 0.5), cause('transport', 'LINK-QUIMPER-1', 0.5)];
  const small = incident('inc_small', {
    cells: [1, 2].map((n) => ({ cellId: `S5-${n}`, degree: 1, since: '2026-03-10T13:00:00Z' })),
    sites: ['S5'],
    cause: { kind: 'sector', id: 'S5/0', probability: 0.5, candidates },
  });
  await saveIncident(db.pool, small, impact(10, 1));
  const works = incident('inc_works', { plannedWorkId: 'W1' });
  await saveIncident(db.pool, works, impact(10, 1));
  await weigh(db.pool, 'inc_fibre', { ...COUNTS, withoutVoice: 0, emergencyServices: 0 });
  await weigh(db.pool, 'inc_small', { ...COUNTS, withoutVoice: 0, emergencyServices: 0 });
  await weigh(db.pool, 'inc_works', COUNTS);
  server = await testServer(db.pool);
  cookie = await server.signIn('viewer');
});
afterAll(async () => {
  await server?.app.close();
  await db?.close();
});

const read = async (query = ''): Promise<RepairItem[]> =>
  (await server.app.inject({ url: `/api/v1/repairs${query}`, headers: { cookie } })).json();

describe('what to repair first', () => {
  it('is by user-minutes saved an hour, with the share that depends on each, works left out', async () => {
    const perHour = (15_000 + 2900) * 60;
    const items = await read();
    const shares = items.map((item) => [
      item.id,
      Math.round(item.savedPerHour),
      item.incidents.map((each) => [each.id, Math.round(100 * each.share)]),
    ]);
    expect(shares).toEqual([
      [
        'LINK-QUIMPER-1',
        Math.round((0.86 + 0.5) * perHour),
        [
          ['inc_fibre', 100],
          ['inc_small', 100],
        ],
      ],
      ['S5/0', Math.round(0.25 * perHour), [['inc_small', 50]]],
      ['ZONE-QUIMPER', Math.round((0.11 / 3) * perHour), [['inc_fibre', 33]]],
    ]);
    expect(items[0]?.explanation).toMatch(
      /^86 % likely the cause of inc_fibre, all of which depends on it: of 1,074,000 user-minutes/,
    );
    expect(await read('?limit=1')).toHaveLength(1);
  });

  it('is what brings emergency calling back, before any saving', async () => {
    await weigh(db.pool, 'inc_small', { ...COUNTS, lossBySegment: { consumer: 1 } });
    const cleared = [cause('site', 'S5', 0.9)];
    await db.pool.query(
      `update incidents set doc = jsonb_set(doc, '{cause,candidates}', $1) where incident_id = 'inc_small'`,
      [JSON.stringify(cleared)],
    );
    const [first] = await read();
    expect(first).toMatchObject({ id: 'S5', emergency: expect.closeTo(0.9, 9) });
  });

  it('finds what depends on links by key and index', async () => {
    const plan = await planOf(db.pool, UNDER, [['inc_fibre'], ['LINK-QUIMPER-1']]);
    expect(plan).not.toContain('Seq Scan on links');
    expect(plan).not.toContain('Seq Scan on cells');
  });
});
