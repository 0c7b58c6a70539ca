import type { Fact } from '../domain/facts.js';
import type { Clock } from './clock.js';
import type { Turn } from './loop.js';
import { CONTROL_STREAM, type Journal } from './ports.js';

export interface TickerOptions {
  readonly journal: Journal;
  readonly network: Clock;
  /** telemetry streams in Postgres */
  readonly streams: readonly string[];
  /** ticks streams kept elsewhere, such as partitions of Kafka, and tells them of the network */
  readonly tickElsewhere: (nowMs: number, networkVersion: number) => Promise<void>;
  /** whether sources still read what waited for them: time goes on behind it */
  readonly holdsBack: () => boolean;
  /** rises with every import that changes the network */
  readonly networkVersion: () => Promise<number>;
  /** only the leader moves time */
  readonly isLeading: () => boolean;
}

/**
 * Moves network time: the same tick into every stream, so that a replay of the journal moves it
 * alike. Time never goes back, whatever the machine's clock does. A changed network is told of in
 * the tick's transaction, before it, so that each stream takes it over at one place of the journal.
 */
export class Ticker {
  readonly #options: TickerOptions;
  #lastMs = Number.NEGATIVE_INFINITY;
  /** of the network that was last told of; unknown after a start */
  #networkVersion = -1;

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
    const version = await this.#options.networkVersion();
    await tickElsewhere(nowMs, version);
    const tick: Fact = { kind: 'tick', nowMs };
    const change: Fact[] =
      version > this.#networkVersion ? [{ kind: 'network', items: [{ version }] }] : [];
    await journal.appendAll(
      [...streams, CONTROL_STREAM].map((stream) => ({ stream, facts: [...change, tick] })),
    );
    this.#networkVersion = version;
    this.#lastMs = nowMs;
    return 'idle';
  }
}
