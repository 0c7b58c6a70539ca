import twilio from 'twilio';
import { messageOf, TocsinError } from '../../domain/errors.js';
import type {
  FindResult,
  OutgoingSms,
  SendResult,
  SmsGateway,
  SoughtSms,
} from '../../notify/ports.js';
import { TwilioHttp, TwilioHttpError } from './twilio-http.js';
import { classify } from './twilio-outcome.js';
import { readTwilioStatus } from './twilio-status.js';

/** An account, its sender, and where callbacks go. */
export interface TwilioGatewayOptions {
  readonly accountSid: string;
  readonly authToken: string;
  /** a number or an alphanumeric name; or a messaging service */
  readonly from?: string;
  readonly messagingServiceSid?: string;
  /** default: Twilio itself */
  readonly baseUrl?: string;
  /** our address as Twilio reaches it, such as `https://tocsin.example`; none: no callbacks */
  readonly publicUrl?: string;
  /** most requests under way at once; default 64 */
  readonly connections?: number;
  /** longest a request can be in flight, a third of it for connecting; default 15 s */
  readonly timeoutMs?: number;
  /**
   * Whether the account's message list shows every message at once, so that one not listed was never
   * taken. Default false: Twilio does not promise it, and a message not found stays `uncertain`.
   */
  readonly isListComplete?: boolean;
}

/** Path of status callbacks below the public URL; `m` is our message id. */
export const STATUS_CALLBACK_PATH = '/api/v1/gateway/twilio/status';

const MAX_VALIDITY_SECONDS = 36_000;
const CLOCK_SKEW_MS = 120_000;
const LATEST_MS = 600_000;
const LISTED = 200;

/**
 * SMS through Twilio's Messages resource (API 2010-04-01) by its own library. Twilio has no
 * idempotency key: one call of `send` is one request, and what cannot be known is said to be so.
 */
export class TwilioGateway implements SmsGateway {
  readonly longestInFlightMs: number;
  readonly #http: TwilioHttp;
  readonly #client: ReturnType<typeof twilio>;
  readonly #options: TwilioGatewayOptions;

  /** @throws TocsinError `input.config` without exactly one of `from` and `messagingServiceSid` */
  constructor(options: TwilioGatewayOptions) {
    if ((options.from === undefined) === (options.messagingServiceSid === undefined)) {
      throw new TocsinError(
        'input.config',
        'gateway: give one of "from" and "messagingServiceSid", and not both',
      );
    }
    this.#options = options;
    const { timeoutMs = 15_000 } = options;
    this.longestInFlightMs = timeoutMs;
    const connectTimeoutMs = Math.ceil(timeoutMs / 3);
    this.#http = new TwilioHttp({
      ...(options.baseUrl === undefined ? {} : { baseUrl: options.baseUrl }),
      connections: options.connections ?? 64,
      connectTimeoutMs,
      answerTimeoutMs: timeoutMs - connectTimeoutMs,
    });
    this.#client = twilio(options.accountSid, options.authToken, { httpClient: this.#http });
  }

  async send(sms: OutgoingSms): Promise<SendResult> {
    const { from, messagingServiceSid, publicUrl } = this.#options;
    try {
      const message = await this.#client.messages.create({
        to: sms.to,
        body: sms.text,
        validityPeriod: Math.min(MAX_VALIDITY_SECONDS, Math.max(1, sms.validitySeconds)),
        ...(from === undefined ? {} : { from }),
        ...(messagingServiceSid === undefined ? {} : { messagingServiceSid }),
        ...(publicUrl === undefined
          ? {}
          : { statusCallback: callbackUrl(publicUrl, sms.messageId) }),
      });
      if (!message.sid) return { status: 'unknown', reason: 'an answer without a message id' };
      return { status: 'accepted', gatewayId: message.sid };
    } catch (error) {
      return classify(error);
    }
  }

  async find(sought: SoughtSms): Promise<FindResult> {
    const listed = await this.#list(sought.to);
    const from = sought.handedOverAtMs - CLOCK_SKEW_MS;
    const until = sought.handedOverAtMs + LATEST_MS;
    let couldBeIt = false;
    for (const message of listed) {
      const createdMs = message.dateCreated?.getTime() ?? Number.NaN;
      const isOurs = message.direction.startsWith('outbound') && message.to === sought.to;
      if (!isOurs || createdMs < from || createdMs > until) continue;
      if (await sought.isTaken(message.sid)) continue;
      if (message.body !== sought.text) {
        couldBeIt = true;
        continue;
      }
      const errorCode = message.errorCode ? String(message.errorCode) : null;
      const state = readTwilioStatus(message.status, errorCode).state ?? 'accepted';
      return { status: 'found', gatewayId: message.sid, state, errorCode };
    }
    const isProof = (this.#options.isListComplete ?? false) && !couldBeIt;
    return { status: 'absent', isProof };
  }

  async report(gatewayId: string): Promise<FindResult> {
    try {
      const message = await this.#client.messages(gatewayId).fetch();
      const errorCode = message.errorCode ? String(message.errorCode) : null;
      const state = readTwilioStatus(message.status, errorCode).state ?? 'accepted';
      return { status: 'found', gatewayId, state, errorCode };
    } catch (error) {
      if (error instanceof TwilioHttpError && error.status === 404) {
        return { status: 'absent', isProof: false };
      }
      throw new TocsinError('unavailable.gateway', `Twilio: ${messageOf(error)}`, { cause: error });
    }
  }

  async check(): Promise<void> {
    try {
      await this.#client.api.v2010.accounts(this.#options.accountSid).fetch();
    } catch (error) {
      throw new TocsinError('unavailable.gateway', `Twilio: ${messageOf(error)}`, { cause: error });
    }
  }

  async close(): Promise<void> {
    await this.#http.close();
  }

  /** The newest messages to a number. A message that is queued has no date sent to filter by. */
  async #list(to: string) {
    try {
      return await this.#client.messages.list({ to, limit: LISTED, pageSize: LISTED });
    } catch (error) {
      throw new TocsinError('unavailable.gateway', `Twilio: ${messageOf(error)}`, { cause: error });
    }
  }
}

/** Where Twilio reports on a message of ours. */
export function callbackUrl(publicUrl: string, messageId: string): string {
  return `${publicUrl.replace(/\/$/, '')}${STATUS_CALLBACK_PATH}?m=${encodeURIComponent(messageId)}`;
}
