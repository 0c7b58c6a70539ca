import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { covers, ROLES } from '../../src/domain/role.js';
import { type TestDatabase, testDatabase } from '../services/postgres.js';
import { PUBLIC_URL, type TestServer, testServer } from './test-server.js';
import { seedWorld } from './world.js';

let db: TestDatabase;
let server: TestServer;
beforeAll(async () => {
  db = await testDatabase();
  await seedWorld(db.pool);
  server = await testServer(db.pool);
});
afterAll(async () => {
  await server?.app.close();
  await db?.close();
});

/** A request that passes the schema of each route with parameters or a body. */
const EXAMPLES: Record<string, { url: string; body?: unknown }> = {
  '/api/v1/incidents/:id': { url: '/api/v1/incidents/inc_fibre' },
  '/api/v1/incidents/:id/kpis': { url: '/api/v1/incidents/inc_fibre/kpis' },
  '/api/v1/incidents/:id/acts': {
    url: '/api/v1/incidents/inc_fibre/acts',
    body: { action: 'acknowledge', why: 'on it' },
  },
  '/api/v1/silences': {
    url: '/api/v1/silences',
    body: { resource: { id: 'S1' }, until: '2026-03-10T18:00:00Z', why: 'test' },
  },
  '/api/v1/kill-switch': { url: '/api/v1/kill-switch', body: { on: false, why: 'test' } },
  '/api/v1/models/revert': { url: '/api/v1/models/revert', body: { why: 'test' } },
  '/api/v1/objects/:id/accept-level': {
    url: '/api/v1/objects/S1-1/accept-level',
    body: { why: 'test' },
  },
  '/api/v1/forecast': { url: '/api/v1/forecast?queue=mobile' },
  '/api/v1/forecast/what-if': { url: '/api/v1/forecast/what-if', body: { scenarios: [] } },
  '/api/v1/forecast.csv': { url: '/api/v1/forecast.csv?queue=mobile' },
  '/api/v1/subscribers/:number/network': { url: '/api/v1/subscribers/%2B33612345678/network' },
  '/api/v1/subscribers/:number/answers': {
    url: '/api/v1/subscribers/%2B33612345678/answers',
    body: { answer: 'notAffected' },
  },
  '/api/v1/dead-letters/:feed/samples': { url: '/api/v1/dead-letters/vendor-a-pm/samples' },
};

function apiRoutes() {
  return server.app
    .declaredRoutes()
    .filter(({ url, method }) => url.startsWith('/api/v1/') && method !== 'HEAD');
}

describe('routes', () => {
  it('all declare a role and a schema', () => {
    const routes = server.app.declaredRoutes();
    expect(routes.length).toBeGreaterThan(20);
    expect(routes.filter(({ role, schema }) => !role || schema.length === 0)).toEqual([]);
  });

  it('of the API all declare what they answer and what they take', () => {
    for (const { method, url, schema } of apiRoutes()) {
      const declared = `${method} ${url}: ${schema.join(' ')}`;
      expect(declared).toContain('response');
      if (url.includes(':')) expect(declared).toContain('params');
      if (method === 'POST') expect(declared).toContain('body');
    }
  });

  it('are public only where nothing but files, health, metrics and sign-in is behind them', () => {
    const open = server.app.declaredRoutes().filter(({ role }) => role === 'public');
    expect(open.filter(({ url }) => url.startsWith('/api'))).toEqual([]);
  });
});

describe('access', () => {
  it('is refused everywhere in the API without a session', async () => {
    for (const { method, url } of apiRoutes()) {
      const { url: path, body } = EXAMPLES[url] ?? { url };
      const reply = await server.app.inject({
        method: method as 'GET',
        url: path,
        ...(body === undefined ? {} : { payload: body as object }),
      });
      expect(`${url} ${reply.statusCode}`).toBe(`${url} 401`);
      expect(reply.json()).toEqual({ code: 'auth.missing', message: expect.any(String) });
    }
  });

  it.each(ROLES)('follows the declared roles for %s', async (role) => {
    const cookie = await server.signIn(role);
    for (const { method, url, role: needed } of apiRoutes()) {
      if (url === '/api/v1/live' || url === '/api/v1/session') continue; // tests of their own
      if (needed === undefined || needed === 'public' || needed === 'push') continue;
      const { url: path, body } = EXAMPLES[url] ?? { url };
      const reply = await server.app.inject({
        method: method as 'GET',
        url: path,
        headers: { cookie, origin: PUBLIC_URL },
        ...(body === undefined ? {} : { payload: body as object }),
      });
      const allowed = reply.statusCode !== 403;
      expect(`${url} ${allowed}`).toBe(`${url} ${covers(role, needed)}`);
      expect(reply.statusCode).toBeLessThan(500);
    }
  });

  it('to documentation needs a session', async () => {
    expect((await server.app.inject('/docs/json')).statusCode).toBe(401);
    const cookie = await server.signIn('viewer');
    const reply = await server.app.inject({ url: '/docs/json', headers: { cookie } });
    expect(Object.keys(reply.json().paths)).toContain('/api/v1/incidents');
  });
});

describe('changes from other sites', () => {
  const post = async (headers: Record<string, string>): Promise<number> => {
    const cookie = await server.signIn('operator');
    const reply = await server.app.inject({
      method: 'POST',
      url: '/api/v1/incidents/inc_fibre/acts',
      headers: { cookie, ...headers },
      payload: { action: 'hold', why: 'checking' },
    });
    return reply.statusCode;
  };

  it.each([
    ['another origin', { origin: 'https://evil.example' }],
    ['an opaque origin', { origin: 'null' }],
    ['no word about where it is from', {}],
    ['a cross-site fetch', { origin: PUBLIC_URL, 'sec-fetch-site': 'cross-site' }],
  ])('are refused with %s', async (_, headers) => {
    expect(await post(headers as Record<string, string>)).toBe(403);
  });

  it.each([
    ['the own origin', { origin: PUBLIC_URL }],
    ['a same-origin fetch', { 'sec-fetch-site': 'same-origin' }],
  ])('are taken with %s', async (_, headers) => {
    expect(await post(headers as Record<string, string>)).toBe(202);
  });
});
