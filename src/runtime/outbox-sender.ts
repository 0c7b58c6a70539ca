import {
  BrokenCircuitError,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  ExponentialBackoff,
  handleAll,
  handleWhenResult,
  retry,
} from 'cockatiel';
import { messageOf } from '../domain/errors.js';
import type {
  ClaimedSms,
  OutboxQueue,
  SendRecord,
  SendResult,
  SmsGateway,
} from '../notify/ports.js';
import { retryDelayMs } from '../notify/retry-delay.js';
import type { Logger } from './log.js';

export interface OutboxSenderOptions {
  readonly queue: Pick<OutboxQueue, 'record' | 'release'>;
  readonly gateway: Pick<SmsGateway, 'send'>;
  readonly log: Logger;
  /** how long nothing is tried after the gateway failed several times in a row */
  readonly breakMs: number;
  readonly failuresToBreak: number;
  /** a monotonic clock */
  readonly now: () => number;
  readonly random: () => number;
  readonly onResult: (result: SendResult['status'] | 'released') => void;
  /** told when results have been written, once a batch */
  readonly onRecorded: () => void;
  readonly onBreaker: (isOpen: boolean, why: string) => void;
}

const RECORD_BATCH = 500;
const RECORD_ATTEMPTS = 8;
const LONGEST_PAUSE_MS = 300_000;

/**
 * Hands claimed messages to the gateway, several at once, and writes down what came of each. One
 * claimed message is one request: nothing here tries a message twice.
 */
export class OutboxSender {
  readonly #options: OutboxSenderOptions;
  readonly #breaker;
  readonly #recording = retry(handleAll, {
    maxAttempts: RECORD_ATTEMPTS,
    backoff: new ExponentialBackoff({ initialDelay: 100, maxDelay: 5_000 }),
  });
  #records: SendRecord[] = [];
  #flushing: Promise<void> | undefined;
  #underWay = 0;
  #idle: (() => void)[] = [];
  #pausedUntilMs = Number.NEGATIVE_INFINITY;

  constructor(options: OutboxSenderOptions) {
    this.#options = options;
    const isFailure = (result: unknown): boolean => isOutage(result as SendResult | undefined);
    this.#breaker = circuitBreaker(handleWhenResult(isFailure), {
      halfOpenAfter: options.breakMs,
      breaker: new ConsecutiveBreaker(options.failuresToBreak),
    });
    this.#breaker.onBreak((reason) => {
      this.pauseUntil(options.now() + options.breakMs + 1);
      options.onBreaker(true, 'value' in reason ? reasonOf(reason.value) : 'isolated');
    });
    this.#breaker.onReset(() => options.onBreaker(false, 'answers again'));
  }

  /** Messages not yet written down, at the gateway or on the way back. */
  get underWay(): number {
    return this.#underWay;
  }

  /** After a break, one message goes first to see whether the gateway answers again. */
  get isProbing(): boolean {
    return this.#breaker.state !== CircuitState.Closed;
  }

  pauseMs(): number {
    return Math.max(0, this.#pausedUntilMs - this.#options.now());
  }

  pauseUntil(atMs: number): void {
    this.#pausedUntilMs = Math.max(this.#pausedUntilMs, atMs);
  }

  /**
   * Starts a message on its way; what comes of it is written without being waited for.
   * @param latestMs from then on it must not be sent any more, since its fate may be asked for
   */
  start(message: ClaimedSms, latestMs: number): void {
    this.#underWay++;
    this.#send(message, latestMs).catch((error) => {
      this.#options.log.error({ err: error, messageId: message.messageId }, 'sender failed');
      this.#finished(1);
    });
  }

  /** Resolves when fewer than `limit` messages are under way. */
  async below(limit: number): Promise<void> {
    while (this.#underWay >= limit) {
      await new Promise<void>((resolve) => this.#idle.push(resolve));
    }
  }

  async #send(message: ClaimedSms, latestMs: number): Promise<void> {
    const { gateway, log, onResult, now } = this.#options;
    let result: SendResult | undefined;
    try {
      result = await this.#breaker.execute(async () =>
        now() < latestMs ? gateway.send(message) : undefined,
      );
    } catch (error) {
      if (!(error instanceof BrokenCircuitError)) throw error;
    }
    if (!result) return this.#giveBack(message);
    onResult(result.status);
    if (result.status !== 'accepted') {
      log.info({ messageId: message.messageId, ...result }, 'message not accepted');
    }
    this.#records.push(this.#recordOf(message, result));
    this.#flushing ??= this.#flush();
  }

  /** It was surely not sent. */
  async #giveBack(message: ClaimedSms): Promise<void> {
    this.#options.onResult('released');
    await this.#recording.execute(() => this.#options.queue.release([message]));
    this.#finished(1);
  }

  #recordOf(message: ClaimedSms, result: SendResult): SendRecord {
    const { now, random } = this.#options;
    const { messageId, attempt } = message;
    let retryInMs = retryDelayMs(message.refusals + 1, random());
    if (result.status === 'busy' && result.retryAfterMs !== null) {
      const pauseMs = Math.min(LONGEST_PAUSE_MS, result.retryAfterMs);
      this.pauseUntil(now() + pauseMs);
      retryInMs = Math.max(retryInMs, pauseMs);
    }
    return { messageId, attempt, result, retryInMs };
  }

  /** Writes results in batches. What cannot be written is settled later by asking the gateway. */
  async #flush(): Promise<void> {
    const { queue, log, onRecorded } = this.#options;
    while (this.#records.length > 0) {
      const batch = this.#records.splice(0, RECORD_BATCH);
      try {
        await this.#recording.execute(() => queue.record(batch));
        onRecorded();
      } catch (error) {
        log.error({ messages: batch.length, why: messageOf(error) }, 'results not written');
      }
      this.#finished(batch.length);
    }
    this.#flushing = undefined;
  }

  #finished(count: number): void {
    this.#underWay -= count;
    const waiting = this.#idle;
    this.#idle = [];
    for (const resolve of waiting) resolve();
  }
}

function isOutage(result: SendResult | undefined): boolean {
  if (!result) return false;
  return result.status === 'unknown' || (result.status === 'busy' && result.isOutage);
}

function reasonOf(value: unknown): string {
  const result = value as SendResult;
  return 'reason' in result ? result.reason : result.status;
}
