import { gzipSync } from 'node:zlib';
import { InfluxDB, Point, type WriteOptions } from '@influxdata/influxdb-client';
import Fastify, { type FastifyInstance } from 'fastify';
import { afterEach, describe, expect, it } from 'vitest';
import { type PushDeps, pushRoutes } from '../../src/api/push-routes.js';
import { TocsinError } from '../../src/domain/errors.js';
import type { DeadLetter, Fact } from '../../src/domain/facts.js';
import { blocks, openInventory, row, shippedFeed, smallLineFeed, T0 } from '../sources/decoding.js';

const TOKEN = 'write-token-1';
const NS = `${T0}000000`;
const apps: FastifyInstance[] = [];
afterEach(async () => {
  await Promise.all(apps.splice(0).map((app) => app.close()));
});

async function server(changes: Partial<PushDeps> = {}) {
  const accepted: Fact[] = [];
  const letters: DeadLetter[] = [];
  const app = Fastify();
  apps.push(app);
  await app.register(
    pushRoutes({
      intake: {
        accept: async (facts) => void accepted.push(...facts),
        position: async () => undefined,
      },
      context: {
        aliases: openInventory,
        deadLetters: { record: (letter) => letters.push(letter) },
        live: { now: () => T0 },
      },
      feeds: [
        smallLineFeed(),
        ...(await Promise.all(
          [
            'alarms-json',
            'alarms-netact',
            'presence-json',
            'calls-json',
            'tickets-json',
            'counts-json',
          ].map(shippedFeed),
        )),
      ],
      tokens: ['another-token', TOKEN],
      ...changes,
    }),
  );
  await app.ready();
  const post = (url: string, payload: string | Buffer, headers: Record<string, string> = {}) =>
    app.inject({
      method: 'POST',
      url,
      payload,
      headers: { authorization: `Token ${TOKEN}`, 'content-type': 'text/plain', ...headers },
    });
  return { app, accepted, letters, post };
}

const WRITE = '/api/v2/write?org=o&bucket=b&precision=ns';

describe('POST /api/v2/write', () => {
  it('stores lines and answers 204 only after the intake has accepted', async () => {
    const order: string[] = [];
    const { post } = await server({
      intake: {
        accept: async () => {
          await Promise.resolve();
          order.push('stored');
        },
        position: async () => undefined,
      },
    });
    const answer = await post(WRITE, `m,cell=A users=1 ${NS}`);
    order.push('answered');
    expect([answer.statusCode, answer.body]).toEqual([204, '']);
    expect(order).toEqual(['stored', 'answered']);
  });

  it.each([
    ['without a content type', {}],
    ['as gzip', { 'content-encoding': 'gzip' }],
  ])('takes a body %s', async (_name, headers) => {
    const { app, accepted } = await server();
    const text = `m,cell=A users=1 ${T0 / 1000}`;
    const answer = await app.inject({
      method: 'POST',
      url: '/api/v2/write?precision=s',
      payload: 'content-encoding' in headers ? gzipSync(text) : Buffer.from(text),
      headers: { authorization: `Bearer ${TOKEN}`, ...headers },
    });
    expect(answer.statusCode).toBe(204);
    expect(row(blocks(accepted)[0], 0)).toEqual({ id: 'A', at: T0, users: 1 });
  });

  it('stores the good lines and names the bad ones in a partial write', async () => {
    const { post, accepted, letters } = await server();
    const answer = await post(WRITE, `m,cell=A users=1 ${NS}\nm,cell=B\nm,cell=C users=x ${NS}`);
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toEqual({
      code: 'invalid',
      message: [
        'partial write: 1 line refused, 2 stored',
        "line 2: payload.malformed: unable to parse 'm,cell=B': missing fields",
        'line 3: kpi.notANumber: "users" is "x": a finite decimal number is allowed, or nothing',
      ].join('\n'),
      line: 2,
    });
    expect(blocks(accepted)[0]?.objectIds).toEqual(['A', 'C']);
    expect(letters.map(({ source, reason }) => [source, reason])).toEqual([
      ['http', 'payload.malformed'],
      ['http', 'kpi.notANumber'],
    ]);
  });

  it.each([
    ['no token', {}],
    ['a wrong token', { authorization: 'Token nonsense' }],
    ['another scheme', { authorization: `Basic ${TOKEN}` }],
  ])('refuses %s before the body is read, and counts it', async (_name, headers) => {
    const { app, accepted, letters } = await server();
    const payload = `m,cell=A users=1 ${NS}`;
    const answer = await app.inject({ method: 'POST', url: WRITE, payload, headers });
    expect(answer.statusCode).toBe(401);
    expect(answer.json()).toMatchObject({ code: 'unauthorized' });
    expect(accepted).toEqual([]);
    expect(letters).toEqual([
      {
        feed: '/api/v2/write',
        source: 'http',
        reason: 'auth.refused',
        detail: 'unauthorized access, from 127.0.0.1',
        payload: Buffer.alloc(0),
      },
    ]);
  });

  it('refuses every push while no token is configured', async () => {
    const { post } = await server({ tokens: [] });
    const answer = await post(WRITE, 'm users=1');
    expect(answer.statusCode).toBe(401);
    expect(answer.json().message).toContain('server.writeTokens');
  });

  it.each([
    ['precision', '/api/v2/write?precision=m', 'm users=1', {}, 400, 'valid precision units'],
    ['an empty body', WRITE, '', {}, 400, 'writing requires points'],
    ['broken gzip', WRITE, 'plain', { 'content-encoding': 'gzip' }, 400, 'not gzip'],
    ['other packing', WRITE, 'x', { 'content-encoding': 'br' }, 400, 'allowed are gzip'],
  ])('refuses %s', async (_name, url, payload, headers, status, message) => {
    const { post } = await server();
    const answer = await post(url, payload, headers as Record<string, string>);
    expect(answer.statusCode).toBe(status);
    expect(answer.json()).toMatchObject({ code: 'invalid' });
    expect(answer.json().message).toContain(message);
  });

  it('keeps what it refused as it was sent, whatever is pushed after it', async () => {
    const { post, letters, accepted } = await server();
    const line = `m,cell=A users=x ${NS}`;
    await post(WRITE, line);
    await post(WRITE, 'nonsense', { 'content-encoding': 'gzip' });
    await post(WRITE, `m,cell=B users=2 ${NS}\nm,cell=C users=3 ${NS}`);
    await post(WRITE, `m,cell=D users=4 ${NS}\nm,cell=E users=5 ${NS}`);
    const kept = letters.map(({ payload }) => Buffer.from(payload).toString());
    expect(kept).toEqual([line, 'nonsense']);
    expect(blocks(accepted).flatMap(({ objectIds }) => objectIds)).toEqual([...'ABCDE']);
  });

  it('refuses a body above the limit and a gzip bomb with 413, and counts them', async () => {
    const { post, letters } = await server({ limits: { bodyBytes: 10_000 } });
    const large = '#'.repeat(10_001);
    for (const [payload, headers] of [
      [large, {}],
      [gzipSync('#'.repeat(10_000_000)), { 'content-encoding': 'gzip' }],
    ] as const) {
      const answer = await post(WRITE, payload, headers);
      expect(answer.statusCode).toBe(413);
      expect(answer.json()).toMatchObject({ code: 'request too large' });
    }
    expect(letters.map(({ reason }) => reason)).toEqual(['payload.tooLarge', 'payload.tooLarge']);
  });

  it.each([
    ['unavailable.postgres', 503, 'unavailable'],
    ['overloaded', 429, 'too many requests'],
  ] as const)('answers %s with %i and Retry-After', async (code, status, word) => {
    const { post } = await server({
      intake: {
        accept: async () => {
          throw new TocsinError(code, 'not now');
        },
        position: async () => undefined,
      },
    });
    const answer = await post(WRITE, `m,cell=A users=1 ${NS}`);
    expect(answer.statusCode).toBe(status);
    expect(answer.headers['retry-after']).toMatch(/^\d+$/);
    expect(answer.json()).toEqual({ code: word, message: 'not now' });
  });

  it('turns writers away while too much is in work, and takes them again after', async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let entered = (): void => undefined;
    const isIn = new Promise<void>((resolve) => {
      entered = resolve;
    });
    const { post } = await server({
      limits: { bodyBytes: 1000, inFlightBytes: 50 },
      intake: {
        accept: () => {
          entered();
          return held;
        },
        position: async () => undefined,
      },
    });
    const line = `m,cell=A users=1 ${NS}`;
    const first = post(WRITE, line);
    await isIn;
    expect((await post(WRITE, line)).statusCode).toBe(429);
    release();
    expect((await first).statusCode).toBe(204);
    expect((await post(WRITE, line)).statusCode).toBe(204);
  });
});

describe('the official InfluxDB client', () => {
  async function write(points: Point[], options: Partial<WriteOptions>) {
    const { app, accepted } = await server();
    const url = await app.listen({ host: '127.0.0.1', port: 0 });
    const api = new InfluxDB({ url, token: TOKEN }).getWriteApi('o', 'b', 'ms', {
      maxRetries: 0,
      ...options,
    });
    api.writePoints(points);
    let failure: unknown;
    await api.close().catch((error: unknown) => {
      failure = error;
    });
    return { accepted, failure };
  }

  const points = Array.from({ length: 500 }, (_, i) =>
    new Point('m').tag('cell', `cell ${i}, é`).floatField('users', i).timestamp(T0),
  );

  it.each([
    ['plain', 1_000_000],
    ['gzip', 100],
  ])('writes %s bodies unchanged', async (_name, gzipThreshold) => {
    const { accepted, failure } = await write(points, { gzipThreshold });
    expect(failure).toBeUndefined();
    expect(blocks(accepted)[0]?.rows).toBe(500);
    expect(row(blocks(accepted)[0], 7)).toEqual({ id: 'cell 7, é', at: T0, users: 7 });
  });

  it('understands a partial write', async () => {
    const bad = new Point('unheard-of').floatField('x', 1).timestamp(T0);
    const { accepted, failure } = await write([...points, bad], {
      writeFailed: () => Promise.resolve(),
    });
    expect(blocks(accepted)[0]?.rows).toBe(500);
    expect(failure).toBeUndefined();
  });
});

describe('POST /api/v1/alarms, presence and calls', () => {
  const alarm = {
    alarmId: '1',
    objectId: 'A',
    perceivedSeverity: 'critical',
    probableCause: 'powerProblem',
    alarmRaisedTime: '2026-01-01T00:00:00Z',
  };

  it.each([
    ['one object', JSON.stringify(alarm), 1],
    ['an array', JSON.stringify([alarm, alarm]), 2],
    ['NDJSON', `${JSON.stringify(alarm)}\n${JSON.stringify(alarm)}\n`, 2],
  ])('takes %s', async (_name, payload, count) => {
    const { post, accepted } = await server();
    const answer = await post('/api/v1/alarms', payload, { 'content-type': 'application/json' });
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual({ accepted: count, refused: 0, errors: [] });
    const items = accepted[0]?.kind === 'alarms' ? accepted[0].items : [];
    expect(items.map(({ objectId }) => objectId)).toEqual(Array(count).fill('A'));
  });

  it('stores the good records and lists the others by place', async () => {
    const { post, accepted } = await server();
    const future = { ...alarm, alarmRaisedTime: '2026-01-01T01:00:00Z' };
    const answer = await post('/api/v1/alarms', JSON.stringify([{}, alarm, future]));
    expect(answer.statusCode).toBe(207);
    expect(answer.json()).toMatchObject({
      accepted: 1,
      refused: 2,
      errors: [
        { index: 0, reason: 'object.missing' },
        { index: 2, reason: 'time.future' },
      ],
    });
    expect(accepted).toHaveLength(1);
  });

  it('answers 400 when nothing could be stored', async () => {
    const { post } = await server();
    const answer = await post('/api/v1/presence', '{"subscriber":');
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ accepted: 0, errors: [{ reason: 'payload.malformed' }] });
  });

  it('maps by the feed that is named, and says which there are', async () => {
    const { post, accepted } = await server();
    const record = {
      alarmId: '5',
      alarmRaisedTime: '2026-1-1,2:0:0.0,+2:0',
      managedObjectClass: 'A',
      perceivedSeverity: 'MAJOR',
      probableCause: 'INDETERMINATE',
    };
    const answer = await post('/api/v1/alarms?feed=alarms-netact', JSON.stringify(record));
    expect(answer.statusCode).toBe(200);
    expect(accepted[0]).toMatchObject({ items: [{ perceivedSeverity: 'major' }] });
    const unknown = await post('/api/v1/alarms?feed=other', '[]');
    expect(unknown.statusCode).toBe(400);
    expect(unknown.json().message).toContain('alarms-json, alarms-netact');
  });

  it('takes presence and calls', async () => {
    const { post, accepted } = await server();
    await post(
      '/api/v1/presence',
      '{"subscriber":"20801","cell":"A","time":"2026-01-01T00:00:00Z"}',
    );
    await post(
      '/api/v1/calls',
      '{"queue":"q","start":"2026-01-01T00:00:00Z","intervalSeconds":900,"offered":3}',
    );
    expect(accepted.map(({ kind }) => kind)).toEqual(['presence', 'calls']);
  });

  it('takes counts of what customers do, under the name of the feed where they have none', async () => {
    const { post, accepted, letters } = await server();
    const count = { area: 'Brest', start: '2026-01-01T00:00:00Z', intervalSeconds: 900, count: 3 };
    const lines = [
      { ...count, name: 'posts' },
      count,
      { ...count, count: -1 },
      { ...count, area: '' },
    ];
    const body = lines.map((line) => JSON.stringify(line)).join('\n');
    const answer = await post('/api/v1/counts', body);
    expect(answer.json()).toMatchObject({ accepted: 2, refused: 2 });
    const [first] = accepted;
    const names = first?.kind === 'counts' ? first.items.map(({ name }) => name) : [];
    expect(names).toEqual(['posts', 'counts-json']);
    expect(letters.map(({ reason }) => reason)).toEqual(['record.invalid', 'record.invalid']);
  });

  it('takes tickets, and says what is wrong with the others', async () => {
    const { post, accepted, letters } = await server();
    const word = { ticketId: 'T-7', saidAt: '2026-01-01T00:00:00Z' };
    const repairAt = '2026-01-01T04:00:00Z';
    const lines = [
      { ...word, resourceId: 'A', repairAt, saidBy: 'field team' },
      { ...word, incidentId: 'inc_1', state: 'Closed' },
      { ...word, repairAt },
      { ...word, resourceId: 'A', repairAt: 'soon' },
      { ...word, resourceId: 'A', saidAt: '2026-02-01T00:00:00Z' },
      { ...word, resourceId: 'A', state: 'lost' },
    ];
    const body = lines.map((line) => JSON.stringify(line)).join('\n');
    const answer = await post('/api/v1/tickets', body);
    expect(answer.statusCode).toBe(207);
    expect(answer.json()).toMatchObject({ accepted: 2, refused: 4 });
    expect(accepted).toMatchObject([
      {
        kind: 'tickets',
        items: [
          { ticketId: 'T-7', resourceId: 'A', repairAt: '2026-01-01T04:00:00.000Z' },
          { ticketId: 'T-7', incidentId: 'inc_1', state: 'closed' },
        ],
      },
    ]);
    const reasons = ['object.missing', 'time.unreadable', 'time.future', 'record.invalid'];
    expect(letters.map(({ reason }) => reason)).toEqual(reasons);
  });
});

describe('GET /ping', () => {
  it('answers clients without a token', async () => {
    const { app } = await server();
    const answer = await app.inject({ method: 'GET', url: '/ping' });
    expect(answer.statusCode).toBe(204);
    expect(answer.headers['x-influxdb-version']).toBeDefined();
  });
});
