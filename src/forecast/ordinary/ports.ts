import type { DayMatrix } from '../day-matrix.js';
import { OrdinaryLearner } from './ordinary-learner.js';
import type { PatternFit } from './pattern-fit.js';

/** What a pattern is learnt from; can be handed to a thread. */
export interface PatternSample {
  readonly history: DayMatrix;
  /** local day numbers */
  readonly holidays: readonly number[];
  /** first day of the forecast */
  readonly origin: number;
}

/** Learns a pattern; what it answers depends on the sample alone. */
export function fitPattern({ history, holidays, origin }: PatternSample): PatternFit {
  return OrdinaryLearner.of(history, { holidays: new Set(holidays) }).pattern(origin);
}

/** A pattern being learnt: `result` is undefined until it is, and where it could not be. */
export interface PatternJob {
  readonly isRunning: boolean;
  readonly result: PatternFit | undefined;
}

/**
 * Learns patterns off the hot path where there is a thread to spare. Patterns are taken over at a fixed
 * moment of the day, and one that is not there by then is learnt on the spot: when it answers does not
 * matter.
 */
export interface PatternFitter {
  begin(sample: PatternSample): PatternJob;
}

/** Public holidays by local day number (days since 1970-01-01), past and to come. */
export interface HolidayCalendar {
  /** Those from one day to another, both included, rising. */
  between(firstDay: number, lastDay: number): readonly number[];
}

/** A calendar of ordinary days alone. */
export const noHolidays: HolidayCalendar = { between: () => [] };

/** Leaves it to the moment at which the pattern is needed. */
export const unhurriedPatterns: PatternFitter = {
  begin: () => ({ isRunning: false, result: undefined }),
};
