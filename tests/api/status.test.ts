import Fastify, { type FastifyInstance } from 'fastify';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readStatus } from '../../src/adapters/postgres/read-ivr-texts.js';
import { statusRoutes } from '../../src/api/status-routes.js';
import { loadRules } from '../../src/service/rules.js';
import { type TestDatabase, testDatabase } from '../services/postgres.js';
import { impact, incident, NOW_MS, saveIncident } from './world.js';

const rules = loadRules();
const MINUTE_MS = 60_000;
const START_MS = Math.ceil(NOW_MS / MINUTE_MS) * MINUTE_MS;
let database: TestDatabase;
let nowMs = START_MS;
const apps: FastifyInstance[] = [];

beforeAll(async () => {
  database = await testDatabase();
  await database.pool.query(
    `insert into sites (site_id, name, lat, lon, zone) values
       ('S1', 'Quimper 1', 48, -4, 'Europe/Paris'), ('S2', 'Quimper 2', 48, -4, 'Europe/Paris'),
       ('S3', 'Brest', 48, -4, 'Europe/Paris')`,
  );
  const open = incident('inc_1', { sites: ['S1'] });
  await saveIncident(database.pool, open, impact(100, 10));
  await saveIncident(
    database.pool,
    incident('inc_2', { sites: ['S2', 'S3'], estimatedRepairAt: null }),
    impact(50, 5),
  );
});
afterAll(async () => {
  for (const app of apps) await app.close();
  await database.close();
});

async function server(tokens: readonly string[] | null): Promise<FastifyInstance> {
  const app = Fastify();
  apps.push(app);
  await app.register(
    statusRoutes({
      status: (asked) => readStatus(database.pool, rules, asked, nowMs),
      tokens,
      networkNow: () => nowMs,
      speed: 1,
    }),
  );
  return app;
}

test('an app is told by area how service is, since when, and until when that holds', async () => {
  nowMs = START_MS + 20_000;
  const app = await server(null);
  const answer = await app.inject({ url: '/api/v1/status' });
  expect(answer.statusCode).toBe(200);
  const { areas, validUntil } = answer.json();
  expect(validUntil).toBe(new Date(START_MS + MINUTE_MS).toISOString());
  expect(answer.headers['cache-control']).toBe('public, max-age=40');
  expect(areas.map(({ area }: { area: string }) => area)).toEqual(['Quimper', 'Brest']);
  expect(areas[0]).toMatchObject({
    siteIds: ['S1', 'S2'],
    state: 'disrupted',
    endedAt: null,
    // one of the two incidents there has no repair time that could be said
    estimatedRepairAt: null,
    validUntil: new Date(START_MS + rules.desk.ivr.validMinutes * MINUTE_MS).toISOString(),
  });
  expect(areas[0].texts.en).toContain('around Quimper');
  expect(Object.keys(areas[0].texts)).toEqual(['en', 'fr']);
  const [only, ...more] = (await app.inject({ url: '/api/v1/status?area=brest' })).json().areas;
  expect(only.area).toBe('Brest');
  expect(more).toEqual([]);
});

test('a cache asks again by the tag, and is told anew when something changed', async () => {
  nowMs = START_MS + 5_000;
  const app = await server(null);
  const first = await app.inject({ url: '/api/v1/status' });
  const ask = () =>
    app.inject({ url: '/api/v1/status', headers: { 'if-none-match': `W/${first.headers.etag}` } });
  nowMs += 30_000;
  const same = await ask();
  expect([same.statusCode, same.body]).toEqual([304, '']);
  expect(same.headers['cache-control']).toBe('public, max-age=25');
  nowMs = START_MS + MINUTE_MS;
  expect((await ask()).statusCode).toBe(200);
});

test('a status that is not open needs a token of those who read', async () => {
  const app = await server(['token-of-the-website']);
  expect((await app.inject({ url: '/api/v1/status' })).statusCode).toBeGreaterThanOrEqual(400);
  const authorization = 'Token token-of-the-website';
  const answer = await app.inject({ url: '/api/v1/status', headers: { authorization } });
  expect(answer.statusCode).toBe(200);
  expect(answer.headers['cache-control']).toMatch(/^private/);
});
