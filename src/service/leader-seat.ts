import { Leadership } from '../adapters/postgres/leader.js';
import { TocsinError } from '../domain/errors.js';
import type { Health } from '../runtime/health.js';
import type { Turn } from '../runtime/loop.js';

/**
 * Holds the right to run the pipeline on a database while this process has it, and keeps asking for
 * it while not. One process at a time has it: others stand by.
 */
export class LeaderSeat {
  /** rejects with `lease.lost` once another process leads that was led by this one before */
  readonly displaced: Promise<never>;
  readonly #url: string;
  readonly #health: Health;
  #leadership: Leadership | undefined;
  #hasLed = false;
  #displace: (error: TocsinError) => void = () => undefined;

  constructor(url: string, health: Health) {
    this.#url = url;
    this.#health = health;
    this.displaced = new Promise((_, reject) => {
      this.#displace = reject;
    });
    // Whoever waits for it hears of it; until somebody does it must not end the process.
    this.displaced.catch(() => undefined);
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
    if (this.#leadership) {
      this.#hasLed = true;
      this.#health.set('leader', 'up', `leading, epoch ${this.#leadership.epoch}`);
    } else {
      const detail = 'another Tocsin runs on this database: standing by until it ends';
      this.#health.set('leader', 'degraded', detail, 'standing by');
      if (this.#hasLed) this.#displace(displacedError());
    }
    return 'idle';
  }

  /** @throws TocsinError `lease.lost`, retryable, while another process leads */
  async take(): Promise<void> {
    await this.turn();
    if (this.current()) return;
    throw new TocsinError(
      'lease.lost',
      'another Tocsin runs on this database: this one stands by and takes over when that one ends',
      { retryable: true },
    );
  }

  async release(): Promise<void> {
    await this.#leadership?.release();
    this.#leadership = undefined;
  }
}

function displacedError(): TocsinError {
  const text =
    'another Tocsin has taken this database over while the connection was lost: start this one again to stand by';
  return new TocsinError('lease.lost', text);
}
