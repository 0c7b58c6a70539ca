import type { CallInterval, DeadLetter } from '../../domain/facts.js';
import type { DecisionTransaction, ReplacedCalls } from './ports.js';

/**
 * Carries out what one tick writes, piece by piece. When careful, a piece that can never be stored
 * is left out and becomes a dead letter; the rest takes place. Which piece that is depends on the
 * data alone, so that deciding the tick again leaves out the same.
 */
export class TickWriter {
  /** what was left out, in order */
  readonly letters: DeadLetter[] = [];
  readonly #tx: DecisionTransaction;
  readonly #isCareful: boolean;

  constructor(tx: DecisionTransaction, isCareful: boolean) {
    this.#tx = tx;
    this.#isCareful = isCareful;
  }

  /** @returns whether it took place */
  async piece(feed: string, item: unknown, work: () => Promise<void>): Promise<boolean> {
    if (!this.#isCareful) {
      await work();
      return true;
    }
    const attempt = await this.#tx.attempt(work);
    if (attempt.status === 'refused') this.#setAside(feed, item, attempt.reason);
    return attempt.status === 'done';
  }

  /** Stores call counts; those that cannot be are found by halving. */
  async calls(calls: readonly CallInterval[]): Promise<ReplacedCalls> {
    if (!this.#isCareful) return this.#tx.saveCalls(calls);
    const attempt = await this.#tx.attempt(() => this.#tx.saveCalls(calls));
    if (attempt.status === 'done') return attempt.result;
    const [only] = calls;
    if (calls.length > 1 || only === undefined) return this.#halves(calls);
    this.#setAside('calls', only, attempt.reason);
    return { added: [], replaced: [] };
  }

  async #halves(calls: readonly CallInterval[]): Promise<ReplacedCalls> {
    const middle = Math.ceil(calls.length / 2);
    const first = await this.calls(calls.slice(0, middle));
    const second = await this.calls(calls.slice(middle));
    return {
      added: [...first.added, ...second.added],
      replaced: [...first.replaced, ...second.replaced],
    };
  }

  #setAside(feed: string, item: unknown, detail: string): void {
    const payload = JSON.stringify(item);
    this.letters.push({ feed, source: 'journal', reason: 'unstorable', detail, payload });
  }
}
