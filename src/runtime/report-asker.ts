import { Counter, type Registry } from 'prom-client';
import type { Channel } from '../domain/customer.js';
import type { GatewayInbox, SmsGateway, UnreportedMessages } from '../notify/ports.js';
import type { Health } from './health.js';
import type { Logger } from './log.js';
import { Loop, type Turn } from './loop.js';

export interface ReportAskerOptions {
  /** whose gateway is asked; default SMS */
  readonly channel?: Channel;
  readonly messages: UnreportedMessages;
  readonly gateway: Pick<SmsGateway, 'report'>;
  readonly inbox: Pick<GatewayInbox, 'receipt'>;
  readonly health: Health;
  readonly log: Logger;
  readonly metrics: Registry;
  /** how long a message may be without a report, and between two questions; default 10 min */
  readonly waitMs?: number;
  /** after that nobody asks any more; default a day */
  readonly patienceMs?: number;
  readonly idleMs?: number;
}

const BATCH = 50;
const DAY_MS = 86_400_000;

/**
 * Asks the gateway about messages that it took and never reported on: callbacks can be lost. What it
 * answers is a receipt like any other, so one that comes after all changes nothing.
 */
export class ReportAsker {
  readonly #options: ReportAskerOptions;
  readonly #asked: Counter;
  readonly #loop: Loop;

  constructor(options: ReportAskerOptions) {
    this.#options = options;
    const { channel = 'sms' } = options;
    this.#asked = new Counter({
      name: `tocsin_${channel}_reports_asked_total`,
      help: 'Messages without a report that the gateway was asked about, by what it said',
      labelNames: ['answer'],
      registers: [options.metrics],
    });
    const { health, log, idleMs = 5_000 } = options;
    const turn = (): Promise<Turn> => this.turn();
    const by = channel === 'sms' ? '' : ` by ${channel}`;
    this.#loop = new Loop({ name: `messages${by} without a report`, idleMs, turn, health, log });
  }

  start(): void {
    if (this.#options.gateway.report !== undefined) this.#loop.start();
  }

  async stop(): Promise<void> {
    await this.#loop.stop();
  }

  /** Asks about some. @throws TocsinError `unavailable.gateway` when it cannot be asked now */
  async turn(): Promise<Turn> {
    const { messages, gateway, inbox, waitMs = 600_000, patienceMs = DAY_MS } = this.#options;
    for (const gatewayId of await messages.take(BATCH, waitMs, patienceMs)) {
      const found = await gateway.report?.(gatewayId);
      if (found?.status !== 'found') {
        this.#asked.inc({ answer: 'absent' });
        continue;
      }
      const { state, errorCode } = found;
      this.#asked.inc({ answer: state });
      if (state === 'accepted') continue;
      const word = { status: `asked: ${state}`, state, errorCode };
      await inbox.receipt({ ...word, gatewayId, isOptOut: false, messageId: null });
    }
    return 'idle';
  }
}
