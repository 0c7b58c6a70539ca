import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { onCallContacts } from '../../../src/adapters/on-call/on-call-contacts.js';
import { checkOnCall } from '../../../src/notify/on-call-config.js';

const request = {
  ...{ requestId: 'wav_1-1', waveId: 'wav_1', incidentId: 'inc_1', kind: 'onset', people: 60_000 },
  ...{ place: 'Rennes', reason: 'many', url: 'https://t/incidents/inc_1', answerBy: 'soon' },
};
const secret = 'sixteen characters';
let status = 200;
const received: { headers: IncomingMessage['headers']; body: string }[] = [];
const server = createServer((incoming, answer) => {
  let body = '';
  incoming.on('data', (part) => {
    body += part;
  });
  incoming.on('end', () => {
    received.push({ headers: incoming.headers, body });
    answer.writeHead(status).end();
  });
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

it('asks by webhook, signed, and says when nobody is there', async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const [contact] = onCallContacts({
    contacts: [{ name: 'shift', webhook: `http://127.0.0.1:${port}/ask`, secret }],
    now: () => 1_000_000,
  });
  await contact?.ask(request);
  const [{ headers, body } = { headers: {}, body: '' }] = received;
  expect(JSON.parse(body)).toEqual({ type: 'approval', ...request });
  expect(headers['idempotency-key']).toBe('wav_1-1');
  const hex = createHmac('sha256', secret).update(`1000.${body}`).digest('hex');
  expect(headers['tocsin-signature']).toBe(`t=1000,v1=${hex}`);
  status = 503;
  await expect(contact?.ask(request)).rejects.toMatchObject({ code: 'unavailable.desk' });
});

it('refuses entries that could never be reached', () => {
  const email = ['noc@example.org'];
  const messages = checkOnCall(
    [
      { name: 'a' },
      { name: 'b', email, webhook: 'http://x' },
      { name: 'c', email },
      { name: 'd', webhook: 'http://x' },
    ],
    false,
  ).map(({ path, message }) => `${path.join('.')} ${message}`);
  expect(messages).toEqual([
    'onCall.0 "a" has neither; allowed: either email or webhook',
    'onCall.1 "b" has both; allowed: either email or webhook',
    'onCall.2.email needs desk.smtp; allowed: with the server that sends it',
    'onCall.3.webhook needs secret; allowed: with at least 16 characters that sign what is sent',
  ]);
  expect(checkOnCall([{ name: 'c', email }], true)).toEqual([]);
});
