/** How much more than expected cells carried at one moment. */
export interface RiseMoment {
  /** end of the period, epoch ms */
  readonly atMs: number;
  /**
   * cell → deviation in robust standard deviations; cells that are absent rose less than is told, or
   * did not report
   */
  readonly byCell: ReadonlyMap<number, number>;
  /** cell → observed over expected, less 1; absent also where it was not told */
  readonly excess: ReadonlyMap<number, number>;
}

/** One cell's rise: deviation in robust standard deviations, and observed over expected where told. */
export interface Rise {
  readonly z: number;
  readonly ratio?: number | undefined;
}

interface Noted {
  readonly byCell: Map<number, number>;
  readonly excess: Map<number, number>;
}

/** Moments kept: silence is judged by what neighbours carry in its first periods. */
const MOST_MOMENTS = 6;

/** Deviations of traffic upward that are told while others are silent, by moment. */
export class RiseBook {
  readonly #moments = new Map<number, Noted>();

  /** Notes a cell's rise in the period that ended at `atMs`; a later one replaces it. */
  note(cell: number, atMs: number, { z, ratio }: Rise): void {
    let moment = this.#moments.get(atMs);
    if (moment === undefined) {
      moment = { byCell: new Map(), excess: new Map() };
      this.#moments.set(atMs, moment);
      this.#forget();
    }
    moment.byCell.set(cell, z);
    if (ratio !== undefined) moment.excess.set(cell, ratio - 1);
  }

  /** Moments from `sinceMs` on, in order of time. */
  since(sinceMs: number): RiseMoment[] {
    return [...this.#moments]
      .filter(([atMs]) => atMs >= sinceMs)
      .map(([atMs, noted]) => ({ atMs, ...noted }))
      .sort((a, b) => a.atMs - b.atMs);
  }

  #forget(): void {
    const times = [...this.#moments.keys()].sort((a, b) => b - a);
    for (const atMs of times.slice(MOST_MOMENTS)) this.#moments.delete(atMs);
  }
}
