import { createHmac } from 'node:crypto';
import Fastify, { type FastifyInstance } from 'fastify';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { HttpSmsConfig } from '../../../src/adapters/http-sms/http-sms-config.js';
import { HttpSmsGateway } from '../../../src/adapters/http-sms/http-sms-gateway.js';
import {
  isFromGateway,
  readInbound,
  readReceipts,
} from '../../../src/adapters/http-sms/http-sms-words.js';
import { addErrors } from '../../../src/api/errors.js';
import { httpGatewayRoutes } from '../../../src/api/http-gateway-routes.js';
import {
  MemoryInbox,
  type PeerFault,
  smsGatewayContract,
} from '../../notify/sms-gateway.contract.js';
import {
  type HttpSmsPeer,
  type PeerAnswer,
  startHttpSmsPeer,
} from '../../services/http-sms-peer.js';

const KEY = 'a key';
const SECRET = 'a shared secret';

function configOf(url: string, change: Partial<HttpSmsConfig> = {}): HttpSmsConfig {
  const headers = { 'X-Api-Key': KEY };
  return {
    kind: 'http',
    from: '38000',
    send: {
      url: `${url}/messages`,
      headers: { ...headers, 'Idempotency-Key': '{messageId}' },
      json: {
        to: '{to}',
        from: '{from}',
        text: '{text}',
        reference: '{messageId}',
        ttl: '{validitySeconds}',
        callback: '{callbackUrl}',
      },
      id: 'messages.0.id',
    },
    errors: {
      code: 'error.code',
      rules: [
        { codes: ['BLOCKED'], means: 'optedOut' },
        { statuses: [420], means: 'tooFast' },
      ],
    },
    status: { delivered: ['DELIVERED'], failed: ['EXPIRED', 'FAILED'], accepted: ['SENT'] },
    callback: { list: 'results', id: 'id', messageId: 'reference', status: 'state' },
    inbound: { list: 'results', from: 'from', text: 'text' },
    signature: { header: 'X-Signature', secret: SECRET, prefix: 'sha256=' },
    find: {
      url: `${url}/messages?reference={messageId}`,
      headers,
      id: 'messages.0.id',
      status: 'messages.0.state',
    },
    report: { url: `${url}/messages/{gatewayId}`, headers, status: 'state' },
    check: { url: `${url}/status`, headers },
    ...change,
  };
}

const FAULTS: Record<PeerFault, PeerAnswer | undefined> = {
  none: undefined,
  refuses: { isTaken: false, status: 400, body: { error: { code: 'NUMBER' } } },
  optedOut: { isTaken: false, status: 400, body: { error: { code: 'BLOCKED' } } },
  tooFast: { isTaken: false, status: 420, body: {} },
  dropsAfterTaking: { isTaken: true },
  neverAnswers: { isTaken: true, isSilent: true },
};

async function callbacks(inbox: MemoryInbox, config: HttpSmsConfig): Promise<FastifyInstance> {
  const app = Fastify();
  addErrors(app);
  await app.register(
    httpGatewayRoutes({
      inbox,
      isFromGateway: (post) => isFromGateway(config, post),
      readReceipts: (text) => readReceipts(config, text),
      readInbound: (text) => readInbound(config, text),
    }),
  );
  return app;
}

function post(app: FastifyInstance, path: string, body: unknown, secret = SECRET) {
  const payload = JSON.stringify(body);
  const mac = createHmac('sha256', secret).update(payload).digest('hex');
  const headers = { 'content-type': 'application/json', 'x-signature': `sha256=${mac}` };
  return app.inject({ method: 'POST', url: `/api/v1/gateway/http/${path}`, headers, payload });
}

smsGatewayContract({
  name: 'generic HTTP',
  connect: async (inbox, timeoutMs) => {
    const peer = await startHttpSmsPeer(KEY);
    const config = configOf(peer.url);
    const gateway = new HttpSmsGateway({ config, timeoutMs });
    const app = await callbacks(inbox, config);
    const states = { delivered: 'DELIVERED', failed: 'EXPIRED' } as const;
    return {
      gateway,
      taken: () => peer.taken.map(({ to, text }) => ({ to, text })),
      setFault: (fault) => {
        peer.answer = FAULTS[fault];
      },
      report: async (id, state, { messageId }) => {
        const results = [{ id, reference: messageId, state: states[state] }];
        expect((await post(app, 'status', { results })).statusCode).toBe(204);
      },
      reply: async (from, text) => {
        expect((await post(app, 'inbound', { results: [{ from, text }] })).statusCode).toBe(204);
      },
      stop: async () => {
        await gateway.close();
        await app.close();
        await peer.stop();
      },
    };
  },
  strangers: async () => {
    const peer = await startHttpSmsPeer('another key');
    const wrongAccount = new HttpSmsGateway({ config: configOf(peer.url), timeoutMs: 300 });
    const nobody = new HttpSmsGateway({ config: configOf('http://127.0.0.1:1'), timeoutMs: 300 });
    const stop = async (): Promise<void> => {
      await Promise.all([wrongAccount.close(), nobody.close()]);
      await peer.stop();
    };
    return { wrongAccount, nobody, stop };
  },
});

describe('generic HTTP gateway', () => {
  const sms = { messageId: 'msg_a', to: '+33600000001', text: 'Bonjour', validitySeconds: 600 };
  let peer: HttpSmsPeer;
  const opened: HttpSmsGateway[] = [];
  const gatewayOf = (change: Partial<HttpSmsConfig> = {}): HttpSmsGateway => {
    const config = configOf(peer.url, change);
    const gateway = new HttpSmsGateway({ config, timeoutMs: 600, callbackUrl: 'https://t/cb' });
    opened.push(gateway);
    return gateway;
  };

  beforeAll(async () => {
    peer = await startHttpSmsPeer(KEY);
  });
  afterAll(async () => {
    for (const gateway of opened) await gateway.close();
    await peer.stop();
  });
  beforeEach(() => {
    peer.answer = undefined;
  });

  it('fills its template: numbers stay numbers, and a header cannot be broken out of', async () => {
    await gatewayOf().send({ ...sms, messageId: 'msg\r\nX-Evil: 1' });
    expect(peer.taken.at(-1)?.body).toMatchObject({ ttl: 600, callback: 'https://t/cb' });
    expect(peer.taken.at(-1)?.headers['idempotency-key']).toBe('msg X-Evil: 1');
    expect(peer.taken.at(-1)?.headers['x-evil']).toBeUndefined();
  });

  it('can post a form', async () => {
    const { url, headers, id } = configOf(peer.url).send;
    const form = { to: '{toDigits}', text: '{text}', reference: '{messageId}' };
    const send = { url, id, form, ...(headers === undefined ? {} : { headers }) };
    expect((await gatewayOf({ send }).send({ ...sms, text: 'a&b=c é' })).status).toBe('accepted');
    expect(peer.taken.at(-1)).toMatchObject({ to: '33600000001', text: 'a&b=c é' });
  });

  it.each([
    [{ isTaken: true, status: 200, body: { messages: [] } }, { status: 'unknown' }],
    [{ isTaken: true, status: 502, body: 'no' }, { status: 'unknown' }],
    [{ isTaken: false, status: 408, body: {} }, { status: 'unknown' }],
    [
      { isTaken: false, status: 503, body: {}, headers: { 'retry-after': '7' } },
      { status: 'busy', retryAfterMs: 7_000, isOutage: false },
    ],
    [
      { isTaken: false, status: 429, body: {} },
      { status: 'busy', isOutage: false },
    ],
    [
      { isTaken: false, status: 403, body: {} },
      { status: 'busy', isOutage: true },
    ],
    [
      { isTaken: false, status: 422, body: { error: { code: 'NUMBER' } } },
      { status: 'refused', reason: 'gateway.NUMBER' },
    ],
  ])('takes %j for %j', async (answer, expected) => {
    peer.answer = answer;
    expect(await gatewayOf().send(sms)).toMatchObject(expected);
  });

  it('asks for a message of unknown fate by our id, and says when its absence proves something', async () => {
    peer.answer = FAULTS.dropsAfterTaking;
    const lost = { ...sms, messageId: 'msg_lost' };
    expect((await gatewayOf().send(lost)).status).toBe('unknown');
    const sought = { ...lost, handedOverAtMs: 0, isTaken: async () => false };
    expect(await gatewayOf().find(sought)).toMatchObject({ status: 'found', state: 'accepted' });
    const never = { ...sought, messageId: 'msg_never' };
    expect(await gatewayOf().find(never)).toEqual({ status: 'absent', isProof: false });
    const { find } = configOf(peer.url);
    if (find === undefined) throw new Error('it stands above');
    const sure = gatewayOf({ find: { ...find, isListComplete: true } });
    expect(await sure.find(never)).toEqual({ status: 'absent', isProof: true });
  });

  it('has nothing to ask where the description names no way to', () => {
    const config = configOf(peer.url);
    const { report: _report, ...without } = config;
    const gateway = new HttpSmsGateway({ config: without });
    opened.push(gateway);
    expect(gateway.report).toBeUndefined();
  });
});

describe('posts of a generic HTTP gateway', () => {
  it('are refused without its signature or token, and when nothing fits', async () => {
    const inbox = new MemoryInbox();
    const app = await callbacks(inbox, configOf('http://127.0.0.1:1'));
    const good = { results: [{ id: '1', reference: 'msg', state: 'SENT' }] };
    expect((await post(app, 'status', good, 'wrong')).statusCode).toBe(403);
    expect((await post(app, 'status', { results: [{ id: '1' }] })).statusCode).toBe(400);
    expect((await post(app, 'status', good)).statusCode).toBe(204);
    expect(inbox.receipts).toHaveLength(1);
    await app.close();
    const { signature: _signature, ...open } = configOf('http://127.0.0.1:1');
    expect(isFromGateway(open, { text: '', token: undefined, header: () => undefined })).toBe(
      false,
    );
    const token = 'a token long enough';
    const given = { text: '', token, header: () => undefined };
    expect(isFromGateway({ ...open, token }, given)).toBe(true);
    expect(isFromGateway({ ...open, token }, { ...given, token: 'x' })).toBe(false);
  });

  it('are read as a form too, and numbers without a country code by the region', () => {
    const { callback: _callback, ...rest } = configOf('http://127.0.0.1:1');
    const flat = {
      ...rest,
      callback: { id: 'id', status: 'state' },
      inbound: { from: 'from', text: 'text' },
    };
    expect(readReceipts(flat, 'id=1&state=expired')).toMatchObject([{ state: 'failed' }]);
    expect(readReceipts(flat, 'id=1&state=teleported')).toMatchObject([{ state: null }]);
    expect(readReceipts(flat, 'nonsense')).toEqual([]);
    const said = 'from=0612345678&text=STOP';
    expect(readInbound({ ...flat, region: 'FR' }, said)).toEqual([
      { from: '+33612345678', body: 'STOP' },
    ]);
    expect(readInbound(flat, 'from=33612345678&text=STOP')).toEqual([
      { from: '+33612345678', body: 'STOP' },
    ]);
  });
});
