import { type ComplaintVerdict, judgeComplaints } from '../notify/effect/complaint-loop.js';
import { effectToGoBy } from '../notify/effect/drift.js';
import type { EffectStore } from '../notify/effect/ports.js';
import type { EffectRules } from '../notify/effect/rules.js';
import type { Clock } from './clock.js';
import type { Health } from './health.js';
import type { Logger } from './log.js';
import { Loop, type Turn } from './loop.js';

export interface EffectWorkerOptions {
  readonly store: EffectStore;
  readonly rules: EffectRules;
  readonly network: Clock;
  readonly health: Health;
  readonly log: Logger;
  /** whether this instance is the one that measures and pauses */
  readonly isLeading: () => boolean;
  /** whether messages are stopped already */
  readonly isPaused: () => Promise<boolean>;
  /** stops messages until a person lets them go on */
  readonly pause: (why: string) => Promise<void>;
  readonly idleMs?: number;
}

/** Calls are counted once those of callers' systems that report late are in. */
const CALLS_LATENESS_MINUTES = 30;
const YEAR_MS = 365 * 86_400_000;
const IDLE_MS = 60_000;

/**
 * Measures what waves have changed once their incident is over, and watches whether people mind being
 * written to. Both may be repeated; a pause is made once, however long the complaints go on.
 */
export class EffectWorker {
  readonly #options: EffectWorkerOptions;
  readonly #loop: Loop;
  /** set while complaints are beyond a limit, so that a person who lets messages go on is not undone */
  #isBeyond = false;

  constructor(options: EffectWorkerOptions) {
    this.#options = options;
    const { health, log, idleMs = IDLE_MS } = options;
    this.#loop = new Loop({ name: 'effect', idleMs, turn: () => this.turn(), health, log });
  }

  start(): void {
    this.#loop.start();
  }

  stop(): Promise<void> {
    return this.#loop.stop();
  }

  /** One look; `busy` while there is more to measure. */
  async turn(): Promise<Turn> {
    const { store, rules, network, isLeading } = this.#options;
    if (!isLeading()) return 'idle';
    const counts = await store.complaints(rules.complaints.windowHours);
    await this.#heed(judgeComplaints(counts, rules.complaints));
    const until = rules.callsUntilMinutes;
    const nowMs = network.now() - CALLS_LATENESS_MINUTES * 60_000;
    if ((await store.measureEnded(nowMs, until)) === 0) return 'idle';
    const measured = await store.measured(nowMs - YEAR_MS, nowMs);
    const observed = measured.map((each) => each.observed);
    await store.learn(effectToGoBy(observed, rules.driftIncidents));
    return 'busy';
  }

  async #heed({ status, reason }: ComplaintVerdict): Promise<void> {
    const { rules, health, log, isPaused, pause } = this.#options;
    const isNews = status === 'beyond' && !this.#isBeyond;
    this.#isBeyond = status === 'beyond';
    health.set('complaints', status === 'beyond' ? 'degraded' : 'up', reason);
    if (!isNews) return;
    log.warn({ reason }, 'people mind being written to');
    if (rules.complaints.pauses && !(await isPaused())) await pause(reason);
  }
}
