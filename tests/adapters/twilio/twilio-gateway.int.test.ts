import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { NO_FAULTS } from '../../../simulators/gateway/faults.js';
import { type SmsGateway, startSmsGateway } from '../../../simulators/sms-gateway.js';
import {
  STATUS_CALLBACK_PATH,
  TwilioGateway,
} from '../../../src/adapters/twilio/twilio-gateway.js';
import { TocsinError } from '../../../src/domain/errors.js';

const account = { accountSid: `AC${'0'.repeat(32)}`, authToken: 'a token' };
const sms = {
  messageId: 'msg_1',
  to: '+33600000001',
  text: 'Bonjour à vous',
  validitySeconds: 600,
};

let simulator: SmsGateway;
let gateway: TwilioGateway;

function connect(change: object = {}): TwilioGateway {
  return new TwilioGateway({
    ...account,
    from: '+33700000000',
    baseUrl: simulator.url,
    publicUrl: 'http://127.0.0.1:9/',
    timeoutMs: 700,
    ...change,
  });
}

beforeAll(async () => {
  simulator = await startSmsGateway(account);
  gateway = connect();
});
afterAll(async () => {
  await gateway.close();
  await simulator.stop();
});
beforeEach(() => {
  Object.assign(simulator.faults, NO_FAULTS);
});

/** The gateway when every answer is the same. */
async function answering(
  status: number,
  body: string,
  headers: Record<string, string> = {},
): Promise<unknown> {
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(status, headers).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const broken = connect({ baseUrl: `http://127.0.0.1:${port}` });
  try {
    return await broken.send(sms);
  } finally {
    await broken.close();
    await new Promise((resolve) => server.close(resolve));
  }
}

describe('Twilio gateway', () => {
  it('hands over number, text, validity and a callback that carries our id', async () => {
    const result = await gateway.send(sms);
    expect(result).toEqual({ status: 'accepted', gatewayId: simulator.sent().at(-1)?.sid });
    expect(simulator.sent().at(-1)).toMatchObject({
      to: sms.to,
      body: sms.text,
      from: '+33700000000',
      validitySeconds: 600,
      statusCallback: `http://127.0.0.1:9${STATUS_CALLBACK_PATH}?m=msg_1`,
    });
  });

  it('keeps the validity within what Twilio allows', async () => {
    await gateway.send({ ...sms, validitySeconds: 90_000 });
    expect(simulator.sent().at(-1)?.validitySeconds).toBe(36_000);
  });

  it('can send through a messaging service, but not through both or neither', async () => {
    const service = connect({ from: undefined, messagingServiceSid: `MG${'1'.repeat(32)}` });
    expect((await service.send(sms)).status).toBe('accepted');
    expect(simulator.sent().at(-1)?.from).toBeNull();
    await service.close();
    expect(() => connect({ messagingServiceSid: 'MG1' })).toThrow(TocsinError);
    expect(() => connect({ from: undefined })).toThrow(TocsinError);
  });

  it('never tries a refused message again, and knows an opt-out from a bad number', async () => {
    simulator.optOut('+33600000002');
    expect(await gateway.send({ ...sms, to: '+33600000002' })).toEqual({
      status: 'refused',
      reason: 'gateway.21610',
      isOptOut: true,
    });
    simulator.optIn('+33600000002');
    expect(await gateway.send({ ...sms, to: 'nonsense' })).toEqual({
      status: 'refused',
      reason: 'gateway.21211',
      isOptOut: false,
    });
  });

  it('shows how long it is asked to wait', async () => {
    simulator.faults.rateLimitRate = 1;
    simulator.faults.retryAfterSeconds = 7;
    expect(await gateway.send(sms)).toEqual({
      status: 'busy',
      reason: 'gateway.20429',
      retryAfterMs: 7_000,
      isOutage: false,
    });
  });

  it.each([
    ['the connection is cut', { dropBeforeRate: 1 }],
    ['the connection is cut after it was taken', { dropAfterRate: 1 }],
    ['a proxy gave up after it was taken', { errorAfterRate: 1 }],
    ['no answer comes in time', { answerDelayMs: 900 }],
  ])('does not know the fate of a message when %s', async (_, faults) => {
    Object.assign(simulator.faults, faults);
    expect((await gateway.send(sms)).status).toBe('unknown');
  });

  it.each([
    [500, '{"code":20500,"message":"no"}', 'busy'],
    [503, '{"code":20503,"message":"no"}', 'busy'],
    [500, '<html>', 'unknown'],
    [503, '<html>', 'unknown'],
    [504, '{"code":20504}', 'unknown'],
    [408, '', 'unknown'],
    [401, '{"code":20003}', 'busy'],
    [404, '{"code":20404}', 'busy'],
    [400, '{"code":21606}', 'busy'],
    [400, '{"code":21617}', 'refused'],
    [201, 'not JSON', 'unknown'],
    [201, '{}', 'unknown'],
  ])('takes %i %s for %s', async (status, body, expected) => {
    expect(await answering(status, body)).toMatchObject({ status: expected });
  });

  it('reads Retry-After as seconds or as a date, and does without', async () => {
    const at = new Date(Date.now() + 60_000).toUTCString();
    const dated = (await answering(429, '{}', { 'retry-after': at })) as { retryAfterMs: number };
    expect(dated.retryAfterMs).toBeGreaterThan(50_000);
    expect(await answering(429, '{}')).toMatchObject({ retryAfterMs: null });
  });

  it('knows that nothing was sent when nobody listens', async () => {
    const nobody = connect({ baseUrl: 'http://127.0.0.1:1' });
    expect(await nobody.send(sms)).toMatchObject({ status: 'busy', isOutage: true });
    await expect(nobody.check()).rejects.toMatchObject({ code: 'unavailable.gateway' });
    await expect(nobody.find({ ...sms, handedOverAtMs: 0, isTaken: free })).rejects.toMatchObject({
      code: 'unavailable.gateway',
    });
    await nobody.close();
  });

  it('can say whether the account may be used', async () => {
    await expect(gateway.check()).resolves.toBeUndefined();
    const wrong = connect({ authToken: 'another' });
    await expect(wrong.check()).rejects.toMatchObject({ code: 'unavailable.gateway' });
    await wrong.close();
  });
});

const free = async (): Promise<boolean> => false;

describe('asking for a message of unknown fate', () => {
  const sought = { ...sms, to: '+33600000077', handedOverAtMs: Date.now(), isTaken: free };

  it('finds it by number, text and time, unless another message of ours owns it', async () => {
    simulator.faults.dropAfterRate = 1;
    await gateway.send({ ...sms, to: sought.to });
    simulator.faults.dropAfterRate = 0;
    const found = await gateway.find(sought);
    const sid = simulator.sent().at(-1)?.sid;
    expect(found).toMatchObject({ status: 'found', gatewayId: sid });
    const owned = await gateway.find({ ...sought, isTaken: async (id) => id === sid });
    expect(owned).toEqual({ status: 'absent', isProof: false });
    const longAgo = { ...sought, handedOverAtMs: sought.handedOverAtMs - 3_600_000 };
    expect(await gateway.find(longAgo)).toEqual({ status: 'absent', isProof: false });
  });

  it('takes absence for proof only where the list is complete and holds nothing like it', async () => {
    const sure = connect({ isListComplete: true });
    const nobody = { ...sought, to: '+33600000078' };
    expect(await sure.find(nobody)).toEqual({ status: 'absent', isProof: true });
    expect(await gateway.find(nobody)).toEqual({ status: 'absent', isProof: false });
    await gateway.send({ ...sms, to: nobody.to, text: 'altered on the way' });
    expect(await sure.find(nobody)).toEqual({ status: 'absent', isProof: false });
    await sure.close();
  });
});
