import type { InfluxRow } from './ports.js';

/** Rows remembered; beyond it the oldest times are forgotten and may be handed on twice. */
const MAX_ROWS = 4_000_000;

/**
 * Remembers which rows of the overlap were handed on, so that asking for it again journals only
 * what is new or changed. A row is its time and a 53-bit hash of its columns.
 */
export class RecentRows {
  readonly #columns: readonly string[];
  readonly #byTime = new Map<number, Set<number>>();
  #count = 0;

  constructor(columns: readonly string[]) {
    this.#columns = columns;
  }

  /** @returns whether the row is new, and remembers it */
  add({ timeMs, record }: InfluxRow): boolean {
    let rows = this.#byTime.get(timeMs);
    if (rows === undefined) {
      rows = new Set();
      this.#byTime.set(timeMs, rows);
    }
    const before = rows.size;
    rows.add(this.#hash(record));
    this.#count += rows.size - before;
    const isNew = rows.size > before;
    if (this.#count > MAX_ROWS) this.#forgetOldest();
    return isNew;
  }

  /** Forgets rows before a time that will not be asked for again. */
  forgetBefore(timeMs: number): void {
    for (const [time, rows] of this.#byTime) {
      if (time >= timeMs) continue;
      this.#byTime.delete(time);
      this.#count -= rows.size;
    }
  }

  clear(): void {
    this.#byTime.clear();
    this.#count = 0;
  }

  #forgetOldest(): void {
    let oldest = Number.POSITIVE_INFINITY;
    for (const time of this.#byTime.keys()) oldest = Math.min(oldest, time);
    this.forgetBefore(oldest + 1);
  }

  /** Two FNV-1a passes over the columns' text, 32 and 21 bits of which are kept. */
  #hash(record: Readonly<Record<string, unknown>>): number {
    let low = 0x811c9dc5;
    let high = 0x1b873593;
    for (const column of this.#columns) {
      const value = record[column];
      const text = value === null || value === undefined ? '' : String(value);
      for (let i = 0; i < text.length; i++) {
        const unit = text.charCodeAt(i);
        low = Math.imul(low ^ unit, 0x01000193);
        high = Math.imul(high ^ unit, 0x01000193) + 0x9e3779b9;
      }
      low = Math.imul(low ^ 0x1f, 0x01000193);
      high = Math.imul(high ^ 0x1f, 0x01000193) + 0x9e3779b9;
    }
    return ((high ^ (high >>> 15)) >>> 11) * 2 ** 32 + ((low ^ (low >>> 13)) >>> 0);
  }
}
