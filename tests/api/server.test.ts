import { type Logger, pino } from 'pino';
import { Counter, Registry } from 'prom-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TocsinError } from '../../src/domain/errors.js';
import { type TestDatabase, testDatabase } from '../services/postgres.js';
import { lookupOf, networkAnswer } from './network-answer.js';
import { type TestServer, testServer } from './test-server.js';
import { seedWorld } from './world.js';

const ANSWER = networkAnswer({
  affected: 'probably',
  probability: 0.6,
  reason: 'Usually at Quimper Centre, whose cells are down.',
  service: 'none',
  since: '2026-03-10T13:45:00.000Z',
  incidentId: 'inc_fibre',
  cause: 'a cut transport link',
});

let db: TestDatabase;
let server: TestServer;
const lines: string[] = [];
const log: Logger = pino({ level: 'debug' }, { write: (line: string) => void lines.push(line) });
beforeAll(async () => {
  db = await testDatabase();
  await seedWorld(db.pool);
  const metrics = new Registry();
  new Counter({ name: 'tocsin_things', help: 'things', registers: [metrics] }).inc(3);
  server = await testServer(db.pool, {
    log,
    metrics,
    subscribers: lookupOf('+33612345678', ANSWER),
    plugins: [
      async (app) => {
        const open = { config: { role: 'public' as const }, schema: { hide: true } };
        app.get('/test/broken', open, async () => {
          throw new Error('secret detail of /srv/tocsin/db.ts');
        });
        app.get('/test/away', open, async () => {
          throw new TocsinError('unavailable.postgres', 'Postgres is away: refused');
        });
      },
    ],
  });
});
afterAll(async () => {
  await server?.app.close();
  await db?.close();
});

describe('the look-up', () => {
  it.each(['+33612345678', '06 12 34 56 78', '0033612345678'])(
    'finds a number however it is typed: %s',
    async (number) => {
      const cookie = await server.signIn('agent');
      const url = `/api/v1/subscribers/${encodeURIComponent(number)}/network`;
      const reply = await server.app.inject({ url, headers: { cookie } });
      expect(reply.json()).toMatchObject({ number: '+33612345678', affected: 'probably' });
      expect(reply.headers['cache-control']).toBe('no-store');
    },
  );

  it.each([
    ['+33699999999', 404],
    ['hello', 400],
    ['12345', 400],
  ])('of %s is answered %i', async (number, status) => {
    const cookie = await server.signIn('agent');
    const url = `/api/v1/subscribers/${encodeURIComponent(number)}/network`;
    expect((await server.app.inject({ url, headers: { cookie } })).statusCode).toBe(status);
  });

  it('stands in the audit log without the number, and in no log line', async () => {
    const { rows } = await db.pool.query(
      "select actor, target, detail from audit_log where action = 'lookUp' limit 1",
    );
    expect(rows[0]).toEqual({
      actor: 'agent of the tests',
      target: 'subscriber 7',
      detail: { number: '+336••••••78' },
    });
    expect(lines.length).toBeGreaterThan(5);
    expect(lines.join('')).toContain('/api/v1/subscribers/:number/network');
    expect(lines.join('')).not.toMatch(/612345678|token=/);
  });
});

describe('errors', () => {
  it('never show what went wrong inside', async () => {
    const reply = await server.app.inject('/test/broken');
    expect(reply.statusCode).toBe(500);
    expect(reply.body).not.toMatch(/secret|\/srv|at .*\.ts/);
    expect(reply.json()).toEqual({ code: 'internal', message: expect.stringContaining('req-') });
    expect(lines.join('')).toContain('secret detail');
  });

  it('that pass by themselves say when to come back', async () => {
    const reply = await server.app.inject('/test/away');
    expect(reply.statusCode).toBe(503);
    expect(reply.headers['retry-after']).toBe('5');
  });

  it('of unknown addresses have the same shape', async () => {
    const reply = await server.app.inject('/api/v1/nothing');
    expect(reply.statusCode).toBe(404);
    expect(reply.json()).toEqual({ code: 'notFound', message: expect.any(String) });
  });
});

describe('a server', () => {
  it('does not start with a route that declares no role', async () => {
    const build = testServer(db.pool, {
      plugins: [async (app) => void app.get('/open', async () => 'oops')],
    });
    await expect(build).rejects.toThrow('GET /open must declare config.role and a schema');
  });

  it('forbids everything but its own files to its pages', async () => {
    const csp = (await server.app.inject('/health')).headers['content-security-policy'];
    expect(csp).toContain("default-src 'none'");
    expect(csp).toContain("frame-ancestors 'none'");
    expect(csp).not.toMatch(/unsafe|https?:|\*/);
  });
});

describe('health', () => {
  it('says what is wrong since when, and why only to those signed in', async () => {
    const open = await server.app.inject('/health');
    expect(open.statusCode).toBe(200);
    expect(open.json()).toMatchObject({
      status: 'degraded',
      components: [{}, { name: 'influx ran', since: '2026-03-10T14:02:00.000Z' }],
    });
    expect(open.body).not.toContain('influx:8086');
    const cookie = await server.signIn('viewer');
    const signedIn = await server.app.inject({ url: '/api/v1/health', headers: { cookie } });
    expect(signedIn.body).toContain('influx:8086');
  });

  it('is answered 503 when Tocsin is down', async () => {
    const networkTime = '2026-03-10T14:20:00.000Z';
    const own = await testServer(db.pool, {
      health: () => ({ status: 'down', networkTime, components: [] }),
    });
    expect((await own.app.inject('/health')).statusCode).toBe(503);
    await own.app.close();
  });

  it('is answered while the database is away, to people with a cookie too', async () => {
    const down = async () => {
      throw new TocsinError('unavailable.postgres', 'Postgres is away');
    };
    const own = await testServer(db.pool, {
      sessions: { createLink: down, redeem: down, find: down, end: down },
    });
    const headers = { cookie: 'tocsin=whatever' };
    expect((await own.app.inject({ url: '/health', headers })).statusCode).toBe(200);
    expect((await own.app.inject({ url: '/api/v1/me', headers })).statusCode).toBe(503);
    await own.app.close();
  });
});

describe('under more than it can do, a server', () => {
  it('puts reading off and still takes sign-ins, acts, look-ups and questions after health', async () => {
    const own = await testServer(db.pool, { maxLoopDelayMs: 0.000_001 });
    const statusOf = async (url: string, cookie = ''): Promise<number> =>
      (await own.app.inject({ url, headers: { cookie } })).statusCode;
    const cookie = await own.signIn('operator');
    const list = (): Promise<number> => statusOf('/api/v1/incidents', cookie);
    await expect.poll(list, { interval: 250, timeout: 50_000 }).toBe(503);
    expect(await statusOf('/health')).toBe(200);
    expect(await statusOf('/api/v1/audit', cookie)).toBe(200);
    expect(await statusOf('/api/v1/subscribers/0699999999/network', cookie)).toBe(404);
    await own.app.close();
  });
});

describe('metrics', () => {
  it('are in the text format of Prometheus', async () => {
    const reply = await server.app.inject('/metrics');
    expect(reply.headers['content-type']).toContain('text/plain');
    expect(reply.body).toContain('tocsin_things 3');
  });
});

describe('what could not be read', () => {
  it('is counted for everyone and shown raw to operators only', async () => {
    const viewer = await server.signIn('viewer');
    const operator = await server.signIn('operator');
    const counts = await server.app.inject({
      url: '/api/v1/dead-letters',
      headers: { cookie: viewer },
    });
    expect(counts.json()[0]).toMatchObject({
      feed: 'vendor-a-pm',
      reason: 'kpi.outOfRange',
      count: 118,
      lastDetail: 'availability is 200 at S1-2, allowed are 0 to 1',
    });
    const url = '/api/v1/dead-letters/vendor-a-pm/samples';
    const samples = await server.app.inject({ url, headers: { cookie: operator } });
    expect(samples.json()).toMatchObject([{ payload: '{"availability":200}' }]);
  });
});

describe('the forecast', () => {
  it('comes with what came so far and the roster, and as a file', async () => {
    const cookie = await server.signIn('planner');
    const queues = await server.app.inject({ url: '/api/v1/queues', headers: { cookie } });
    expect(queues.json()).toEqual(['mobile']);
    const url = '/api/v1/forecast?queue=mobile&pastHours=2';
    const forecast = (await server.app.inject({ url, headers: { cookie } })).json();
    expect(forecast.intervals).toHaveLength(97);
    expect(forecast.actual.length).toBe(7);
    expect(forecast.roster).toHaveLength(97);
    const csv = await server.app.inject({
      url: '/api/v1/forecast.csv?queue=mobile',
      headers: { cookie },
    });
    expect(csv.headers['content-disposition']).toBe('attachment; filename="forecast-mobile.csv"');
    expect(csv.body.split('\r\n')).toHaveLength(99);
    const unknown = await server.app.inject({
      url: '/api/v1/forecast?queue=nobody',
      headers: { cookie },
    });
    expect(unknown.statusCode).toBe(404);
  });
});
