import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { type SimulatorClock, WallClock } from './clock.js';
import { WebhookSender } from './gateway/callbacks.js';
import { type GatewayFaults, NO_FAULTS } from './gateway/faults.js';
import { GatewayHttp } from './gateway/http.js';
import { type GatewayMessage, MessageBook } from './gateway/message-book.js';
import { Random } from './random.js';

/** Everything but the account may be left out. */
export interface SmsGatewayOptions {
  readonly accountSid: string;
  readonly authToken: string;
  /** 0 or left out: any free port, on loopback */
  readonly port?: number;
  /** default: wall time */
  readonly clock?: SimulatorClock;
  readonly seed?: number;
  readonly faults?: Partial<GatewayFaults>;
  /** default 100, as a short code gives */
  readonly segmentsPerSecond?: number;
  /** creations a second before 429; default no limit */
  readonly requestsPerSecond?: number;
  /** default: everyone is in reach */
  readonly hasCoverage?: (to: string, nowMs: number) => boolean;
  /** default 30 s between attempts at a phone out of reach, and 1 h in all */
  readonly carrierRetryMs?: number;
  readonly carrierPatienceMs?: number;
  /** messages remembered; default 1,000,000 */
  readonly keep?: number;
  /** told of every change of status, before and apart from the customer's callback */
  readonly onStatus?: (message: GatewayMessage) => void;
}

/** What a subscriber texts back. */
export interface InboundText {
  readonly from: string;
  readonly to: string;
  readonly body: string;
  /** the customer's webhook for inbound messages */
  readonly url: string;
}

/** A running gateway. `faults` may be changed at any time. */
export interface SmsGateway {
  readonly url: string;
  readonly port: number;
  readonly faults: GatewayFaults;
  /** The judge: every message ever taken, in order, whatever the customer was answered. */
  sent(): readonly GatewayMessage[];
  /** Requests seen, refused and dropped ones included. */
  requests(): number;
  /** Numbers that may no longer be written to (error 21610). */
  optOut(number: string): void;
  optIn(number: string): void;
  /** A reply: STOP and ARRET words opt out, START words back in, then the webhook is posted. */
  inbound(text: InboundText): Promise<number>;
  stop(): Promise<void>;
}

const STOP_WORDS = new Set(['STOP', 'STOPALL', 'UNSUBSCRIBE', 'CANCEL', 'END', 'QUIT', 'ARRET']);
const START_WORDS = new Set(['START', 'YES', 'UNSTOP']);

function wordOf(body: string): string {
  return body.normalize('NFD').replace(/\p{M}/gu, '').trim().toUpperCase();
}

function callbackParameters(accountSid: string, message: GatewayMessage): Record<string, string> {
  const parameters: Record<string, string> = {
    AccountSid: accountSid,
    ApiVersion: '2010-04-01',
    MessageSid: message.sid,
    MessageStatus: message.status,
    SmsSid: message.sid,
    SmsStatus: message.status,
    To: message.to,
  };
  if (message.from !== null) parameters.From = message.from;
  if (message.messagingServiceSid !== null) {
    parameters.MessagingServiceSid = message.messagingServiceSid;
  }
  if (message.errorCode !== null) parameters.ErrorCode = String(message.errorCode);
  return parameters;
}

/**
 * Starts a gateway that speaks Twilio's HTTP interface (2010-04-01 Messages: create, read, list;
 * status callbacks and inbound messages signed as Twilio signs them).
 * @throws when the port is taken
 */
export async function startSmsGateway(options: SmsGatewayOptions): Promise<SmsGateway> {
  const clock = options.clock ?? new WallClock();
  const random = new Random(options.seed ?? 1, 'sms-gateway');
  const faults: GatewayFaults = { ...NO_FAULTS, ...options.faults };
  const optedOut = new Set<string>();
  const webhooks = new WebhookSender(options.authToken);
  const report = async (message: GatewayMessage): Promise<void> => {
    options.onStatus?.(message);
    const url = message.statusCallback;
    if (url === null || random.chance(faults.callbackLossRate)) return;
    const parameters = callbackParameters(options.accountSid, message);
    const post = async (): Promise<void> => void (await webhooks.post(url, parameters));
    if (random.chance(faults.callbackDoubleRate)) clock.at(clock.nowMs() + 700, post);
    if (!random.chance(faults.callbackHoldRate)) return post();
    clock.at(clock.nowMs() + random.between(0, faults.callbackHoldMs), post);
  };
  const book = new MessageBook({
    clock,
    random,
    faults,
    segmentsPerSecond: options.segmentsPerSecond ?? 100,
    hasCoverage: options.hasCoverage ?? (() => true),
    carrierRetryMs: options.carrierRetryMs ?? 30_000,
    carrierPatienceMs: options.carrierPatienceMs ?? 3_600_000,
    keep: options.keep ?? 1_000_000,
    onStatus: report,
  });
  const http = new GatewayHttp({
    ...options,
    clock,
    random,
    faults,
    book,
    requestsPerSecond: options.requestsPerSecond ?? Number.POSITIVE_INFINITY,
    isOptedOut: (to) => optedOut.has(to),
  });
  await new Promise<void>((resolve, reject) => {
    http.server.once('error', reject);
    http.server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const port = (http.server.address() as AddressInfo).port;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    faults,
    sent: () => book.list(),
    requests: () => http.requests,
    optOut: (number) => void optedOut.add(number),
    optIn: (number) => void optedOut.delete(number),
    inbound: (text) => receive(text, options.accountSid, optedOut, webhooks),
    stop: async () => {
      if (options.clock === undefined) clock.stop();
      webhooks.stop();
      http.server.closeAllConnections();
      await new Promise<void>((resolve) => http.server.close(() => resolve()));
    },
  };
}

async function receive(
  text: InboundText,
  accountSid: string,
  optedOut: Set<string>,
  webhooks: WebhookSender,
): Promise<number> {
  const word = wordOf(text.body);
  if (STOP_WORDS.has(word)) optedOut.add(text.from);
  if (START_WORDS.has(word)) optedOut.delete(text.from);
  const sid = `SM${randomBytes(16).toString('hex')}`;
  return webhooks.post(text.url, {
    AccountSid: accountSid,
    ApiVersion: '2010-04-01',
    Body: text.body,
    From: text.from,
    MessageSid: sid,
    NumMedia: '0',
    NumSegments: '1',
    SmsMessageSid: sid,
    SmsSid: sid,
    SmsStatus: 'received',
    To: text.to,
  });
}
