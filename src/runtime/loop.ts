import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '../domain/errors.js';
import type { Health } from './health.js';
import type { Logger } from './log.js';

/** What a turn of a loop found: with `busy` the next turn follows at once. */
export type Turn = 'busy' | 'idle';

/** What is wrong though turns succeed: `detail` for staff, `reason` for everybody. */
export interface Condition {
  readonly detail: string;
  readonly reason: string;
}

export interface LoopOptions {
  readonly name: string;
  /** pause after an idle turn */
  readonly idleMs: number;
  readonly turn: (signal: AbortSignal) => Promise<Turn>;
  /** brings the state back to what is durable; runs before the first turn and after a failure */
  readonly recover?: () => Promise<void>;
  /** trouble that no turn fails by; absent: health says that it works */
  readonly condition?: () => Condition | undefined;
  readonly health: Health;
  readonly log: Logger;
  /** waits, or rejects when the signal comes first; default: the process' timers */
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<void>;
}

const FIRST_BACKOFF_MS = 250;
const MAX_BACKOFF_MS = 15_000;

const timerWait = (ms: number, signal: AbortSignal): Promise<void> =>
  delay(ms, undefined, { signal });

/**
 * Runs turns until stopped. A failed turn is reported in `/health` and tried again after a growing
 * pause (doubling, capped at 15 s, half of it random, so that loops do not retry in step); the loop
 * itself never ends by a failure.
 */
export class Loop {
  readonly #options: LoopOptions;
  readonly #abort = new AbortController();
  #running: Promise<void> | undefined;
  #needsRecovery = true;

  constructor(options: LoopOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Lets the turn in hand finish, then ends. */
  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { idleMs } = this.#options;
    let failures = 0;
    while (!this.#abort.signal.aborted) {
      let pauseMs = 0;
      try {
        const turn = await this.#turn();
        failures = 0;
        this.#worked();
        if (turn === 'idle') pauseMs = idleMs;
      } catch (error) {
        pauseMs = this.#failed(error, ++failures);
      }
      if (pauseMs > 0) await this.#pause(pauseMs);
    }
  }

  #worked(): void {
    const { name, health, condition } = this.#options;
    const said = condition?.();
    if (said) health.set(name, 'degraded', said.detail, said.reason);
    else health.set(name, 'up', 'working');
  }

  async #turn(): Promise<Turn> {
    if (this.#needsRecovery) {
      await this.#options.recover?.();
      this.#needsRecovery = false;
    }
    return this.#options.turn(this.#abort.signal);
  }

  #failed(error: unknown, failures: number): number {
    const { name, health, log } = this.#options;
    this.#needsRecovery = true;
    health.set(name, 'down', messageOf(error));
    const ceiling = Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** Math.min(failures - 1, 10));
    const pauseMs = ceiling / 2 + (Math.random() * ceiling) / 2;
    log.warn({ loop: name, failures, err: error, retryInMs: Math.round(pauseMs) }, 'turn failed');
    return pauseMs;
  }

  async #pause(ms: number): Promise<void> {
    try {
      const { wait = timerWait } = this.#options;
      await wait(ms, this.#abort.signal);
    } catch (error) {
      if (!this.#abort.signal.aborted) throw error;
    }
  }
}
