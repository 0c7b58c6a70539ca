import type { DayFeatures } from './day-facts.js';

/** A day to forecast. */
export interface DayAhead {
  /** local days since 1970-01-01 */
  readonly dayNumber: number;
  /** see `DayFacts.typeOf` */
  readonly dayType: number;
  readonly features: DayFeatures;
}

/** A day of history on the stabilised scale, odd values already pulled in; NaN where no data. */
export interface PastDay extends DayAhead {
  readonly row: Float64Array;
}

/** A way to forecast whole days from the days before them. Deterministic. */
export interface Member {
  readonly name: string;
  /** takes in a day that is over; days rise */
  learn(day: PastDay): void;
  /** the day on the stabilised scale, NaN where it has nothing to say */
  forecast(day: DayAhead): Float64Array;
}
