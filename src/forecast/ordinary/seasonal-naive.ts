import type { DayAhead, Member, PastDay } from './member.js';

const DAY_TYPES = 8;

/** The same interval of the latest day of that type which has it. */
export class SeasonalNaive implements Member {
  readonly name = 'seasonalNaive';
  readonly #latest: readonly Float64Array[];

  constructor(columns: number) {
    this.#latest = Array.from({ length: DAY_TYPES }, () =>
      new Float64Array(columns).fill(Number.NaN),
    );
  }

  learn({ dayType, row }: PastDay): void {
    const latest = this.#latest[dayType];
    for (const [i, value] of row.entries()) {
      if (latest && !Number.isNaN(value)) latest[i] = value;
    }
  }

  forecast({ dayType }: DayAhead): Float64Array {
    return this.#latest[dayType]?.slice() ?? new Float64Array();
  }
}
