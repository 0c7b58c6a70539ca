const DAY_MS = 86_400_000;

/**
 * Calls of one queue by staffing interval, packed by UTC day: two years of quarter hours take half a
 * megabyte.
 */
export class CallCounts {
  readonly #stepMs: number;
  /** by UTC day; NaN where nothing is known */
  readonly #days = new Map<number, Float64Array>();

  /** @param intervalSeconds divides a day */
  constructor(intervalSeconds: number) {
    this.#stepMs = intervalSeconds * 1000;
  }

  /** Adds calls to the interval that a moment lies in. @param atMs epoch ms */
  add(atMs: number, calls: number): void {
    const day = Math.floor(atMs / DAY_MS);
    let row = this.#days.get(day);
    if (!row) {
      row = new Float64Array(DAY_MS / this.#stepMs).fill(Number.NaN);
      this.#days.set(day, row);
    }
    const at = Math.floor((atMs - day * DAY_MS) / this.#stepMs);
    const known = row[at] ?? Number.NaN;
    row[at] = (Number.isNaN(known) ? 0 : known) + calls;
  }

  /** Calls of the interval that a moment lies in; undefined where nothing is known. */
  at(atMs: number): number | undefined {
    const day = Math.floor(atMs / DAY_MS);
    const known = this.#days.get(day)?.[Math.floor((atMs - day * DAY_MS) / this.#stepMs)];
    return known === undefined || Number.isNaN(known) ? undefined : known;
  }

  /** Start of each known interval in epoch ms, with its calls; days in the order they came. */
  *entries(): Generator<readonly [number, number]> {
    for (const [day, row] of this.#days) {
      for (let at = 0; at < row.length; at++) {
        const calls = row[at] ?? Number.NaN;
        if (!Number.isNaN(calls)) yield [day * DAY_MS + at * this.#stepMs, calls];
      }
    }
  }
}
