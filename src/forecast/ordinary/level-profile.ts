import type { DayAhead, Member, PastDay } from './member.js';
import { StructuralPanel } from './structural-panel.js';

const FEWEST_DAYS = 3;
const DAY_TYPES = 8;
/** What is left of a day's say in its type's profile when the next of that type comes. */
const TYPE_MEMORY = 0.85;
/** The same in the profile of all days, which a type leans on with the weight of one day. */
const COMMON_MEMORY = 0.94;
const LEAST_LEVEL = 0.05;

class Profile {
  readonly #memory: number;
  readonly #sum: Float64Array;
  readonly #weight: Float64Array;

  constructor(columns: number, memory: number) {
    this.#memory = memory;
    this.#sum = new Float64Array(columns);
    this.#weight = new Float64Array(columns);
  }

  /** Mean share of the level, NaN where never seen. @param lean what to lean on, weight of a day */
  at(i: number, lean = Number.NaN): number {
    const isLeaning = !Number.isNaN(lean);
    const sum = (this.#sum[i] ?? 0) + (isLeaning ? lean : 0);
    return sum / ((this.#weight[i] ?? 0) + (isLeaning ? 1 : 0));
  }

  learn(row: Float64Array, level: number): void {
    for (const [i, value] of row.entries()) {
      if (Number.isNaN(value)) continue;
      this.#sum[i] = this.#memory * (this.#sum[i] ?? 0) + value / level;
      this.#weight[i] = this.#memory * (this.#weight[i] ?? 0) + 1;
    }
  }
}

/**
 * The day's level by regression on day type, closure, place in the month and holidays, times the
 * profile of its day type: what a planner does by hand.
 */
export class LevelProfile implements Member {
  readonly name = 'levelProfile';
  readonly #columns: number;
  readonly #common: Profile;
  readonly #types: readonly Profile[];
  /** of the logarithm of the level */
  readonly #level = new StructuralPanel();
  #days = 0;

  constructor(columns: number) {
    this.#columns = columns;
    this.#common = new Profile(columns, COMMON_MEMORY);
    this.#types = Array.from({ length: DAY_TYPES }, () => new Profile(columns, TYPE_MEMORY));
  }

  learn({ dayNumber, dayType, features, row }: PastDay): void {
    const level = Math.max(LEAST_LEVEL, this.#levelOf(row, dayType));
    this.#level.learn(features, dayNumber, Math.log(level));
    this.#types[dayType]?.learn(row, level);
    this.#common.learn(row, level);
    this.#days++;
  }

  forecast({ dayNumber, dayType, features }: DayAhead): Float64Array {
    const row = new Float64Array(this.#columns).fill(Number.NaN);
    if (this.#days < FEWEST_DAYS) return row;
    const level = Math.exp(this.#level.forecast(features, dayNumber));
    return row.map((_, i) => level * this.#profile(dayType, i));
  }

  #profile(dayType: number, i: number): number {
    return this.#types[dayType]?.at(i, this.#common.at(i)) ?? Number.NaN;
  }

  /** What the profile must be multiplied with to come closest to the day. */
  #levelOf(row: Float64Array, dayType: number): number {
    let sum = 0;
    let square = 0;
    for (const [i, value] of row.entries()) {
      const share = this.#days === 0 ? 1 : this.#profile(dayType, i);
      if (Number.isNaN(value) || Number.isNaN(share)) continue;
      sum += value * share;
      square += share * share;
    }
    return square > 0 ? sum / square : LEAST_LEVEL;
  }
}
