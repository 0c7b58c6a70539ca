import twilio from 'twilio';
import { Agent, type Dispatcher, request as undiciRequest } from 'undici';
import { retryAfterMs } from '../http/retry-after.js';

/** The gateway's refusal, with what the library's own errors hide. */
export class TwilioHttpError extends Error {
  readonly status: number;
  /** Twilio's error code; null when the body was not Twilio's own */
  readonly code: number | null;
  readonly retryAfterMs: number | null;

  constructor(status: number, code: number | null, message: string, retryAfterMs: number | null) {
    super(message);
    this.name = 'TwilioHttpError';
    this.status = status;
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }
}

export interface TwilioHttpOptions {
  /** where requests go instead of https://api.twilio.com; path prefixes are kept */
  readonly baseUrl?: string;
  readonly connections: number;
  readonly connectTimeoutMs: number;
  /** longest wait for the answer once the request is out */
  readonly answerTimeoutMs: number;
}

interface Answer<T> {
  readonly statusCode: number;
  readonly body: T;
  readonly headers: Record<string, string | string[] | undefined>;
}

type Options = Parameters<InstanceType<typeof twilio.RequestClient>['request']>[0];

/**
 * HTTP client for the Twilio library on a pool of kept-alive connections: quicker than its own, shows
 * `Retry-After`, can point at another base URL, and never retries by itself.
 */
export class TwilioHttp extends twilio.RequestClient {
  readonly #agent: Agent;
  readonly #base: URL | undefined;
  readonly #answerTimeoutMs: number;
  readonly #lifeMs: number;

  constructor(options: TwilioHttpOptions) {
    super();
    this.#base = options.baseUrl === undefined ? undefined : new URL(options.baseUrl);
    this.#answerTimeoutMs = options.answerTimeoutMs;
    this.#lifeMs = options.connectTimeoutMs + options.answerTimeoutMs;
    this.#agent = new Agent({
      connections: options.connections,
      connect: { timeout: options.connectTimeoutMs },
      pipelining: 1,
    });
  }

  /** @throws TwilioHttpError for an answer of 400 and above; undici's errors for none at all */
  override async request<T>(options: Options): Promise<Answer<T>> {
    const answer = await undiciRequest(this.#urlOf(options), {
      dispatcher: this.#agent,
      method: options.method.toUpperCase() as Dispatcher.HttpMethod,
      headers: headersOf(options),
      body: options.data ? formOf(options.data as Record<string, unknown>) : null,
      headersTimeout: this.#answerTimeoutMs,
      bodyTimeout: this.#answerTimeoutMs,
      // The pool's own timers are coarse; this is the most a request can be in flight.
      signal: AbortSignal.timeout(this.#lifeMs),
    });
    const text = await answer.body.text();
    if (answer.statusCode >= 400) throw refusal(answer.statusCode, text, answer.headers);
    return {
      statusCode: answer.statusCode,
      body: text as T,
      headers: answer.headers,
    };
  }

  async close(): Promise<void> {
    await this.#agent.close();
  }

  #urlOf(options: Options): string {
    const url = new URL(options.uri);
    if (options.params) {
      const query = formOf(options.params as Record<string, unknown>);
      if (query !== '') url.search = url.search === '' ? query : `${url.search.slice(1)}&${query}`;
    }
    if (!this.#base) return url.href;
    const prefix = this.#base.pathname.replace(/\/$/, '');
    return `${this.#base.origin}${prefix}${url.pathname}${url.search}`;
  }
}

function headersOf(options: Options): Record<string, string> {
  const headers: Record<string, string> = { ...(options.headers as Record<string, string>) };
  if (options.username && options.password) {
    const credentials = Buffer.from(`${options.username}:${options.password}`).toString('base64');
    headers.authorization = `Basic ${credentials}`;
  }
  return headers;
}

function formOf(data: Record<string, unknown>): string {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(data)) {
    for (const each of Array.isArray(value) ? value : [value]) {
      if (each !== undefined && each !== null) form.append(name, String(each));
    }
  }
  return form.toString();
}

function refusal(
  status: number,
  text: string,
  headers: Record<string, string | string[] | undefined>,
): TwilioHttpError {
  let code: number | null = null;
  let message = `HTTP ${status}`;
  try {
    const body = JSON.parse(text) as { code?: unknown; message?: unknown } | null;
    if (typeof body?.code === 'number') code = body.code;
    if (typeof body?.message === 'string') message = `${message}: ${body.message}`;
  } catch (error) {
    // Not Twilio's JSON, hence from something in between: only the status counts.
    if (!(error instanceof SyntaxError)) throw error;
  }
  return new TwilioHttpError(
    status,
    code,
    message,
    retryAfterMs(headers['retry-after'], Date.now()),
  );
}
