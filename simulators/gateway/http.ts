import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { SimulatorClock } from '../clock.js';
import type { Random } from '../random.js';
import type { GatewayFaults } from './faults.js';
import type { GatewayMessage, MessageBook, MessageRequest } from './message-book.js';

const BODY_LIMIT = 64 * 1024;

/** What the HTTP side stands on. */
export interface GatewayHttpOptions {
  readonly accountSid: string;
  readonly authToken: string;
  readonly clock: SimulatorClock;
  readonly random: Random;
  readonly faults: GatewayFaults;
  readonly book: MessageBook;
  /** creations beyond it within a second are answered 429 */
  readonly requestsPerSecond: number;
  readonly isOptedOut: (to: string) => boolean;
}

/** An answer in Twilio's own words. */
interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

function refusal(status: number, code: number, message: string, headers = {}): Answer {
  const more_info = `https://www.twilio.com/docs/errors/${code}`;
  return { status, body: { code, message, more_info, status }, headers };
}

function rfc2822(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toUTCString().replace('GMT', '+0000');
}

function messageBody(accountSid: string, message: GatewayMessage): Record<string, unknown> {
  const uri = `/2010-04-01/Accounts/${accountSid}/Messages/${message.sid}`;
  return {
    account_sid: accountSid,
    api_version: '2010-04-01',
    body: message.body,
    date_created: rfc2822(message.atMs),
    date_sent: rfc2822(message.sentAtMs),
    date_updated: rfc2822(message.updatedAtMs),
    direction: 'outbound-api',
    error_code: message.errorCode,
    error_message: null,
    from: message.from,
    messaging_service_sid: message.messagingServiceSid,
    num_media: '0',
    num_segments: String(message.segments),
    price: null,
    price_unit: 'USD',
    sid: message.sid,
    status: message.status,
    subresource_uris: { media: `${uri}/Media.json` },
    to: message.to,
    uri: `${uri}.json`,
  };
}

async function readForm(request: IncomingMessage): Promise<URLSearchParams | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > BODY_LIMIT) return undefined;
    chunks.push(chunk);
  }
  return new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
}

/** Twilio's checks of a creation, with its codes. */
function readRequest(form: URLSearchParams): MessageRequest | Answer {
  const to = form.get('To') ?? '';
  const from = form.get('From');
  const messagingServiceSid = form.get('MessagingServiceSid');
  const body = form.get('Body') ?? '';
  const validitySeconds = Number(form.get('ValidityPeriod') ?? '36000');
  if (to === '') return refusal(400, 21604, "A 'To' phone number is required.");
  if (!/^\+[1-9]\d{6,14}$/.test(to)) {
    return refusal(400, 21211, `Invalid 'To' Phone Number: ${to}`);
  }
  if (from === null && messagingServiceSid === null) {
    return refusal(400, 21603, "A 'From' or 'MessagingServiceSid' parameter is required.");
  }
  if (body === '') return refusal(400, 21602, 'Message body is required.');
  if (body.length > 1600) return refusal(400, 21617, 'The concatenated message body exceeds 1600.');
  if (!(Number.isInteger(validitySeconds) && validitySeconds >= 1 && validitySeconds <= 36_000)) {
    return refusal(400, 20001, 'ValidityPeriod must be an integer from 1 to 36000.');
  }
  const statusCallback = form.get('StatusCallback');
  if (statusCallback !== null && !/^https?:\/\//.test(statusCallback)) {
    return refusal(400, 21609, `Invalid 'StatusCallback' URL: ${statusCallback}`);
  }
  return { to, from, messagingServiceSid, body, statusCallback, validitySeconds };
}

/** `DateSent`, `DateSent<` and `DateSent>`; a message not yet sent has no such date. */
function dateFilter(query: URLSearchParams): (message: GatewayMessage) => boolean {
  const exact = query.get('DateSent');
  const before = query.get('DateSent<');
  const after = query.get('DateSent>');
  if (exact === null && before === null && after === null) return () => true;
  return ({ sentAtMs }) => {
    if (sentAtMs === null) return false;
    if (exact !== null && new Date(sentAtMs).toISOString().slice(0, 10) !== exact.slice(0, 10)) {
      return false;
    }
    if (before !== null && sentAtMs > Date.parse(before)) return false;
    return after === null || sentAtMs >= Date.parse(after);
  };
}

/** The HTTP face of the gateway: routing, sign-in, faults on the wire. */
export class GatewayHttp {
  readonly server: Server;
  readonly #options: GatewayHttpOptions;
  readonly #expected: string;
  readonly #root: string;
  #second = 0;
  #inSecond = 0;
  #requests = 0;

  constructor(options: GatewayHttpOptions) {
    this.#options = options;
    const credentials = `${options.accountSid}:${options.authToken}`;
    this.#expected = `Basic ${Buffer.from(credentials).toString('base64')}`;
    this.#root = `/2010-04-01/Accounts/${options.accountSid}`;
    this.server = createServer((request, response) => {
      this.#serve(request, response).catch(() => request.socket.destroy());
    });
    this.server.keepAliveTimeout = 30_000;
  }

  /** Requests seen so far, refused and dropped ones included. */
  get requests(): number {
    return this.#requests;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#requests++;
    const url = new URL(request.url ?? '/', 'http://gateway');
    const creating = request.method === 'POST' && url.pathname === `${this.#root}/Messages.json`;
    if (request.headers.authorization !== this.#expected) {
      this.#answer(response, refusal(401, 20003, 'Authenticate'));
    } else if (creating) {
      await this.#create(request, response);
    } else if (request.method === 'GET') {
      this.#answer(response, this.#read(url));
    } else {
      this.#answer(response, refusal(404, 20404, `The resource ${url.pathname} was not found`));
    }
  }

  async #create(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { random, faults, book, isOptedOut } = this.#options;
    const form = await readForm(request);
    if (form === undefined) return this.#answer(response, refusal(413, 20413, 'Too large'));
    if (random.chance(faults.dropBeforeRate)) return void request.socket.destroy();
    if (this.#isTooFast() || random.chance(faults.rateLimitRate)) {
      const headers = { 'retry-after': String(faults.retryAfterSeconds) };
      return this.#answer(response, refusal(429, 20429, 'Too Many Requests', headers));
    }
    if (random.chance(faults.serverErrorRate)) {
      return this.#answer(response, refusal(500, 20500, 'Internal Server Error'));
    }
    const asked = readRequest(form);
    if ('status' in asked) return this.#answer(response, asked);
    if (isOptedOut(asked.to)) {
      const text = 'Attempt to send to unsubscribed recipient';
      return this.#answer(response, refusal(400, 21610, text));
    }
    const message = book.take(asked);
    if (random.chance(faults.dropAfterRate)) return void request.socket.destroy();
    if (random.chance(faults.errorAfterRate)) {
      return this.#answer(response, refusal(502, 20502, 'Bad Gateway'));
    }
    this.#answer(response, {
      status: 201,
      body: messageBody(this.#options.accountSid, message),
    });
  }

  #isTooFast(): boolean {
    const second = Math.floor(this.#options.clock.nowMs() / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#inSecond = 0;
    }
    return ++this.#inSecond > this.#options.requestsPerSecond;
  }

  #read(url: URL): Answer {
    const { book, accountSid } = this.#options;
    if (url.pathname === `${this.#root}.json`) {
      const body = { sid: accountSid, status: 'active', type: 'Full', friendly_name: 'Simulator' };
      return { status: 200, body };
    }
    if (url.pathname === `${this.#root}/Messages.json`) return this.#list(url);
    const sid = /\/Messages\/(SM[0-9a-f]{32})\.json$/.exec(url.pathname)?.[1];
    const message = sid === undefined ? undefined : book.get(sid);
    if (message === undefined) {
      return refusal(404, 20404, `The requested resource ${url.pathname} was not found`);
    }
    return { status: 200, body: messageBody(accountSid, message) };
  }

  #list(url: URL): Answer {
    const { book, accountSid } = this.#options;
    const query = url.searchParams;
    const pageSize = Math.min(1000, Math.max(1, Number(query.get('PageSize') ?? '50') || 50));
    const page = Math.max(0, Number(query.get('Page') ?? '0') || 0);
    const to = query.get('To');
    const from = query.get('From');
    const isSent = dateFilter(query);
    const matching = book
      .list()
      .filter((m) => (to === null || m.to === to) && (from === null || m.from === from))
      .filter(isSent)
      .reverse();
    const start = page * pageSize;
    const shown = matching.slice(start, start + pageSize);
    const uriOf = (n: number): string => {
      const next = new URLSearchParams(query);
      next.set('Page', String(n));
      next.set('PageSize', String(pageSize));
      return `${this.#root}/Messages.json?${next.toString()}`;
    };
    const hasMore = start + pageSize < matching.length;
    return {
      status: 200,
      body: {
        messages: shown.map((message) => messageBody(accountSid, message)),
        page,
        page_size: pageSize,
        start,
        end: start + Math.max(0, shown.length - 1),
        uri: uriOf(page),
        first_page_uri: uriOf(0),
        next_page_uri: hasMore ? uriOf(page + 1) : null,
        previous_page_uri: page > 0 ? uriOf(page - 1) : null,
      },
    };
  }

  #answer(response: ServerResponse, answer: Answer): void {
    const { clock, faults } = this.#options;
    const send = (): void => {
      if (response.destroyed) return;
      response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers });
      response.end(JSON.stringify(answer.body));
    };
    if (faults.answerDelayMs > 0) clock.at(clock.nowMs() + faults.answerDelayMs, send);
    else send();
  }
}
