import { setTimeout as delay } from 'node:timers/promises';
import { isSupportedCountry } from 'libphonenumber-js/min';
import smpp, { type Pdu } from 'smpp';
import { TocsinError } from '../../domain/errors.js';
import { messageMark } from '../../notify/message-mark.js';
import type {
  FindResult,
  GatewayInbox,
  OutgoingSms,
  SendResult,
  SmsGateway,
} from '../../notify/ports.js';
import {
  asReceipted,
  asSubmitted,
  type DeliverOptions,
  type ReceiptIds,
  readDeliverSm,
  storedReceiptId,
} from './smpp-deliver.js';
import { SmppLink, type SmppLinkOptions } from './smpp-link.js';
import { refusalOf, stateOfSmpp } from './smpp-status.js';
import { type LongMessages, type SmppPart, smppParts } from './smpp-text.js';
import { validityPeriod } from './smpp-time.js';
import { Window } from './window.js';

/** An SMS centre, our account there, and its ways. */
export interface SmppGatewayOptions {
  readonly host: string;
  /** default 2775, with TLS 3550 */
  readonly port?: number;
  readonly tls?: { readonly ca?: string; readonly rejectUnauthorized?: boolean };
  readonly systemId: string;
  readonly password: string;
  readonly systemType?: string;
  /** one link for both ways, or one each; default transceiver */
  readonly bind?: 'transceiver' | 'pair';
  /** the sender: a number with +, a short code or a name */
  readonly from: string;
  readonly sourceTon?: number;
  readonly sourceNpi?: number;
  readonly serviceType?: string;
  /** most submit_sm without a response; default 10 */
  readonly window?: number;
  /** longest from taking a message to knowing what came of it; default 15 s */
  readonly timeoutMs?: number;
  /** default 30 s */
  readonly enquireEveryMs?: number;
  /** first and longest pause before connecting again; default 1 s, 30 s */
  readonly reconnectMs?: readonly [number, number];
  /** default udh */
  readonly long?: LongMessages;
  /** data coding of GSM-7 texts; default 0, the centre's own */
  readonly gsmDataCoding?: number;
  /** how receipts write the ids of submit_sm_resp; default same */
  readonly receiptIds?: ReceiptIds;
  /** how the validity period is written; default relative */
  readonly validity?: 'relative' | 'absolute';
  /** command statuses, and `err:` codes of receipts, that mean that the person opted out */
  readonly optedOutStatuses?: readonly number[];
  readonly optedOutErrors?: readonly string[];
  /** country of numbers that the centre writes without their country code, ISO 3166-1 alpha-2 */
  readonly region?: string;
}

const DEFAULT_TIMEOUT_MS = 15_000;
/** Messages whose receipt may come before it is written down that they were taken. */
const REMEMBERED = 20_000;
const UNKNOWN_COMMAND = 0x03;
/** Between two attempts at a part that the centre was too busy for while the first is on its way. */
const PART_PAUSE_MS = 250;

/**
 * SMS through an operator's own centre by SMPP 3.4. A submit_sm without a response is never repeated:
 * its fate is unknown until a receipt tells it, traced by the mark in user_message_reference.
 */
export class SmppGateway implements SmsGateway {
  readonly longestInFlightMs: number;
  readonly #options: SmppGatewayOptions;
  readonly #sending: SmppLink;
  readonly #receiving: SmppLink;
  readonly #window: Window;
  readonly #deliver: DeliverOptions;
  readonly #ids: ReceiptIds;
  /** our id of a message by the centre's, oldest first */
  readonly #taken = new Map<string, string>();
  #inbox: GatewayInbox | undefined;

  constructor(options: SmppGatewayOptions) {
    this.#options = options;
    this.longestInFlightMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    this.#window = new Window(options.window ?? 10);
    this.#ids = options.receiptIds ?? 'same';
    const { region } = options;
    this.#deliver = {
      optedOut: options.optedOutErrors ?? [],
      region: region !== undefined && isSupportedCountry(region) ? region : undefined,
    };
    const link = this.#linkOptions();
    const isPair = options.bind === 'pair';
    this.#sending = new SmppLink({ ...link, bindAs: isPair ? 'transmitter' : 'transceiver' });
    this.#receiving = isPair ? new SmppLink({ ...link, bindAs: 'receiver' }) : this.#sending;
  }

  listen(inbox: GatewayInbox): void {
    this.#inbox = inbox;
    this.#sending.open();
    this.#receiving.open();
  }

  async send(sms: OutgoingSms): Promise<SendResult> {
    const deadline = performance.now() + this.longestInFlightMs;
    const third = this.longestInFlightMs / 3;
    if (!(await this.#sending.bound(third))) {
      return { status: 'busy', reason: 'smpp.notBound', retryAfterMs: null, isOutage: true };
    }
    const { long = 'udh', gsmDataCoding = 0 } = this.#options;
    const mark = messageMark(sms.messageId);
    const parts = smppParts(sms.text, { long, gsmDataCoding, reference: mark });
    let result: SendResult = { status: 'unknown', reason: 'smpp.noPart' };
    for (const [index, part] of parts.entries()) {
      const isLast = index === parts.length - 1;
      result = await this.#submit(sms, part, { deadline, isLast });
      while (index > 0 && isAskedToWait(result) && performance.now() + PART_PAUSE_MS < deadline) {
        await delay(PART_PAUSE_MS);
        result = await this.#submit(sms, part, { deadline, isLast });
      }
      if (result.status === 'accepted') continue;
      // What is on its way cannot be called back: it must not be sent again from the start.
      return index > 0 && result.status === 'busy'
        ? { status: 'unknown', reason: `${result.reason} in part ${index + 1}` }
        : result;
    }
    return result;
  }

  /** SMPP asks by the centre's id only, which is just what is not known. */
  async find(): Promise<FindResult> {
    return { status: 'absent', isProof: false };
  }

  async report(gatewayId: string): Promise<FindResult> {
    const asked = new smpp.PDU('query_sm', {
      message_id: asSubmitted(gatewayId, this.#ids),
      ...this.#source(),
    });
    if (!(await this.#sending.bound(this.longestInFlightMs))) throw this.#away();
    const answer = await this.#sending.request(asked, this.longestInFlightMs);
    if (answer.status !== 'answered') throw this.#away(answer.reason);
    const { command_status, message_state, error_code } = answer.pdu;
    const state = command_status === 0 ? stateOfSmpp(Number(message_state)) : null;
    if (command_status === UNKNOWN_COMMAND || state === null) {
      return { status: 'absent', isProof: false };
    }
    const errorCode = error_code ? String(error_code) : null;
    return { status: 'found', gatewayId, state, errorCode };
  }

  async check(): Promise<void> {
    const links = new Set([this.#sending, this.#receiving]);
    for (const link of links) {
      if (!(await link.bound(this.longestInFlightMs))) throw this.#away(link.why);
      const answer = await link.request(new smpp.PDU('enquire_link'), this.longestInFlightMs);
      if (answer.status !== 'answered') throw this.#away(answer.reason);
    }
  }

  async close(): Promise<void> {
    await Promise.all([...new Set([this.#sending, this.#receiving])].map((link) => link.close()));
  }

  async #submit(
    sms: OutgoingSms,
    part: SmppPart,
    { deadline, isLast }: { readonly deadline: number; readonly isLast: boolean },
  ): Promise<SendResult> {
    const left = (): number => Math.max(0, deadline - performance.now());
    if (!(await this.#window.enter(left() / 2))) {
      return { status: 'busy', reason: 'smpp.windowFull', retryAfterMs: null, isOutage: false };
    }
    try {
      const pdu = this.#submitSm(sms, part, isLast);
      const answer = await this.#sending.request(pdu, left(), (late) => this.#late(sms, late));
      if (answer.status === 'notSent') {
        return { status: 'busy', reason: answer.reason, retryAfterMs: null, isOutage: true };
      }
      if (answer.status === 'unknown') return { status: 'unknown', reason: answer.reason };
      return this.#resultOf(sms, answer.pdu);
    } finally {
      this.#window.leave();
    }
  }

  #resultOf(sms: OutgoingSms, response: Pdu): SendResult {
    const { command_status, message_id } = response;
    if (command_status !== 0)
      return refusalOf(command_status, this.#options.optedOutStatuses ?? []);
    if (typeof message_id !== 'string' || message_id === '') {
      return { status: 'unknown', reason: 'an answer without a message id' };
    }
    const gatewayId = this.#storedId(message_id);
    this.#taken.set(gatewayId, sms.messageId);
    if (this.#taken.size > REMEMBERED) {
      for (const oldest of this.#taken.keys()) {
        this.#taken.delete(oldest);
        break;
      }
    }
    return { status: 'accepted', gatewayId };
  }

  /** A response after the time-out still says that it was taken; what else it says is told by nobody. */
  #late(sms: OutgoingSms, response: Pdu): void {
    const result = this.#resultOf(sms, response);
    if (result.status !== 'accepted') return;
    const { gatewayId } = result;
    const word = { status: 'submitted', state: 'accepted', errorCode: null } as const;
    this.#inbox
      ?.receipt({ ...word, gatewayId, isOptOut: false, messageId: sms.messageId })
      .catch(() => this.#taken.set(gatewayId, sms.messageId));
  }

  #submitSm(sms: OutgoingSms, part: SmppPart, isLast: boolean): Pdu {
    const { serviceType = '', validity = 'relative' } = this.#options;
    return new smpp.PDU('submit_sm', {
      ...part,
      ...this.#source(),
      service_type: serviceType,
      dest_addr_ton: 1,
      dest_addr_npi: 1,
      destination_addr: sms.to.replace(/^\+/, ''),
      validity_period: validityPeriod(sms.validitySeconds, validity, Date.now()),
      // a phone shows a text when all of it is there, so the last part speaks for it
      registered_delivery: isLast ? 1 : 0,
      user_message_reference: messageMark(sms.messageId),
    });
  }

  /** Address with type of number and plan: a name, a number with +, or a short code. */
  #source(): Record<string, string | number> {
    const { from, sourceTon, sourceNpi } = this.#options;
    const [ton, npi] = from.startsWith('+') ? [1, 1] : /^\d+$/.test(from) ? [3, 0] : [5, 0];
    return {
      source_addr_ton: sourceTon ?? ton,
      source_addr_npi: sourceNpi ?? npi,
      source_addr: from.replace(/^\+/, ''),
    };
  }

  #linkOptions(): Omit<SmppLinkOptions, 'bindAs'> {
    const { host, port, tls, systemId, password, systemType = '' } = this.#options;
    const { enquireEveryMs = 30_000, reconnectMs = [1_000, 30_000] } = this.#options;
    return {
      host,
      port: port ?? (tls === undefined ? 2775 : 3550),
      ...(tls === undefined ? {} : { tls }),
      systemId,
      password,
      systemType,
      answerTimeoutMs: Math.min(this.longestInFlightMs, 10_000),
      enquireEveryMs,
      reconnectMs,
      onDeliver: (pdu) => this.#delivered(pdu),
    };
  }

  /** @returns 0 once it is written down; else the centre is to try again */
  async #delivered(pdu: Pdu): Promise<number> {
    const inbox = this.#inbox;
    const delivered = readDeliverSm(pdu, this.#deliver);
    if (delivered.kind === 'other') return 0;
    if (inbox === undefined) return smpp.errors.ESME_RX_T_APPN ?? 0x64;
    if (delivered.kind === 'text') {
      await inbox.inbound(delivered.sms);
      return 0;
    }
    const gatewayId = storedReceiptId(delivered.receipt.gatewayId, this.#ids);
    const messageId = this.#taken.get(gatewayId) ?? null;
    await inbox.receipt({ ...delivered.receipt, gatewayId, messageId });
    return 0;
  }

  #storedId(submitted: string): string {
    return storedReceiptId(asReceipted(submitted, this.#ids), this.#ids);
  }

  #away(why = this.#sending.why): TocsinError {
    return new TocsinError('unavailable.gateway', `SMS centre ${this.#options.host}: ${why}`);
  }
}

function isAskedToWait(result: SendResult): boolean {
  return result.status === 'busy' && !result.isOutage;
}
