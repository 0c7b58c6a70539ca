import { Agent, type Dispatcher, request as undiciRequest } from 'undici';
import { retryAfterMs } from './retry-after.js';

export interface HttpClientOptions {
  /** most requests under way at once; default 16 */
  readonly connections?: number;
  /** longest a request can take, a third of it for connecting */
  readonly timeoutMs: number;
}

export interface HttpRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

export interface HttpAnswer {
  readonly status: number;
  readonly text: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** what Retry-After asks for; null without one */
  readonly retryAfterMs: number | null;
}

/** Requests over a pool of connections; each is one request, whatever comes of it. */
export class HttpClient {
  readonly #agent: Agent;
  readonly #timeoutMs: number;

  constructor({ connections = 16, timeoutMs }: HttpClientOptions) {
    this.#timeoutMs = timeoutMs;
    const connect = { timeout: Math.ceil(timeoutMs / 3) };
    this.#agent = new Agent({ connections, connect, pipelining: 1 });
  }

  /** @throws undici's errors when there is no answer in time, or none at all */
  async send({ method, url, headers, body }: HttpRequest): Promise<HttpAnswer> {
    const answer = await undiciRequest(url, {
      dispatcher: this.#agent,
      method: method as Dispatcher.HttpMethod,
      headers: { ...headers },
      body,
      headersTimeout: this.#timeoutMs,
      bodyTimeout: this.#timeoutMs,
      // The pool's own timers are coarse; this is the most a request can be in flight.
      signal: AbortSignal.timeout(this.#timeoutMs),
    });
    const text = await answer.body.text();
    return {
      status: answer.statusCode,
      text,
      headers: answer.headers,
      retryAfterMs: retryAfterMs(answer.headers['retry-after'], Date.now()),
    };
  }

  async close(): Promise<void> {
    await this.#agent.close();
  }
}
