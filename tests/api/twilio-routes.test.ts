import Fastify, { type FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { twilioSignature } from '../../simulators/gateway/callbacks.js';
import { callbackUrl } from '../../src/adapters/twilio/twilio-gateway.js';
import { readTwilioStatus } from '../../src/adapters/twilio/twilio-status.js';
import { addErrors } from '../../src/api/errors.js';
import { twilioRoutes } from '../../src/api/twilio-routes.js';
import { TocsinError } from '../../src/domain/errors.js';
import type { InboundSms, ReceiptInput } from '../../src/notify/ports.js';

const publicUrl = 'https://tocsin.example/under/a/path';
const token = 'a token';
const STATUS = '/api/v1/gateway/twilio/status?m=msg_1';
const INBOUND = '/api/v1/gateway/twilio/inbound';

let app: FastifyInstance;
let receipts: ReceiptInput[];
let texts: InboundSms[];
let isAway: boolean;

beforeEach(async () => {
  receipts = [];
  texts = [];
  isAway = false;
  app = Fastify();
  addErrors(app);
  await app.register(
    twilioRoutes({
      authToken: token,
      publicUrl,
      readStatus: readTwilioStatus,
      inbox: {
        receipt: async (input) => {
          if (isAway) throw new TocsinError('unavailable.postgres', 'away');
          receipts.push(input);
          return 'applied';
        },
        inbound: async (sms) => {
          texts.push(sms);
          return sms.body === 'STOP' ? 'out' : undefined;
        },
      },
    }),
  );
});
afterEach(() => app.close());

function post(path: string, form: Record<string, string>, signature?: string) {
  return app.inject({
    method: 'POST',
    url: path,
    headers: {
      'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
      'x-twilio-signature': signature ?? twilioSignature(token, `${publicUrl}${path}`, form),
    },
    payload: new URLSearchParams(form).toString(),
  });
}

const form = { MessageSid: 'SM1', MessageStatus: 'delivered', To: '+33600000001' };

describe('Twilio callbacks', () => {
  it('are taken when signed for the exact public address, behind a proxy too', async () => {
    const answer = await post(STATUS, { ...form, ErrorCode: '' });
    expect(answer.statusCode).toBe(204);
    expect(receipts).toEqual([
      {
        gatewayId: 'SM1',
        status: 'delivered',
        state: 'delivered',
        errorCode: null,
        isOptOut: false,
        messageId: 'msg_1',
      },
    ]);
    expect(callbackUrl(`${publicUrl}/`, 'msg_1')).toBe(`${publicUrl}${STATUS}`);
  });

  it.each([
    ['no signature', ''],
    ['another token', twilioSignature('wrong', `${publicUrl}${STATUS}`, form)],
    ['another address', twilioSignature(token, `https://tocsin.example${STATUS}`, form)],
    ['another form', twilioSignature(token, `${publicUrl}${STATUS}`, { ...form, To: '+1' })],
  ])('are refused with %s', async (_, signature) => {
    expect((await post(STATUS, form, signature)).statusCode).toBe(403);
    expect(receipts).toEqual([]);
  });

  it('are refused when a field is missing, or when the body is no form', async () => {
    expect((await post(STATUS, { MessageSid: 'SM1' })).statusCode).toBe(400);
    const json = await app.inject({ method: 'POST', url: STATUS, payload: form });
    expect(json.statusCode).toBeGreaterThanOrEqual(400);
  });

  it('are answered 503 while the database is away, so that Twilio tries again', async () => {
    isAway = true;
    expect((await post(STATUS, form)).statusCode).toBe(503);
  });
});

describe('Twilio’s words', () => {
  it('are known in any case, and a word that is not known is said to be so', () => {
    expect(readTwilioStatus('Delivered', null)).toEqual({ state: 'delivered', isOptOut: false });
    expect(readTwilioStatus('undelivered', '21610')).toEqual({ state: 'failed', isOptOut: true });
    expect(readTwilioStatus('teleported', null)).toEqual({ state: null, isOptOut: false });
  });
});

describe('texts from subscribers', () => {
  it('are handed on and answered with nothing to say', async () => {
    const answer = await post(INBOUND, { From: '+33600000001', Body: 'STOP', MessageSid: 'SM2' });
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['content-type']).toContain('text/xml');
    expect(answer.body).toContain('<Response></Response>');
    expect(texts).toEqual([{ from: '+33600000001', body: 'STOP' }]);
  });

  it('are refused without a valid signature', async () => {
    expect((await post(INBOUND, { From: '+33600000001' }, 'x')).statusCode).toBe(403);
  });
});
