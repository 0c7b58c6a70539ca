import { type Gap, PartitionCursor } from './partition-cursor.js';
import type { FetchedBatch, Records } from './ports.js';

/** Memory one partition may hold; the fetch in hand may exceed it once. */
const HIGH_BYTES = 8 * 1024 * 1024;
const LOW_BYTES = HIGH_BYTES / 2;

/** Fetched records of one partition that wait to be read, with bounds on memory. */
export class PartitionBuffer {
  readonly #cursor: PartitionCursor;
  #sets: Records[] = [];
  #bytes = 0;
  #front: number;

  /** @param from offset of the first record that is to be read */
  constructor(from: number, onGap: (gap: Gap) => void) {
    this.#front = from;
    this.#cursor = new PartitionCursor(from, onGap);
  }

  /** Offset of the next record to read. */
  get front(): number {
    return this.#front;
  }

  /** Offset after the last record that is held. */
  get end(): number {
    return this.#cursor.next;
  }

  get records(): readonly Records[] {
    return this.#sets;
  }

  get isFull(): boolean {
    return this.#bytes >= HIGH_BYTES;
  }

  get isDrained(): boolean {
    return this.#bytes <= LOW_BYTES;
  }

  /** Keeps a batch if it is the one wanted. @returns the offset to fetch next */
  add(batch: FetchedBatch): number {
    if (this.#cursor.accepts(batch)) {
      if (this.#sets.length === 0) this.#front = Math.max(this.#front, batch.fetchedOffset);
      for (const set of batch.records) {
        this.#sets.push(set);
        this.#bytes += set.bytes;
      }
      this.#cursor.moveTo(batch.nextOffset);
    }
    return this.#cursor.next;
  }

  /** Lets go of everything before `offset`. */
  dropBefore(offset: number): void {
    this.#front = offset;
    while (this.#sets[0] && this.#sets[0].lastOffset < offset) {
      this.#bytes -= this.#sets[0].bytes;
      this.#sets.shift();
    }
  }
}
