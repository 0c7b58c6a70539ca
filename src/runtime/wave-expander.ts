import type { Registry } from 'prom-client';
import { Gauge } from 'prom-client';
import type { OutboxQueue } from '../notify/ports.js';
import type { Health } from './health.js';
import type { Logger } from './log.js';
import { Loop, type Turn } from './loop.js';

export interface WaveExpanderOptions {
  readonly queue: Pick<OutboxQueue, 'expand' | 'wake' | 'depth'>;
  readonly health: Health;
  readonly log: Logger;
  readonly metrics: Registry;
  readonly idleMs?: number;
}

const MEASURE_EVERY_MS = 5_000;

/**
 * Turns decided waves into messages, and wakes messages whose waiting is over. In shadow mode it
 * runs alone, so that what would have been sent, and to whom, stands in the outbox.
 */
export class WaveExpander {
  readonly #options: WaveExpanderOptions;
  readonly #loop: Loop;
  readonly #depth: Gauge;
  #measuredAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: WaveExpanderOptions) {
    this.#options = options;
    this.#depth = new Gauge({
      name: 'tocsin_outbox_messages',
      help: 'Messages of waves under way, by state',
      labelNames: ['state'],
      registers: [options.metrics],
    });
    const { health, log, idleMs = 250 } = options;
    this.#loop = new Loop({ name: 'waves', idleMs, turn: () => this.#turn(), health, log });
  }

  start(): void {
    this.#loop.start();
  }

  /** Ends after the chunk in hand. */
  async stop(): Promise<void> {
    await this.#loop.stop();
  }

  async #turn(): Promise<Turn> {
    const { queue } = this.#options;
    const woken = await queue.wake();
    if (await queue.expand()) return 'busy';
    await this.#measure();
    return woken > 0 ? 'busy' : 'idle';
  }

  async #measure(): Promise<void> {
    const nowMs = performance.now();
    if (nowMs - this.#measuredAtMs < MEASURE_EVERY_MS) return;
    this.#measuredAtMs = nowMs;
    const depth = await this.#options.queue.depth();
    this.#depth.reset();
    for (const [state, count] of Object.entries(depth)) this.#depth.set({ state }, count);
  }
}
