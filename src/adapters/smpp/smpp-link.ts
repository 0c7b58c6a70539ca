import smpp, { type Pdu, type Session } from 'smpp';
import { messageOf } from '../../domain/errors.js';
import { smppReason } from './smpp-status.js';

/** What a link may do: send, receive, or both. */
export type BindAs = 'transceiver' | 'transmitter' | 'receiver';

export interface SmppLinkOptions {
  readonly host: string;
  readonly port: number;
  /** absent: no TLS */
  readonly tls?: { readonly ca?: string; readonly rejectUnauthorized?: boolean };
  readonly bindAs: BindAs;
  readonly systemId: string;
  readonly password: string;
  readonly systemType: string;
  /** most time for connecting, for a bind and for an enquire_link */
  readonly answerTimeoutMs: number;
  readonly enquireEveryMs: number;
  /** first and longest pause before connecting again */
  readonly reconnectMs: readonly [number, number];
  /** handles a deliver_sm. @returns the command_status to answer with */
  readonly onDeliver: (pdu: Pdu) => Promise<number>;
}

/** What came of a request: answered; surely not sent; or sent, as far as anybody knows. */
export type LinkAnswer =
  | { readonly status: 'answered'; readonly pdu: Pdu }
  | { readonly status: 'notSent'; readonly reason: string }
  | { readonly status: 'unknown'; readonly reason: string };

const INTERFACE_VERSION = 0x34;

/**
 * One connection to an SMS centre (SMPP 3.4) that keeps itself bound: it asks whether the other side
 * lives, and connects again with growing pauses when it does not. It never sends anything twice.
 */
export class SmppLink {
  readonly #options: SmppLinkOptions;
  readonly #pending = new Set<(answer: LinkAnswer) => void>();
  #session: Session | undefined;
  #isBound = false;
  #isClosed = false;
  #why = 'not connected yet';
  #failures = 0;
  #enquiry: NodeJS.Timeout | undefined;
  #retry: NodeJS.Timeout | undefined;
  #waiting: (() => void)[] = [];

  constructor(options: SmppLinkOptions) {
    this.#options = options;
  }

  /** Why it is not bound. */
  get why(): string {
    return this.#why;
  }

  /** Begins to connect, unless it has begun. */
  open(): void {
    if (this.#session === undefined && this.#retry === undefined && !this.#isClosed) {
      this.#connect();
    }
  }

  /** @returns whether it is bound, after at most `timeoutMs` or the first attempt that failed */
  async bound(timeoutMs: number): Promise<boolean> {
    if (this.#isBound) return true;
    this.open();
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, timeoutMs);
      this.#waiting.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
    return this.#isBound;
  }

  /**
   * Sends a request and waits for its response.
   * @param onLate told of a response that came after the time-out
   */
  async request(pdu: Pdu, timeoutMs: number, onLate?: (late: Pdu) => void): Promise<LinkAnswer> {
    const session = this.#session;
    if (!this.#isBound || session === undefined) return { status: 'notSent', reason: this.#why };
    return new Promise<LinkAnswer>((resolve) => {
      const settle = (answer: LinkAnswer): void => {
        clearTimeout(timer);
        this.#pending.delete(settle);
        resolve(answer);
      };
      const timer = setTimeout(
        () => settle({ status: 'unknown', reason: 'smpp.timeout' }),
        timeoutMs,
      );
      this.#pending.add(settle);
      const isSent = session.send(pdu, (response) => {
        if (this.#pending.has(settle)) settle({ status: 'answered', pdu: response });
        else onLate?.(response);
      });
      if (!isSent) settle({ status: 'notSent', reason: 'smpp.closed' });
    });
  }

  /** Unbinds and ends; nothing is connected again. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#retry);
    const session = this.#session;
    if (session === undefined) return;
    if (this.#isBound) await this.request(new smpp.PDU('unbind'), this.#options.answerTimeoutMs);
    await new Promise<void>((resolve) => {
      if (this.#session === undefined) resolve();
      else session.destroy(resolve);
    });
  }

  #connect(): void {
    const { host, port, tls, answerTimeoutMs } = this.#options;
    const session = smpp.connect({ host, port, ...(tls ? { tls: true, ...tls } : {}) }, () =>
      this.#bind(session, limit),
    );
    const limit = setTimeout(() => {
      this.#why = `no bind within ${answerTimeoutMs} ms`;
      session.destroy();
    }, answerTimeoutMs);
    this.#session = session;
    session.on('error', (error) => {
      this.#why = messageOf(error);
      session.destroy();
    });
    session.on('close', () => {
      clearTimeout(limit);
      this.#lost(session);
    });
    session.on('pdu', (pdu: Pdu) => this.#serve(session, pdu));
  }

  #bind(session: Session, limit: NodeJS.Timeout): void {
    // Else the second of two small requests waits for the answer to the first.
    session.socket.setNoDelay(true);
    const { bindAs, systemId, password, systemType } = this.#options;
    const bind = new smpp.PDU(`bind_${bindAs}`, {
      system_id: systemId,
      password,
      system_type: systemType,
      interface_version: INTERFACE_VERSION,
    });
    session.send(bind, (response) => {
      clearTimeout(limit);
      if (response.command_status !== 0) {
        this.#why = `bind refused: ${smppReason(response.command_status)}`;
        session.destroy();
        return;
      }
      this.#isBound = true;
      this.#why = '';
      this.#failures = 0;
      this.#enquiry = setInterval(() => this.#enquire(session), this.#options.enquireEveryMs);
      this.#tellWaiting();
    });
  }

  #enquire(session: Session): void {
    this.request(new smpp.PDU('enquire_link'), this.#options.answerTimeoutMs)
      .then((answer) => {
        if (answer.status === 'answered' || session !== this.#session) return;
        this.#why = 'enquire_link was not answered';
        session.destroy();
      })
      .catch((error) => session.destroy(() => messageOf(error)));
  }

  /** What the centre asks of us. */
  #serve(session: Session, pdu: Pdu): void {
    if (pdu.isResponse()) return;
    switch (pdu.command) {
      case 'deliver_sm':
      case 'data_sm':
        this.#options
          .onDeliver(pdu)
          .catch(() => smpp.errors.ESME_RX_T_APPN ?? 0x64)
          .then((command_status) => session.send(pdu.response({ command_status })))
          .catch(() => session.destroy());
        return;
      case 'unbind':
        this.#why = 'the centre unbound';
        session.send(pdu.response());
        session.close();
        return;
      default:
        session.send(pdu.response());
    }
  }

  #lost(session: Session): void {
    if (session !== this.#session) return;
    clearInterval(this.#enquiry);
    if (this.#isBound && this.#why === '') this.#why = 'the connection was lost';
    this.#isBound = false;
    this.#session = undefined;
    for (const settle of [...this.#pending]) settle({ status: 'unknown', reason: 'smpp.closed' });
    this.#tellWaiting();
    if (this.#isClosed) return;
    const [first, longest] = this.#options.reconnectMs;
    const ceiling = Math.min(longest, first * 2 ** Math.min(16, this.#failures++));
    this.#retry = setTimeout(
      () => {
        this.#retry = undefined;
        this.open();
      },
      ceiling / 2 + (ceiling / 2) * Math.random(),
    );
  }

  #tellWaiting(): void {
    for (const tell of this.#waiting.splice(0)) tell();
  }
}
