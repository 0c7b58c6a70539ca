import type { Health } from './health.js';
import type { Logger } from './log.js';
import { Loop, type Turn } from './loop.js';
import type { ForecastRecord } from './ports.js';

const IDLE_MS = 5_000;
const FORGET_MS = 600_000;

export interface ForecastRecorderOptions {
  readonly record: ForecastRecord;
  readonly keepDays: number;
  /** network time, epoch ms */
  readonly now: () => number;
  /** only the leader's instance works */
  readonly isLeading: () => boolean;
  readonly health: Health;
  readonly log: Logger;
}

/** Keeps the record of forecasts beside the decisions: packs what was issued, judges what came. */
export class ForecastRecorder {
  readonly #options: ForecastRecorderOptions;
  readonly #loop: Loop;
  #forgotMs = Number.NEGATIVE_INFINITY;

  constructor(options: ForecastRecorderOptions) {
    this.#options = options;
    const { health, log } = options;
    const turn = (): Promise<Turn> => this.turn();
    this.#loop = new Loop({ name: 'forecast record', idleMs: IDLE_MS, turn, health, log });
  }

  start(): void {
    this.#loop.start();
  }

  async stop(): Promise<void> {
    await this.#loop.stop();
  }

  /** A few forecasts packed, a few intervals judged. */
  async turn(): Promise<Turn> {
    const { record, now, keepDays, isLeading } = this.#options;
    if (!isLeading()) return 'idle';
    const packed = await record.packIssued();
    const due = await record.due(now());
    for (const each of due) await record.score(each);
    if (Math.abs(now() - this.#forgotMs) >= FORGET_MS) {
      await record.forget(now(), keepDays);
      this.#forgotMs = now();
    }
    return packed + due.length > 0 ? 'busy' : 'idle';
  }
}
