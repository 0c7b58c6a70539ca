import { createHmac } from 'node:crypto';

/** Twilio's signature: base64 HMAC-SHA1 of the exact URL followed by sorted names and values. */
export function twilioSignature(
  authToken: string,
  url: string,
  parameters: Readonly<Record<string, string>>,
): string {
  const text = Object.keys(parameters)
    .sort()
    .reduce((joined, name) => joined + name + parameters[name], url);
  return createHmac('sha1', authToken).update(Buffer.from(text, 'utf8')).digest('base64');
}

const TIMEOUT_MS = 15_000;

/** Posts signed forms to a customer's webhooks, at most `concurrency` at a time. */
export class WebhookSender {
  readonly #authToken: string;
  readonly #concurrency: number;
  #inFlight = 0;
  readonly #waiting: (() => void)[] = [];
  readonly #aborter = new AbortController();

  constructor(authToken: string, concurrency = 64) {
    this.#authToken = authToken;
    this.#concurrency = concurrency;
  }

  /** @returns the HTTP status, or 0 when nothing answered; never throws */
  async post(url: string, parameters: Readonly<Record<string, string>>): Promise<number> {
    if (this.#inFlight >= this.#concurrency) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#inFlight++;
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
          'user-agent': 'TwilioProxy/1.1',
          'x-twilio-signature': twilioSignature(this.#authToken, url, parameters),
        },
        body: new URLSearchParams(parameters).toString(),
        signal: AbortSignal.any([this.#aborter.signal, AbortSignal.timeout(TIMEOUT_MS)]),
      });
      await response.arrayBuffer();
      return response.status;
    } catch {
      return 0;
    } finally {
      this.#inFlight--;
      this.#waiting.shift()?.();
    }
  }

  /** Gives up what is under way. */
  stop(): void {
    this.#aborter.abort();
  }
}
