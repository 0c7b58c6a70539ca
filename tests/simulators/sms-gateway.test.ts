import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import twilio from 'twilio';
import { afterEach, describe, expect, it } from 'vitest';
import { LogicalClock } from '../../simulators/clock.js';
import type { GatewayFaults } from '../../simulators/gateway/faults.js';
import { type SmsGateway, startSmsGateway } from '../../simulators/sms-gateway.js';

const SID = `AC${'0'.repeat(32)}`;
const TOKEN = 'simulated-token';
const TO = '+33639980001';
const START = Date.UTC(2026, 5, 1, 12);

interface Hook {
  readonly url: string;
  readonly received: { params: Record<string, string>; valid: boolean }[];
}

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function startHook(): Promise<Hook> {
  const received: Hook['received'] = [];
  let url = '';
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const params = Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString()));
    const signature = String(request.headers['x-twilio-signature']);
    const valid = twilio.validateRequest(TOKEN, signature, url, params);
    received.push({ params, valid });
    response.writeHead(204).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/status?id=42&kind=onset`;
  closers.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { url, received };
}

async function start(
  options: {
    faults?: Partial<GatewayFaults>;
    requestsPerSecond?: number;
    hasCoverage?: (to: string, nowMs: number) => boolean;
  } = {},
): Promise<{ gateway: SmsGateway; clock: LogicalClock }> {
  const clock = new LogicalClock(START);
  const gateway = await startSmsGateway({ accountSid: SID, authToken: TOKEN, clock, ...options });
  closers.push(() => gateway.stop());
  return { gateway, clock };
}

async function post(gateway: SmsGateway, fields: Record<string, string>): Promise<Response> {
  return fetch(`${gateway.url}/2010-04-01/Accounts/${SID}/Messages.json`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${SID}:${TOKEN}`).toString('base64')}` },
    body: new URLSearchParams({ To: TO, From: 'TOCSIN', Body: 'Bonjour', ...fields }),
  });
}

function clientOf(gateway: SmsGateway): twilio.Twilio {
  const client = twilio(SID, TOKEN);
  const request = client.httpClient.request.bind(client.httpClient);
  client.httpClient.request = (options) =>
    request({ ...options, uri: options.uri.replace('https://api.twilio.com', gateway.url) });
  return client;
}

const statuses = (hook: Hook): string[] =>
  hook.received.map(({ params }) => params.MessageStatus ?? '');

describe('SMS gateway simulator', () => {
  it('takes, lists and delivers what the twilio library sends, with signed callbacks', async () => {
    const { gateway, clock } = await start();
    const hook = await startHook();
    const client = clientOf(gateway);
    const created = await client.messages.create({
      to: TO,
      from: 'TOCSIN',
      body: 'Panne à Brest',
      statusCallback: hook.url,
      validityPeriod: 600,
    });
    expect(created).toMatchObject({ status: 'queued', to: TO, numSegments: '1', errorCode: null });
    await clock.advance(60_000);
    expect(statuses(hook)).toEqual(['sent', 'delivered']);
    expect(hook.received.every(({ valid }) => valid)).toBe(true);
    expect((await client.messages(created.sid).fetch()).status).toBe('delivered');
    const listed = await client.messages.list({ to: TO, dateSentAfter: new Date(START - 1000) });
    expect(listed.map(({ sid }) => sid)).toEqual([created.sid]);
    expect(await client.messages.list({ to: '+33639980002' })).toEqual([]);
    expect(gateway.sent()[0]).toMatchObject({ statusCallback: hook.url, validitySeconds: 600 });
  });

  it('pages through long lists newest first', async () => {
    const { gateway } = await start();
    for (let i = 0; i < 7; i++) await post(gateway, { Body: `text ${i}` });
    const listed = await clientOf(gateway).messages.list({ to: TO, pageSize: 3 });
    expect(listed.map(({ body }) => body)).toEqual([6, 5, 4, 3, 2, 1, 0].map((i) => `text ${i}`));
  });

  it('starts at accepted and reports queued when a messaging service sends', async () => {
    const { gateway, clock } = await start();
    const hook = await startHook();
    const fields = { MessagingServiceSid: 'MG1', StatusCallback: hook.url };
    const answer = (await (await post(gateway, fields)).json()) as { status: string };
    await clock.advance(60_000);
    expect(answer.status).toBe('accepted');
    expect(statuses(hook)).toEqual(['queued', 'sent', 'delivered']);
  });

  it('refuses wrong credentials, numbers, senders and bodies with the codes of Twilio', async () => {
    const { gateway } = await start();
    const code = async (response: Response): Promise<number> =>
      ((await response.json()) as { code: number }).code;
    expect(await code(await post(gateway, { To: '0639980001' }))).toBe(21211);
    expect(await code(await post(gateway, { Body: '' }))).toBe(21602);
    expect(await code(await post(gateway, { ValidityPeriod: '36001' }))).toBe(20001);
    const unsigned = await fetch(`${gateway.url}/2010-04-01/Accounts/${SID}/Messages.json`);
    expect(unsigned.status).toBe(401);
    gateway.optOut(TO);
    const refused = await post(gateway, {});
    expect(refused.status).toBe(400);
    expect(await code(refused)).toBe(21610);
    expect(gateway.sent()).toEqual([]);
  });

  it('keeps what it took when the connection drops after it, nothing when before', async () => {
    const { gateway } = await start({ faults: { dropBeforeRate: 1 } });
    await expect(post(gateway, {})).rejects.toThrow();
    expect(gateway.sent()).toHaveLength(0);
    Object.assign(gateway.faults, { dropBeforeRate: 0, dropAfterRate: 1 });
    await expect(post(gateway, {})).rejects.toThrow();
    expect(gateway.sent()).toHaveLength(1);
    Object.assign(gateway.faults, { dropAfterRate: 0, errorAfterRate: 1 });
    expect((await post(gateway, {})).status).toBe(502);
    expect(gateway.sent()).toHaveLength(2);
  });

  it('answers 429 with Retry-After beyond its rate', async () => {
    const { gateway, clock } = await start({ requestsPerSecond: 2 });
    const answers = [await post(gateway, {}), await post(gateway, {}), await post(gateway, {})];
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 429]);
    expect(answers[2]?.headers.get('retry-after')).toBe('1');
    await clock.advance(1000);
    expect((await post(gateway, {})).status).toBe(201);
  });

  it('delivers when coverage returns within the validity, else ends with 30003', async () => {
    const backAt = START + 20 * 60_000;
    const { gateway, clock } = await start({ hasCoverage: (_, now) => now >= backAt });
    const hook = await startHook();
    await post(gateway, { ValidityPeriod: '600', StatusCallback: hook.url });
    await post(gateway, { ValidityPeriod: '3000', StatusCallback: hook.url });
    await clock.advance(15 * 60_000);
    expect(gateway.sent().map(({ status }) => status)).toEqual(['undelivered', 'sent']);
    expect(hook.received.at(-1)?.params).toMatchObject({ ErrorCode: '30003' });
    await clock.advance(10 * 60_000);
    expect(gateway.sent().map(({ status }) => status)).toEqual(['undelivered', 'delivered']);
  });

  it('spaces messages by segments and fails those whose validity ends in the queue', async () => {
    const clock = new LogicalClock(START);
    const gateway = await startSmsGateway({
      accountSid: SID,
      authToken: TOKEN,
      clock,
      segmentsPerSecond: 1,
    });
    closers.push(() => gateway.stop());
    for (let i = 0; i < 4; i++) {
      await post(gateway, { Body: 'é'.repeat(161), ValidityPeriod: '4' });
    }
    await clock.advance(60_000);
    const ends = gateway.sent().map(({ status, errorCode }) => errorCode ?? status);
    expect(ends).toEqual(['delivered', 'delivered', 'delivered', 30036]);
    expect(gateway.sent().map((m) => (m.sentAtMs ?? 0) - START)).toEqual([
      2000,
      4000,
      6000,
      -START,
    ]);
  });

  it('doubles, holds back and loses callbacks when told to', async () => {
    const { gateway, clock } = await start({ faults: { callbackDoubleRate: 1 } });
    const hook = await startHook();
    await post(gateway, { StatusCallback: hook.url });
    await clock.advance(60_000);
    expect(statuses(hook).sort()).toEqual(['delivered', 'delivered', 'sent', 'sent']);
    Object.assign(gateway.faults, { callbackDoubleRate: 0, callbackLossRate: 1 });
    await post(gateway, { StatusCallback: hook.url });
    await clock.advance(60_000);
    expect(hook.received).toHaveLength(4);
  });

  it('opts a number out on ARRÊT and back in on START, and posts the reply signed', async () => {
    const { gateway } = await start();
    const hook = await startHook();
    const reply = { from: TO, to: '+33639989999', url: hook.url };
    await gateway.inbound({ ...reply, body: ' arrêt ' });
    expect((await post(gateway, {})).status).toBe(400);
    await gateway.inbound({ ...reply, body: 'START' });
    expect((await post(gateway, {})).status).toBe(201);
    expect(hook.received.map(({ valid }) => valid)).toEqual([true, true]);
    expect(hook.received[0]?.params).toMatchObject({ Body: ' arrêt ', From: TO });
  });
});
