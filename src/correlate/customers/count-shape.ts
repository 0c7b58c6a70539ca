/** A week has this many days of which each has a course of its own. */
const DAYS = 7;
const DAY_SECONDS = 86_400;
/** Share that a week counts of the one after: half after three weeks. */
export const WEEK_KEEP = 0.8;
/** Weeks that what is known of all days alike is worth. */
const PRIOR_WEEKS = 0.7;

/** How many are counted everywhere together, by time of the week. For storing. */
export interface StoredShape {
  readonly sums: readonly number[];
  readonly weights: readonly number[];
}

/** Working days, and Saturday and Sunday, resemble each other. */
function kindOf(day: number): number {
  return day < 5 ? 0 : day - 4;
}

/**
 * What is counted everywhere together in an interval of the week, learnt with decay. While a weekday
 * is new it leans on the others of its kind. Local time.
 */
export class CountShape {
  readonly #perDay: number;
  readonly #seconds: number;
  readonly #sums: Float64Array;
  readonly #weights: Float64Array;

  constructor(intervalSeconds: number, stored?: StoredShape) {
    this.#seconds = intervalSeconds;
    this.#perDay = Math.max(1, Math.ceil(DAY_SECONDS / intervalSeconds));
    const slots = DAYS * this.#perDay;
    this.#sums = stored === undefined ? new Float64Array(slots) : Float64Array.from(stored.sums);
    this.#weights =
      stored === undefined ? new Float64Array(slots) : Float64Array.from(stored.weights);
  }

  /** Place of a moment in the week. @param localMs local time as if it were UTC, epoch ms */
  slotOf(localMs: number): number {
    const seconds = Math.floor(localMs / 1000);
    const ofDay = ((seconds % DAY_SECONDS) + DAY_SECONDS) % DAY_SECONDS;
    // 1970-01-01 was a Thursday
    const day = (((Math.floor(seconds / DAY_SECONDS) + 3) % DAYS) + DAYS) % DAYS;
    return day * this.#perDay + Math.min(this.#perDay - 1, Math.floor(ofDay / this.#seconds));
  }

  /** Expected count in all areas together, and how many counts that rests on. */
  expected(slot: number): { readonly mean: number; readonly basis: number } {
    const day = Math.floor(slot / this.#perDay);
    const at = slot % this.#perDay;
    let sum = 0;
    let weight = 0;
    for (let other = 0; other < DAYS; other++) {
      if (kindOf(other) !== kindOf(day)) continue;
      sum += this.#sums[other * this.#perDay + at] ?? 0;
      weight += this.#weights[other * this.#perDay + at] ?? 0;
    }
    const alike = weight > 0 ? sum / weight : this.#overall();
    const own = this.#sums[slot] ?? 0;
    const ownWeight = this.#weights[slot] ?? 0;
    return { mean: (own + PRIOR_WEEKS * alike) / (ownWeight + PRIOR_WEEKS), basis: sum };
  }

  learn(slot: number, count: number): void {
    this.#sums[slot] = WEEK_KEEP * (this.#sums[slot] ?? 0) + count;
    this.#weights[slot] = WEEK_KEEP * (this.#weights[slot] ?? 0) + 1;
  }

  stored(): StoredShape {
    return { sums: [...this.#sums], weights: [...this.#weights] };
  }

  #overall(): number {
    let sum = 0;
    let weight = 0;
    for (const [slot, own] of this.#weights.entries()) {
      sum += this.#sums[slot] ?? 0;
      weight += own;
    }
    return weight > 0 ? sum / weight : 0;
  }
}
