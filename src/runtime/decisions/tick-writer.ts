import type { CallInterval, DeadLetter } from '../../domain/facts.js';
import type { SingleCall } from '../../domain/single-call.js';
import type { DecisionTransaction, ReplacedCalls } from './ports.js';

/** Reason of letters about calls that a total counts in the place of: nothing is wrong with them. */
export const COUNTED = 'calls.counted';

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
    const pieces = await this.#halving('calls', calls, (some) => this.#tx.saveCalls(some));
    return {
      added: pieces.flatMap(({ added }) => added),
      replaced: pieces.flatMap(({ replaced }) => replaced),
    };
  }

  /** Counts single calls likewise; those whose time a total holds become one letter for each total. */
  async singleCalls(calls: readonly SingleCall[]): Promise<ReplacedCalls> {
    const pieces = await this.#halving('calls', calls, (some) => this.#tx.saveSingleCalls(some));
    for (const { queue, reason, calls } of pieces.flatMap(({ leftOut }) => leftOut)) {
      this.letters.push({
        feed: 'calls',
        source: 'journal',
        reason: COUNTED,
        detail: `${calls} single calls were left out: ${reason}`,
        payload: JSON.stringify({ queue, calls }),
      });
    }
    return { added: pieces.flatMap(({ added }) => added), replaced: [] };
  }

  async #halving<Item, Result>(
    feed: string,
    items: readonly Item[],
    save: (items: readonly Item[]) => Promise<Result>,
  ): Promise<Result[]> {
    if (!this.#isCareful) return [await save(items)];
    const attempt = await this.#tx.attempt(() => save(items));
    if (attempt.status === 'done') return [attempt.result];
    const [only] = items;
    if (items.length <= 1) {
      if (only !== undefined) this.#setAside(feed, only, attempt.reason);
      return [];
    }
    const middle = Math.ceil(items.length / 2);
    const first = await this.#halving(feed, items.slice(0, middle), save);
    return [...first, ...(await this.#halving(feed, items.slice(middle), save))];
  }

  #setAside(feed: string, item: unknown, detail: string): void {
    const payload = JSON.stringify(item);
    this.letters.push({ feed, source: 'journal', reason: 'unstorable', detail, payload });
  }
}
