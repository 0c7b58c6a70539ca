import type { Clock } from './clock.js';
import type { Turn } from './loop.js';
import { CONTROL_STREAM, type Journal } from './ports.js';

export interface TickerOptions {
  readonly journal: Journal;
  readonly network: Clock;
  /** telemetry streams in Postgres */
  readonly streams: readonly string[];
  /** ticks streams kept elsewhere, such as partitions of Kafka */
  readonly tickElsewhere: (nowMs: number) => Promise<void>;
  /** whether sources still read what waited for them: time goes on behind it */
  readonly holdsBack: () => boolean;
  /** only the leader moves time */
  readonly isLeading: () => boolean;
}

/**
 * Moves network time: the same tick into every stream, so that a replay of the journal moves it
 * alike. Time never goes back, whatever the machine's clock does.
 */
export class Ticker {
  readonly #options: TickerOptions;
  #lastMs = Number.NEGATIVE_INFINITY;

  constructor(options: TickerOptions) {
    this.#options = options;
  }

  /** @param fromMs network time already reached, after a restart */
  startAfter(fromMs: number): void {
    this.#lastMs = Math.max(this.#lastMs, fromMs);
  }

  async turn(): Promise<Turn> {
    const { journal, network, streams, tickElsewhere, holdsBack, isLeading } = this.#options;
    const nowMs = Math.floor(network.now());
    if (!isLeading() || holdsBack() || nowMs <= this.#lastMs) return 'idle';
    await tickElsewhere(nowMs);
    const facts = [{ kind: 'tick', nowMs }] as const;
    await journal.appendAll([...streams, CONTROL_STREAM].map((stream) => ({ stream, facts })));
    this.#lastMs = nowMs;
    return 'idle';
  }
}
