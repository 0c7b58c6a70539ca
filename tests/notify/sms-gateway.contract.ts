import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type {
  InboundSms,
  OutgoingSms,
  ReceiptInput,
  SendResult,
  SmsGateway,
} from '../../src/notify/ports.js';

/** What the other side does with the next message. */
export type PeerFault =
  | 'none'
  | 'refuses'
  | 'optedOut'
  | 'tooFast'
  | 'dropsAfterTaking'
  | 'neverAnswers';

/** A gateway that is connected to a real peer, and what the test may do there. */
export interface ConnectedGateway {
  readonly gateway: SmsGateway;
  /** numbers and texts the peer took, in order, whatever it answered */
  taken(): readonly { readonly to: string; readonly text: string }[];
  setFault(fault: PeerFault): void;
  /** the peer reports on a message it took */
  report(gatewayId: string, state: 'delivered' | 'failed', sms: OutgoingSms): Promise<void>;
  /** the subscriber answers */
  reply(from: string, body: string): Promise<void>;
  stop(): Promise<void>;
}

/** What reached our side. */
export class MemoryInbox {
  readonly receipts: ReceiptInput[] = [];
  readonly texts: InboundSms[] = [];

  async receipt(input: ReceiptInput): Promise<'applied'> {
    this.receipts.push(input);
    return 'applied';
  }

  async inbound(sms: InboundSms): Promise<'out' | 'in' | undefined> {
    this.texts.push(sms);
    return undefined;
  }
}

export interface GatewayContract {
  readonly name: string;
  /** connected with the right account; `timeoutMs` is the longest a message may be in flight */
  connect(inbox: MemoryInbox, timeoutMs: number): Promise<ConnectedGateway>;
  /** a gateway with a wrong account, and one at whose address nobody listens */
  strangers(): Promise<{ wrongAccount: SmsGateway; nobody: SmsGateway; stop(): Promise<void> }>;
}

const TIMEOUT_MS = 600;
let lastMessage = 0;

function sms(change: Partial<OutgoingSms> = {}): OutgoingSms {
  const messageId = `msg_${++lastMessage}`;
  const to = `+3360000${String(lastMessage).padStart(4, '0')}`;
  return { messageId, to, text: 'Coupure à Évreux', validitySeconds: 600, ...change };
}

/** What every way out to phones must do, whoever is at the other end. */
export function smsGatewayContract({ name, connect, strangers }: GatewayContract): void {
  describe(`${name} as an SMS gateway`, () => {
    let inbox: MemoryInbox;
    let peer: ConnectedGateway;

    beforeAll(async () => {
      inbox = new MemoryInbox();
      peer = await connect(inbox, TIMEOUT_MS);
    });
    afterAll(() => peer.stop());
    beforeEach(() => peer.setFault('none'));

    const takenOf = ({ to }: OutgoingSms) => peer.taken().filter((each) => each.to === to);
    const accept = async (message: OutgoingSms): Promise<string> => {
      const result = await peer.gateway.send(message);
      if (result.status !== 'accepted') throw new Error(JSON.stringify(result));
      return result.gatewayId;
    };

    it.each([
      ['a plain text', 'Réseau coupé à Lyon: retour prévu à 15:30 {env} [~] €'],
      ['a text outside GSM-7', 'Réseau rétabli à Ploërmel ✓ 🙂'],
      ['a text of several segments', `${'Le réseau est coupé. '.repeat(14)}€`],
      ['a long text outside GSM-7', `${'Ağ çalışmıyor. '.repeat(10)}🙂`],
    ])('hands %s over whole, once', async (_, text) => {
      const message = sms({ text });
      await accept(message);
      expect(takenOf(message)).toEqual([{ to: message.to, text }]);
    });

    it.each<[PeerFault, Partial<SendResult>]>([
      ['refuses', { status: 'refused', isOptOut: false }],
      ['optedOut', { status: 'refused', isOptOut: true }],
      ['tooFast', { status: 'busy', isOutage: false }],
    ])('says what came of a message when the other side %s it', async (fault, expected) => {
      peer.setFault(fault);
      const message = sms();
      expect(await peer.gateway.send(message)).toMatchObject(expected);
      expect(takenOf(message)).toEqual([]);
    });

    it.each<PeerFault>(['dropsAfterTaking', 'neverAnswers'])(
      'does not know what came of it when the other side %s, and tries no second time',
      async (fault) => {
        peer.setFault(fault);
        const message = sms();
        expect(await peer.gateway.send(message)).toMatchObject({ status: 'unknown' });
        peer.setFault('none');
        await accept(sms());
        expect(takenOf(message)).toHaveLength(1);
      },
    );

    it.each(['delivered', 'failed'] as const)('passes on that a message is %s', async (state) => {
      const message = sms();
      const gatewayId = await accept(message);
      await peer.report(gatewayId, state, message);
      await vi.waitFor(() =>
        expect(inbox.receipts.filter((each) => each.gatewayId === gatewayId)).toContainEqual(
          expect.objectContaining({ state, messageId: message.messageId }),
        ),
      );
    });

    it('passes on what a subscriber answers, with the number in E.164', async () => {
      const { to } = sms();
      await peer.reply(to, 'ARRÊT');
      await vi.waitFor(() => expect(inbox.texts).toContainEqual({ from: to, body: 'ARRÊT' }));
    });

    it('can be asked what became of a message it took, and does not know a strange one', async () => {
      const gatewayId = await accept(sms());
      expect(await peer.gateway.report?.(gatewayId)).toMatchObject({ status: 'found', gatewayId });
      expect(await peer.gateway.report?.('deadbeef')).toMatchObject({ status: 'absent' });
    });

    it('answers when the account is good', async () => {
      await expect(peer.gateway.check()).resolves.toBeUndefined();
    });

    it('says why it cannot be used: a wrong account, or nobody there', async () => {
      const { wrongAccount, nobody, stop } = await strangers();
      for (const gateway of [wrongAccount, nobody]) {
        await expect(gateway.check()).rejects.toMatchObject({ code: 'unavailable.gateway' });
        expect(await gateway.send(sms())).toMatchObject({ status: 'busy', isOutage: true });
      }
      await stop();
    });
  });
}
