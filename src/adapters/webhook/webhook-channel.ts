import { createHmac } from 'node:crypto';
import { messageOf, TocsinError } from '../../domain/errors.js';
import type { News } from '../../domain/news.js';
import type { DeliveryOutcome, DeskChannel } from '../../forecast/desk/ports.js';

const TIMEOUT_MS = 10_000;
/** Of the answers 400 to 499 these mean "later", not "never". */
const LATER = [408, 409, 425, 429];

export interface WebhookOptions {
  readonly url: string;
  /** shared with the receiver, who checks the signature by it; absent: nothing is signed */
  readonly secret?: string | undefined;
  /** sent as a bearer token; absent: none is */
  readonly token?: string | undefined;
  /** wall time, epoch ms: part of what is signed, so that an old message cannot be played again */
  readonly now: () => number;
  readonly timeoutMs?: number;
}

/**
 * `t=SECONDS,v1=HEX`: HMAC-SHA-256 over `SECONDS.BODY` with the shared secret.
 * @param seconds wall time, epoch seconds
 */
export function webhookSignature(secret: string, seconds: number, body: string): string {
  const hex = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex');
  return `t=${seconds},v1=${hex}`;
}

/**
 * Posts news as JSON, signed by the secret. Every attempt carries the same `Idempotency-Key`; any 2xx is taken
 * for received. Redirects are not followed, since the signature is for one receiver.
 */
export class WebhookChannel implements DeskChannel {
  readonly #options: WebhookOptions;

  constructor(options: WebhookOptions) {
    this.#options = options;
  }

  async deliver(news: News): Promise<DeliveryOutcome> {
    const { url, timeoutMs = TIMEOUT_MS } = this.#options;
    const body = JSON.stringify(news);
    let answer: Response;
    try {
      answer = await fetch(url, {
        method: 'POST',
        redirect: 'manual',
        signal: AbortSignal.timeout(timeoutMs),
        headers: {
          'content-type': 'application/json',
          'idempotency-key': news.deliveryId,
          ...this.#credentials(body),
        },
        body,
      });
      await answer.body?.cancel();
    } catch (error) {
      throw away(messageOf((error as { cause?: unknown }).cause ?? error));
    }
    if (answer.ok) return { status: 'sent' };
    const isFinal = answer.status < 500 && !LATER.includes(answer.status);
    if (!isFinal) throw away(`answered ${answer.status}`);
    return { status: 'refused', reason: `webhook: answered ${answer.status}` };
  }

  close(): void {}

  #credentials(body: string): Record<string, string> {
    const { secret, token, now } = this.#options;
    return {
      ...(secret === undefined
        ? {}
        : { 'tocsin-signature': webhookSignature(secret, Math.floor(now() / 1000), body) }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    };
  }
}

function away(what: string): TocsinError {
  return new TocsinError('unavailable.desk', `webhook: ${what}`);
}
