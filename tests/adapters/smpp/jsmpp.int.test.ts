import { describe, expect, it, vi } from 'vitest';
import { SmppGateway } from '../../../src/adapters/smpp/smpp-gateway.js';
import { MemoryInbox } from '../../notify/sms-gateway.contract.js';
import { hasJsmpp, JSMPP_ACCOUNT, startJsmpp } from '../../services/smpp/jsmpp.js';

const account = { host: '127.0.0.1', ...JSMPP_ACCOUNT, from: 'Tocsin' } as const;
const settled = { timeout: 20_000, interval: 20 };

describe.skipIf(!(await hasJsmpp()))('SMPP gateway with jsmpp’s server', () => {
  it.each([
    ['in the clear', false],
    ['over TLS', true],
  ])('binds, sends, hears of delivery and of a subscriber, %s', async (_, isTls) => {
    const server = await startJsmpp({ tls: isTls });
    const inbox = new MemoryInbox();
    const gateway = new SmppGateway({
      ...account,
      port: server.port,
      receiptIds: 'decimalOfHex',
      ...(server.ca === undefined ? {} : { tls: { ca: server.ca } }),
    });
    gateway.listen(inbox);
    await gateway.check();
    const sms = { messageId: 'msg_1', to: '+33600000001', text: 'Bonjour', validitySeconds: 600 };
    const short = await gateway.send(sms);
    const long = await gateway.send({ ...sms, messageId: 'msg_2', text: 'a'.repeat(200) });
    expect([short.status, long.status]).toEqual(['accepted', 'accepted']);
    await vi.waitFor(
      () =>
        expect(inbox.receipts.map(({ messageId, state }) => [messageId, state]).sort()).toEqual([
          ['msg_1', 'delivered'],
          ['msg_2', 'delivered'],
        ]),
      settled,
    );
    expect(inbox.texts).toEqual([{ from: '+555', body: 'Hello World' }]);
    // it has no query_sm
    expect(await gateway.report?.('1')).toEqual({ status: 'absent', isProof: false });
    expect(server.said()).toContain("Receiving submit_sm 'Bonjour'");
    await gateway.close();
    await server.stop();
  });

  it('is refused with a wrong password', async () => {
    const server = await startJsmpp();
    const wrong = new SmppGateway({ ...account, port: server.port, password: 'wrong' });
    await expect(wrong.check()).rejects.toThrow('bind refused: smpp.0e');
    await wrong.close();
    await server.stop();
  });
});
