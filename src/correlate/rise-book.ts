/** How much more than expected cells carried at one moment, in robust standard deviations. */
export interface RiseMoment {
  /** end of the period, epoch ms */
  readonly atMs: number;
  /** cell → deviation; cells that are absent rose less than is told, or did not report */
  readonly byCell: ReadonlyMap<number, number>;
}

/** Moments kept: silence is judged by what neighbours carry in its first periods. */
const MOST_MOMENTS = 6;

/** Deviations of traffic upward that are told while others are silent, by moment. */
export class RiseBook {
  readonly #moments = new Map<number, Map<number, number>>();

  /** Notes a cell's rise in the period that ended at `atMs`; a later one replaces it. */
  note(cell: number, atMs: number, z: number): void {
    let moment = this.#moments.get(atMs);
    if (moment === undefined) {
      moment = new Map();
      this.#moments.set(atMs, moment);
      this.#forget();
    }
    moment.set(cell, z);
  }

  /** Moments from `sinceMs` on, in order of time. */
  since(sinceMs: number): RiseMoment[] {
    return [...this.#moments]
      .filter(([atMs]) => atMs >= sinceMs)
      .map(([atMs, byCell]) => ({ atMs, byCell }))
      .sort((a, b) => a.atMs - b.atMs);
  }

  #forget(): void {
    const times = [...this.#moments.keys()].sort((a, b) => b - a);
    for (const atMs of times.slice(MOST_MOMENTS)) this.#moments.delete(atMs);
  }
}
