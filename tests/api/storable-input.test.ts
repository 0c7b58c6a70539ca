import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../services/postgres.js';
import { PUBLIC_URL, type TestServer, testServer } from './test-server.js';
import { seedWorld } from './world.js';

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

const post = (url: string, payload: object) =>
  server.app.inject({ method: 'POST', url, headers: { cookie, origin: PUBLIC_URL }, payload });

describe('a request with text that no database holds', () => {
  it.each([
    ['why', '/api/v1/incidents/inc_fibre/acts', { action: 'hold', why: 'half \ud800 a pair' }],
    ['why', '/api/v1/incidents/inc_fibre/acts', { action: 'hold', why: 'a NUL \0 in it' }],
    [
      'repairAt',
      '/api/v1/incidents/inc_fibre/acts',
      { action: 'setRepair', why: 'crew on site', repairAt: '\udc00' },
    ],
    ['why', '/api/v1/kill-switch', { on: true, why: 'half \udc00 a pair' }],
    ['why', '/api/v1/kill-switch', { on: true, why: 'a NUL \0 in it' }],
  ])('is refused with its %s named, and nothing is done: %s %j', async (field, url, payload) => {
    const before = (await db.pool.query('select count(*) from audit_log')).rows;
    const reply = await post(url, payload);
    expect(reply.statusCode).toBe(400);
    expect(reply.json()).toEqual({
      code: 'input.payload',
      message: `body/${field}: allowed is text without NUL and without half a surrogate pair`,
    });
    expect(server.journalled).toEqual([]);
    expect((await db.pool.query('select count(*) from audit_log')).rows).toEqual(before);
    expect(await db.pool.query("select from settings where key = 'killSwitch'")).toMatchObject({
      rowCount: 0,
    });
  });

  it.each([
    ['params/id', '/api/v1/incidents/inc%00fibre'],
    ['query/queue', '/api/v1/forecast?queue=mo%00bile'],
    ['params/feed', '/api/v1/dead-letters/a%00b/samples'],
  ])('is refused in its %s', async (place, url) => {
    const reply = await server.app.inject({ url, headers: { cookie } });
    expect(reply.statusCode).toBe(400);
    expect(reply.json().message).toContain(place);
  });
});
