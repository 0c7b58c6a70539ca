import { Leadership } from '../adapters/postgres/leader.js';
import type { Health } from '../runtime/health.js';
import type { Turn } from '../runtime/loop.js';

/** Holds the right to decide while this process has it, and keeps asking for it while not. */
export class LeaderSeat {
  readonly #url: string;
  readonly #health: Health;
  #leadership: Leadership | undefined;

  constructor(url: string, health: Health) {
    this.#url = url;
    this.#health = health;
  }

  /** The leadership in force, or undefined while another process leads. */
  readonly current = (): Leadership | undefined =>
    this.#leadership?.isHeld ? this.#leadership : undefined;

  async turn(): Promise<Turn> {
    if (this.#leadership && !(await this.#leadership.check())) {
      await this.#leadership.release();
      this.#leadership = undefined;
    }
    this.#leadership ??= await Leadership.tryAcquire(this.#url);
    const detail = this.#leadership ? `leading, epoch ${this.#leadership.epoch}` : 'standing by';
    this.#health.set('leader', 'up', detail);
    return 'idle';
  }

  async release(): Promise<void> {
    await this.#leadership?.release();
    this.#leadership = undefined;
  }
}
