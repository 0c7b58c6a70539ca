import Fastify, { type FastifyInstance } from 'fastify';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readIvrTexts } from '../../../src/adapters/postgres/read-ivr-texts.js';
import { ivrRoutes } from '../../../src/api/ivr-routes.js';
import { loadRules } from '../../../src/service/rules.js';
import { impact, incident, NOW_MS, saveIncident } from '../../api/world.js';
import { type TestDatabase, testDatabase } from '../../services/postgres.js';

const rules = loadRules();
let database: TestDatabase;
let app: FastifyInstance;
let nowMs = NOW_MS;
beforeAll(async () => {
  database = await testDatabase();
  await database.pool.query(
    `insert into sites (site_id, name, lat, lon, zone) values
       ('S1', 'Quimper 1', 48, -4, 'Europe/Paris'), ('S2', 'Quimper 2', 48, -4, 'Europe/Paris'),
       ('S3', 'Brest', 48, -4, 'Europe/Paris'), ('S4', null, 48, -4, null)`,
  );
  const open = incident('inc_1', { sites: ['S1', 'S2', 'S4'] });
  await saveIncident(database.pool, open, impact(100, 10));
  app = Fastify();
  await app.register(
    ivrRoutes({
      texts: (asked) => readIvrTexts(database.pool, rules, asked, nowMs),
      tokens: ['token-of-the-ivr'],
    }),
  );
});
afterAll(async () => {
  await app.close();
  await database.close();
});

const ask = (search = '') =>
  app.inject({
    url: `/api/v1/ivr/texts${search}`,
    headers: { authorization: 'Token token-of-the-ivr' },
  });

const texts = async (search = '') => (await ask(search)).json();

test('an IVR is told by area and language what it may say, and until when', async () => {
  const [text, ...more] = await texts('?area=quimper&language=fr');
  expect(more).toEqual([]);
  expect(text).toMatchObject({
    area: 'Quimper',
    siteIds: ['S1', 'S2'],
    incidentId: 'inc_1',
    endedAt: null,
    validUntil: new Date(NOW_MS + 10 * 60_000).toISOString(),
  });
  expect(text.text).toMatch(
    /^Nous avons connaissance d’une interruption du réseau mobile autour de Quimper\..* vers \d\d:\d\d\.$/,
  );
  expect((await texts('?area=S2')).map(({ language }: { language: string }) => language)).toEqual([
    'en',
    'fr',
  ]);
  expect(await texts('?area=Brest')).toEqual([]);
});

test('a text never outlives the repair it speaks of', async () => {
  const at = new Date(NOW_MS + 20 * 60_000).toISOString();
  const soon = incident('inc_1', {
    sites: ['S1'],
    estimatedRepairAt: at,
    repair: { source: 'ticket', at, low: null, high: null, asOf: at, basedOn: 0 },
  });
  await saveIncident(database.pool, soon, impact(100, 10));
  for (nowMs = NOW_MS; nowMs < NOW_MS + 40 * 60_000; nowMs += 60_000) {
    for (const { text, validUntil } of await texts('?language=en')) {
      const [, said] = /by about (\d\d:\d\d)/.exec(text) ?? [];
      if (said === undefined) continue;
      expect(Date.parse(validUntil)).toBeLessThanOrEqual(Date.parse(`2026-03-10T${said}:00+01:00`));
    }
  }
  nowMs = NOW_MS;
});

test('says that service is back for half an hour, and not where something else is still broken', async () => {
  const endedAt = new Date(NOW_MS - 60_000).toISOString();
  const over = incident('inc_2', { sites: ['S1', 'S3'], state: 'resolved', endedAt });
  await saveIncident(database.pool, over, impact(100, 5));
  const said = async () =>
    (await texts('?language=en')).map(
      ({ area, endedAt: end }: { area: string; endedAt: string }) => [area, end === null],
    );
  expect(await said()).toEqual([
    ['Quimper', true],
    ['Brest', false],
  ]);
  nowMs = NOW_MS + 31 * 60_000;
  expect(await said()).toEqual([['Quimper', true]]);
  nowMs = NOW_MS;
});

test('nobody listens in without a token', async () => {
  expect((await app.inject({ url: '/api/v1/ivr/texts' })).statusCode).not.toBe(200);
});
