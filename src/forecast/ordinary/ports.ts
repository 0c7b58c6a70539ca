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

/** Where a pattern has changed, so many days at the end are learnt alone as well. */
const LATE_DAYS = 56;
/** What they must make of the recent errors to be preferred to the whole history. */
const LATE_GAIN = 0.9;

/**
 * Learns a pattern; what it answers depends on the sample alone. Where recent errors are far out of
 * what was usual, the last eight weeks are learnt alone as well, and count if they foretold better.
 */
export function fitPattern({ history, holidays, origin }: PatternSample): PatternFit {
  const options = { holidays: new Set(holidays) };
  const whole = OrdinaryLearner.of(history, options).pattern(origin);
  if (!whole.record.hasDrifted || history.rows.length <= LATE_DAYS) return whole;
  const lately = {
    intervalSeconds: history.intervalSeconds,
    dayNumbers: history.dayNumbers.slice(-LATE_DAYS),
    rows: history.rows.slice(-LATE_DAYS),
  };
  const late = OrdinaryLearner.of(lately, options).pattern(origin);
  const limit = LATE_GAIN * (whole.record.recentWape ?? 0);
  return (late.record.recentWape ?? Number.POSITIVE_INFINITY) < limit ? late : whole;
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
