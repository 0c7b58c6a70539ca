import { createHmac } from 'node:crypto';
import helmet from '@fastify/helmet';
import Fastify, { type FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { crmLookupRoutes } from '../../src/api/crm-lookup-routes.js';
import { addErrors } from '../../src/api/errors.js';
import { lookupOf, networkAnswer } from './network-answer.js';

const TOKEN = 'a-token-of-the-call-centre';
const NUMBER = '+33600000001';
const NOW_MS = Date.parse('2026-03-10T14:00:00Z');
const affected = networkAnswer({
  affected: 'yes',
  sentence: 'Vous êtes touché <script>alert(1)</script> & "désolé".',
  since: '2026-03-10T13:00:00.000Z',
  validUntil: '2026-03-10T15:00:00.000Z',
});
const audited: object[] = [];
let app: FastifyInstance;

async function start(speed = 1): Promise<FastifyInstance> {
  const started = Fastify();
  addErrors(started);
  await started.register(helmet);
  await started.register(
    crmLookupRoutes({
      subscribers: lookupOf(NUMBER, affected),
      operators: { audit: async (entry) => void audited.push(entry) },
      tokens: [TOKEN],
      frameAncestors: ['https://crm.example'],
      networkNow: () => NOW_MS,
      speed,
    }),
  );
  return started;
}

beforeAll(async () => {
  app = await start();
});
afterAll(() => app.close());

const get = (url: string, token = TOKEN, from = app) =>
  from.inject({ url, headers: { authorization: `Bearer ${token}` } });

describe('look-up for machines', () => {
  it('answers by number, may be kept until it is no longer true, and stands in the audit log', async () => {
    const answer = await get(`/api/v1/crm/lookup/${encodeURIComponent(NUMBER)}`);
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toMatchObject({ number: NUMBER, affected: 'yes' });
    expect(answer.headers['cache-control']).toBe('private, max-age=3600');
    expect(audited.at(-1)).toMatchObject({ action: 'lookUp', target: 'subscriber 7' });
    expect(JSON.stringify(audited)).not.toContain('600000001');
    // where the network's time runs fast, an answer is sooner out of date
    const fast = await start(60);
    const soon = await get('/api/v1/crm/lookup/0600000001', TOKEN, fast);
    expect(soon.headers['cache-control']).toBe('private, max-age=60');
    await fast.close();
  });

  it('gives an IVR the sentence alone', async () => {
    const answer = await get('/api/v1/crm/lookup/0600000001?format=text');
    expect(answer.headers['content-type']).toContain('text/plain');
    expect(answer.body).toBe(affected.sentence);
  });

  it('answers nobody without a token, and says when it knows nobody', async () => {
    expect((await get('/api/v1/crm/lookup/0600000001', 'another')).statusCode).toBe(401);
    expect((await app.inject('/api/v1/crm/lookup/0600000001')).statusCode).toBe(401);
    expect((await get('/api/v1/crm/lookup/0600000009')).statusCode).toBe(404);
    expect((await get('/api/v1/crm/lookup/nobody')).statusCode).toBe(400);
  });
});

function panel(change: { number?: string; expires?: number; token?: string } = {}) {
  const number = '0600000001';
  const expires = Math.floor(Date.now() / 1000) + 600;
  const signed = { expires, token: TOKEN, ...change };
  const mac = createHmac('sha256', signed.token).update(`${number}\n${signed.expires}`);
  const query = new URLSearchParams({
    number: change.number ?? number,
    expires: String(signed.expires),
    signature: mac.digest('hex'),
  });
  return app.inject(`/panel?${query}`);
}

describe('panel', () => {
  it('is a page without script that only the configured pages may frame', async () => {
    const answer = await panel();
    expect(answer.statusCode).toBe(200);
    expect(answer.body).toContain('Touché par un incident');
    expect(answer.body).not.toContain('<script');
    expect(answer.body).toContain('&#60;script&#62;');
    const policy = String(answer.headers['content-security-policy']);
    expect(policy).toContain('frame-ancestors https://crm.example');
    expect(policy).toContain("default-src 'none'");
    expect(answer.headers['x-frame-options']).toBeUndefined();
    expect(answer.headers['cache-control']).toBe('private, max-age=3600');
  });

  it('is refused for another number, another key, or when its address has expired', async () => {
    expect((await panel({ number: '0600000002' })).statusCode).toBe(403);
    expect((await panel({ token: 'a-token-of-nobody' })).statusCode).toBe(403);
    expect((await panel({ expires: 1_000 })).statusCode).toBe(403);
  });
});
