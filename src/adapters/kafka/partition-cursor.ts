import type { FetchedBatch } from './ports.js';

/** Records that are not there any more, or a topic that began anew. */
export interface Gap {
  readonly wanted: number;
  readonly found: number;
}

/**
 * Where a partition is to be read next. The broker's own idea (committed offsets, resets) yields to
 * it; only when the broker insists, the place asked for is gone, and reading goes on where it can.
 */
export class PartitionCursor {
  #next: number;
  #isInsisting = false;
  readonly #onGap: (gap: Gap) => void;

  /** @param next offset of the first record that is still to be read */
  constructor(next: number, onGap: (gap: Gap) => void) {
    this.#next = next;
    this.#onGap = onGap;
  }

  get next(): number {
    return this.#next;
  }

  /** @returns whether this batch is the one to take; else fetch from `next` */
  accepts(batch: FetchedBatch): boolean {
    if (batch.fetchedOffset === this.#next) {
      this.#isInsisting = false;
      return true;
    }
    if (!this.#isInsisting) {
      this.#isInsisting = true;
      return false;
    }
    this.#isInsisting = false;
    if (this.#next > 0) this.#onGap({ wanted: this.#next, found: batch.fetchedOffset });
    this.#next = batch.fetchedOffset;
    return true;
  }

  /** Everything before `next` is taken care of. */
  moveTo(next: number): void {
    this.#next = next;
    this.#isInsisting = false;
  }
}
