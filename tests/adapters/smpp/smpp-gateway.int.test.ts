import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SmppGateway, type SmppGatewayOptions } from '../../../src/adapters/smpp/smpp-gateway.js';
import { messageMark } from '../../../src/notify/message-mark.js';
import type { OutgoingSms } from '../../../src/notify/ports.js';
import {
  type ConnectedGateway,
  MemoryInbox,
  type PeerFault,
  smsGatewayContract,
} from '../../notify/sms-gateway.contract.js';
import { CENTRE_ACCOUNT, type SmppCentre, startCentre } from '../../services/smpp/centre.js';

const base = {
  ...CENTRE_ACCOUNT,
  host: '127.0.0.1',
  from: '+33700000000',
  optedOutStatuses: [0x401],
  reconnectMs: [10, 50],
} as const;

const FAULTS: Record<PeerFault, { statuses?: number[]; fault?: SmppCentre['faults']['fault'] }> = {
  none: {},
  refuses: { statuses: [0x0b] },
  optedOut: { statuses: [0x401] },
  tooFast: { statuses: [0x58] },
  dropsAfterTaking: { fault: 'dropAfter' },
  neverAnswers: { fault: 'silent' },
};

const receiptText = (id: string, word: string): string =>
  `id:${id} sub:001 dlvrd:001 submit date:2601141300 done date:2601141301 stat:${word} err:000 text:Coupure`;

function receiptFields(id: string, state: 'delivered' | 'failed', { to }: OutgoingSms): object {
  return {
    esm_class: 4,
    source_addr_ton: 1,
    source_addr: to.slice(1),
    short_message: receiptText(id, state === 'delivered' ? 'DELIVRD' : 'UNDELIV'),
  };
}

async function connected(
  inbox: MemoryInbox,
  change: Partial<SmppGatewayOptions>,
): Promise<ConnectedGateway & { centre: SmppCentre }> {
  const centre = await startCentre();
  const gateway = new SmppGateway({ ...base, port: centre.port, ...change });
  gateway.listen(inbox);
  await gateway.check();
  return {
    gateway,
    centre,
    taken: () => centre.taken().map(({ to, text }) => ({ to: `+${to}`, text })),
    setFault: (fault) => {
      Object.assign(centre.faults, { statuses: [], fault: 'none', ...FAULTS[fault] });
    },
    report: async (id, state, sms) => {
      expect(await centre.deliver(receiptFields(id, state, sms))).toBe(0);
    },
    reply: async (from, body) => {
      const address = { source_addr_ton: 1, source_addr: from.slice(1) };
      expect(await centre.deliver({ ...address, data_coding: 8, short_message: body })).toBe(0);
    },
    stop: async () => {
      await gateway.close();
      await centre.stop();
    },
  };
}

smsGatewayContract({
  name: 'SMPP',
  connect: (inbox, timeoutMs) => connected(inbox, { timeoutMs }),
  strangers: async () => {
    const centre = await startCentre();
    const short = { ...base, timeoutMs: 300 };
    const wrongAccount = new SmppGateway({ ...short, port: centre.port, password: 'wrong' });
    const nobody = new SmppGateway({ ...short, port: 1 });
    const stop = async (): Promise<void> => {
      await Promise.all([wrongAccount.close(), nobody.close()]);
      await centre.stop();
    };
    return { wrongAccount, nobody, stop };
  },
});

describe('SMPP gateway', () => {
  const sms = { messageId: 'msg_a', to: '+33600000001', text: 'Bonjour', validitySeconds: 90_061 };
  const running: { stop(): Promise<void> }[] = [];
  let inbox: MemoryInbox;

  async function start(change: Partial<SmppGatewayOptions> = {}) {
    const peer = await connected(inbox, { timeoutMs: 900, ...change });
    running.push(peer);
    return peer;
  }

  beforeEach(() => {
    inbox = new MemoryInbox();
  });
  afterEach(async () => {
    for (const each of running.splice(0)) await each.stop();
  });

  it('says whom it is for, from whom, for how long, and asks for a receipt', async () => {
    const { gateway, centre } = await start({ serviceType: 'CMT' });
    await gateway.send(sms);
    expect(centre.taken()[0]?.fields).toMatchObject({
      source_addr: '33700000000',
      source_addr_ton: 1,
      destination_addr: '33600000001',
      dest_addr_ton: 1,
      dest_addr_npi: 1,
      service_type: 'CMT',
      registered_delivery: 1,
      user_message_reference: messageMark(sms.messageId),
    });
  });

  it('sends as a name or a short code too', async () => {
    for (const [from, ton, npi] of [
      ['Tocsin', 5, 0],
      ['38000', 3, 0],
    ] as const) {
      const { gateway, centre } = await start({ from });
      await gateway.send(sms);
      const expected = { source_addr: from, source_addr_ton: ton, source_addr_npi: npi };
      expect(centre.taken()[0]?.fields).toMatchObject(expected);
    }
  });

  it.each(['udh', 'sar', 'payload'] as const)('hands a long text over by %s', async (long) => {
    const { gateway, centre } = await start({ long });
    const text = `${'a'.repeat(152)}€${'é'.repeat(160)}`;
    expect((await gateway.send({ ...sms, text })).status).toBe('accepted');
    expect(centre.taken()).toMatchObject([{ text, parts: long === 'payload' ? 1 : 3 }]);
  });

  it('waits for a busy centre between parts, and does not begin again', async () => {
    const { gateway, centre } = await start();
    centre.faults.statuses = [0, 0x58, 0];
    expect((await gateway.send({ ...sms, text: 'a'.repeat(200) })).status).toBe('accepted');
    expect(centre.taken()).toMatchObject([{ parts: 2 }]);
    centre.faults.statuses = [0, 0x45, 0x45];
    const torn = await gateway.send({ ...sms, text: 'b'.repeat(200) });
    expect(torn).toEqual({ status: 'unknown', reason: 'smpp.45 in part 2' });
  });

  it('keeps within its window', async () => {
    const centre = await startCentre({ answerAfterMs: 10 });
    const gateway = new SmppGateway({ ...base, port: centre.port, window: 3 });
    running.push({ stop: () => gateway.close() }, centre);
    const numbers = Array.from({ length: 20 }, (_, n) => `+336000001${String(n).padStart(2, '0')}`);
    const all = await Promise.all(numbers.map((to) => gateway.send({ ...sms, to, messageId: to })));
    expect(all.map(({ status }) => status)).toEqual(Array(20).fill('accepted'));
    expect(centre.mostAtOnce()).toBe(3);
  });

  it('binds again after the connection is lost, and after the centre stops answering', async () => {
    const { gateway, centre } = await start({ enquireEveryMs: 30, timeoutMs: 300 });
    centre.faults.fault = 'dropBefore';
    expect(await gateway.send(sms)).toMatchObject({ status: 'unknown', reason: 'smpp.closed' });
    centre.faults.fault = 'none';
    await vi.waitFor(() => expect(centre.binds()).toHaveLength(2));
    centre.faults.answersEnquiries = false;
    await vi.waitFor(() => expect(centre.binds().length).toBeGreaterThan(2), { timeout: 5_000 });
    centre.faults.answersEnquiries = true;
    await vi.waitFor(async () => expect((await gateway.send(sms)).status).toBe('accepted'));
  });

  it('binds a transmitter and a receiver where the centre wants a pair', async () => {
    const { gateway, centre } = await start({ bind: 'pair' });
    expect([...centre.binds()].sort()).toEqual(['bind_receiver', 'bind_transmitter']);
    await gateway.send(sms);
    const [taken] = centre.taken();
    await centre.deliver(receiptFields(taken?.id ?? '', 'delivered', sms));
    expect(inbox.receipts).toMatchObject([{ messageId: 'msg_a', state: 'delivered' }]);
  });

  it('learns from a late answer that a message was taken after all', async () => {
    const { gateway, centre } = await start({ timeoutMs: 150 });
    centre.faults.fault = 'silent';
    expect((await gateway.send(sms)).status).toBe('unknown');
    centre.answerLate();
    await vi.waitFor(() =>
      expect(inbox.receipts).toMatchObject([{ messageId: 'msg_a', state: 'accepted' }]),
    );
  });

  it('traces a receipt of a message it knows no id of by number and mark', async () => {
    const { gateway, centre } = await start();
    centre.faults.fault = 'dropAfter';
    expect((await gateway.send(sms)).status).toBe('unknown');
    centre.faults.fault = 'none';
    await vi.waitFor(() => expect(centre.binds()).toHaveLength(2));
    const mark = messageMark(sms.messageId);
    const receipt = receiptFields(centre.taken()[0]?.id ?? '', 'delivered', sms);
    await centre.deliver({ ...receipt, user_message_reference: mark });
    expect(inbox.receipts).toMatchObject([{ messageId: null, trace: { to: sms.to, mark } }]);
  });

  it.each([
    ['decimalOfHex', (id: string) => String(Number.parseInt(id, 16)).padStart(10, '0')],
    ['same', (id: string) => id],
  ] as const)('knows receipts whose ids are %s', async (receiptIds, written) => {
    const { gateway, centre } = await start({ receiptIds });
    await gateway.send(sms);
    const id = written(centre.taken()[0]?.id ?? '');
    await centre.deliver({ ...receiptFields(id, 'failed', sms), receipted_message_id: id });
    expect(inbox.receipts).toMatchObject([{ messageId: 'msg_a', state: 'failed' }]);
  });

  it('has the centre try again while what it says cannot be written down', async () => {
    const { centre } = await start();
    vi.spyOn(inbox, 'receipt').mockRejectedValueOnce(new Error('away'));
    const receipt = receiptFields('1', 'delivered', sms);
    expect(await centre.deliver(receipt)).toBe(0x64);
    expect(await centre.deliver(receipt)).toBe(0);
  });

  it('cannot be asked where the centre does not know query_sm', async () => {
    const { gateway, centre } = await start();
    centre.faults.queryState = undefined;
    expect(await gateway.report?.('A0')).toEqual({ status: 'absent', isProof: false });
  });
});
