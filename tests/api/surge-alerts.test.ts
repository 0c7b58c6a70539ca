import { afterAll, beforeAll, expect, test } from 'vitest';
import { acknowledgeLink } from '../../src/api/acknowledge-link.js';
import { type TestDatabase, testDatabase } from '../services/postgres.js';
import { PUBLIC_URL, type TestServer, testServer } from './test-server.js';

let database: TestDatabase;
let server: TestServer;
let planner: string;
beforeAll(async () => {
  database = await testDatabase();
  server = await testServer(database.pool);
  planner = await server.signIn('planner');
  await database.pool.query(
    `insert into surge_alerts (alert_id, raised_at, revision, queues, surges)
     values ('surge_1', '2026-03-10T14:00:00Z', 1, '{care}', '[]');
     insert into desk_deliveries (delivery_id, alert_id, kind, revision, recipient, news, state, sent_at)
     values ('news_1', 'surge_1', 'surge', 1, 'desk', '{}', 'sent', '2026-03-10T14:00:02Z')`,
  );
});
afterAll(async () => {
  await server.app.close();
  await database.close();
});

const link = (alertId: string, recipient: string): string =>
  acknowledgeLink({ publicUrl: PUBLIC_URL, key: 'key of the tests' }, alertId, recipient).slice(
    PUBLIC_URL.length,
  );
const list = async () =>
  (await server.app.inject({ url: '/api/v1/surge-alerts', headers: { cookie: planner } })).json();
const form = (url: string, payload: string) =>
  server.app.inject({
    method: 'POST',
    url,
    payload,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  });

test('a look at the link changes nothing; its button does, once, with who and why in the audit', async () => {
  const url = link('surge_1', 'desk');
  const seen = await server.app.inject({ url });
  expect(seen.statusCode).toBe(200);
  expect(seen.body).toContain('<form method="post">');
  expect(seen.headers['content-security-policy']).toContain("style-src 'self'");
  expect((await list())[0].acknowledgements).toEqual([]);

  const done = await form(url, 'name=Zo%C3%A9+%3Cb%3E&note=called+two+back');
  expect(done.body).toContain('Zoé &lt;b&gt; (desk) has seen the alert');
  await form(url, 'name=Zo%C3%A9+%3Cb%3E&note=again');
  const [alert] = await list();
  expect(alert).toMatchObject({
    alertId: 'surge_1',
    clearedAt: null,
    deliveries: [{ recipient: 'desk', state: 'sent', sentAt: '2026-03-10T14:00:02.000Z' }],
    acknowledgements: [{ who: 'Zoé <b> (desk)', via: 'link', note: 'called two back' }],
  });
  const { rows } = await database.pool.query(
    `select actor, target, why from audit_log where action = 'surge.acknowledge'`,
  );
  expect(rows).toEqual([{ actor: 'Zoé <b> (desk)', target: 'surge_1', why: 'called two back' }]);
});

test('a machine acknowledges by a POST without a body', async () => {
  const reply = await server.app.inject({ method: 'POST', url: link('surge_1', 'outsourcer') });
  expect(reply.statusCode).toBe(200);
  expect((await list())[0].acknowledgements).toContainEqual(
    expect.objectContaining({ who: 'outsourcer', via: 'link' }),
  );
});

test.each([
  [
    'of another recipient',
    link('surge_1', 'desk').replace(
      '/desk/acknowledge/surge_1/desk/',
      '/desk/acknowledge/surge_1/boss/',
    ),
  ],
  ['of another alert', link('surge_1', 'desk').replace('surge_1', 'surge_2')],
  ['made up', '/desk/acknowledge/surge_1/desk/x'],
])('refuses a link %s', async (_, url) => {
  expect((await server.app.inject({ url })).statusCode).toBe(403);
  expect((await form(url, '')).statusCode).toBe(403);
});

test('a planner acknowledges on the page, a viewer may not', async () => {
  const url = '/api/v1/surge-alerts/surge_1/acknowledgements';
  const post = (path: string, cookie: string) =>
    server.app.inject({
      method: 'POST',
      url: path,
      payload: { note: 'on it' },
      headers: { cookie, origin: PUBLIC_URL },
    });
  expect((await post(url, planner)).statusCode).toBe(204);
  expect((await post(url, await server.signIn('viewer'))).statusCode).toBe(403);
  expect((await post(url.replace('surge_1', 'surge_9'), planner)).statusCode).toBe(404);
  expect((await list())[0].acknowledgements).toContainEqual(
    expect.objectContaining({ who: 'planner of the tests', via: 'dashboard', note: 'on it' }),
  );
});
