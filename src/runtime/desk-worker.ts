import { Counter, type Registry } from 'prom-client';
import { messageOf } from '../domain/errors.js';
import type { News } from '../domain/news.js';
import type {
  ClaimedDelivery,
  DeliveryOutcome,
  DeliveryQueue,
  DeskChannel,
} from '../forecast/desk/ports.js';
import type { Health } from './health.js';
import type { Logger } from './log.js';
import { type Condition, Loop, type Turn } from './loop.js';

const BATCH = 20;
const LEASE_MS = 60_000;
const FIRST_WAIT_MS = 5_000;
const LONGEST_WAIT_MS = 300_000;

export interface DeskWorkerOptions {
  readonly queue: DeliveryQueue;
  /** by name of the recipient */
  readonly channels: ReadonlyMap<string, DeskChannel>;
  readonly acknowledgeUrl: (alertId: string, recipient: string) => string;
  /** how long a delivery is tried, wall ms */
  readonly giveUpMs: number;
  /** wall time, epoch ms */
  readonly now: () => number;
  readonly health: Health;
  readonly log: Logger;
  readonly metrics: Registry;
  readonly idleMs?: number;
}

/**
 * Carries news of surges to the desk, and of incidents to partners. A channel that is away holds up nobody else: its deliveries
 * wait, ever longer, until they are given up; what failed is said in health. A worker that dies in
 * the middle leaves a lease behind, after which the delivery is tried again under the same id.
 */
export class DeskWorker {
  readonly #options: DeskWorkerOptions;
  readonly #loop: Loop;
  readonly #count: Counter;
  #trouble: Condition | undefined;

  constructor(options: DeskWorkerOptions) {
    this.#options = options;
    this.#count = new Counter({
      name: 'tocsin_desk_deliveries_total',
      help: 'Attempts to deliver news to desks and partners, by what came of them',
      labelNames: ['outcome'],
      registers: [options.metrics],
    });
    this.#loop = new Loop({
      name: 'desk alerts',
      idleMs: options.idleMs ?? 1000,
      turn: () => this.turn(),
      condition: () => this.#trouble,
      health: options.health,
      log: options.log,
    });
  }

  start(): void {
    this.#loop.start();
  }

  /** Ends after the deliveries in hand. */
  async stop(): Promise<void> {
    await this.#loop.stop();
    for (const channel of this.#options.channels.values()) channel.close();
  }

  /** One batch of deliveries that are due, side by side. */
  async turn(): Promise<Turn> {
    const claimed = await this.#options.queue.claim(BATCH, LEASE_MS);
    const attempts = await Promise.allSettled(claimed.map((each) => this.#attempt(each)));
    for (const each of attempts) if (each.status === 'rejected') throw each.reason;
    const [first] = await this.#options.queue.trouble();
    this.#trouble = first && {
      detail: `${first.recipient}: ${first.reason}`,
      reason: 'news has not reached whom it is for',
    };
    return claimed.length === BATCH ? 'busy' : 'idle';
  }

  async #attempt(delivery: ClaimedDelivery): Promise<void> {
    const { queue, channels, now, giveUpMs, log } = this.#options;
    const { deliveryId, recipient } = delivery;
    const channel = channels.get(recipient);
    if (channel === undefined) {
      const reason = `the configuration has no recipient "${recipient}" any more`;
      return this.#settle(delivery, { status: 'refused', reason });
    }
    let outcome: DeliveryOutcome;
    try {
      outcome = await channel.deliver(this.#addressed(delivery));
    } catch (error) {
      const reason = messageOf(error);
      log.warn({ deliveryId, recipient, attempts: delivery.attempts, err: error }, 'not delivered');
      if (now() - delivery.createdAtMs < giveUpMs) {
        this.#count.inc({ outcome: 'postponed' });
        return queue.postpone(delivery, reason, waitMs(delivery.attempts));
      }
      const minutes = Math.round(giveUpMs / 60_000);
      outcome = { status: 'refused', reason: `given up after ${minutes} min: ${reason}` };
    }
    await this.#settle(delivery, outcome);
  }

  async #settle(delivery: ClaimedDelivery, outcome: DeliveryOutcome): Promise<void> {
    await this.#options.queue.settle(delivery, outcome);
    this.#count.inc({ outcome: outcome.status });
    if (outcome.status === 'refused') {
      const { deliveryId, recipient } = delivery;
      this.#options.log.error({ deliveryId, recipient, reason: outcome.reason }, 'delivery failed');
    }
  }

  #addressed({ news, recipient }: ClaimedDelivery): News {
    return { ...news, acknowledgeUrl: this.#options.acknowledgeUrl(news.alertId, recipient) };
  }
}

/** 5 s, doubling, at most 5 min. @param attempts made so far, at least 1 */
function waitMs(attempts: number): number {
  return Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(attempts - 1, 10));
}
