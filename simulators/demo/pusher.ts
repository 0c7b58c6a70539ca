import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { messageOf } from '../../src/domain/errors.js';

const zip = promisify(gzip);

/** Where and how to push. */
export interface PusherOptions {
  readonly baseUrl: string;
  readonly writeToken: string;
  readonly signal: AbortSignal;
  /** told in one line of what was given up or refused */
  readonly onTrouble: (line: string) => void;
}

const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 5_000;
/** After this long without an answer a body is given up, so that live data goes on. */
const GIVE_UP_MS = 120_000;

/** Waits, or until the signal says stop. */
export function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted || ms <= 0) return resolve();
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}

/** Pushes to the service's public inputs, one body at a time, again until it is taken. */
export class Pusher {
  readonly #options: PusherOptions;

  constructor(options: PusherOptions) {
    this.#options = options;
  }

  /** Line protocol with nanoseconds to `/api/v2/write`. */
  async lines(text: string): Promise<void> {
    await this.#push('/api/v2/write?precision=ns', 'text/plain; charset=utf-8', text);
  }

  /** Records to `/api/v1/alarms`, `presence`, `calls`, `callers` or `counts`, at most 2,000 a body. */
  async records(
    kind: 'alarms' | 'presence' | 'calls' | 'callers' | 'counts',
    items: readonly unknown[],
  ): Promise<void> {
    for (let at = 0; at < items.length; at += 2_000) {
      const body = JSON.stringify(items.slice(at, at + 2_000));
      await this.#push(`/api/v1/${kind}`, 'application/json', body);
    }
  }

  async #push(path: string, type: string, text: string): Promise<void> {
    const body = await zip(text, { level: 1 });
    const { signal, onTrouble } = this.#options;
    const startedAt = performance.now();
    let waitMs = FIRST_WAIT_MS;
    let trouble = '';
    while (!signal.aborted && performance.now() - startedAt < GIVE_UP_MS) {
      const outcome = await this.#send(path, type, body);
      if (outcome === undefined) return;
      trouble = outcome.why;
      if (!outcome.isWorthAgain) break;
      await sleep(Math.max(waitMs, outcome.afterMs), signal);
      waitMs = Math.min(LONGEST_WAIT_MS, waitMs * 2);
    }
    if (!signal.aborted) onTrouble(`${path}: ${trouble}`);
  }

  /** @returns undefined when taken */
  async #send(
    path: string,
    type: string,
    body: Buffer,
  ): Promise<{ why: string; isWorthAgain: boolean; afterMs: number } | undefined> {
    try {
      const response = await fetch(new URL(path, this.#options.baseUrl), {
        method: 'POST',
        headers: {
          authorization: `Token ${this.#options.writeToken}`,
          'content-type': type,
          'content-encoding': 'gzip',
        },
        body: new Uint8Array(body),
        signal: AbortSignal.any([this.#options.signal, AbortSignal.timeout(30_000)]),
      });
      const text = await response.text();
      if (response.status === 200 || response.status === 204) return undefined;
      const isWorthAgain = response.status === 429 || response.status >= 500;
      const afterMs = Math.min(10, Number(response.headers.get('retry-after') ?? 0) || 0) * 1000;
      return { why: `${response.status} ${text.slice(0, 300)}`, isWorthAgain, afterMs };
    } catch (error) {
      return { why: messageOf(error), isWorthAgain: true, afterMs: 0 };
    }
  }
}
