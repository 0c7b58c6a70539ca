import type { DayMatrix } from '../day-matrix.js';
import { REACH_DAYS } from './ordinary-learner.js';
import { OrdinaryPattern } from './pattern.js';
import {
  fitPattern,
  type HolidayCalendar,
  noHolidays,
  type PatternFitter,
  type PatternJob,
  type PatternSample,
} from './ports.js';

const DAY_MS = 86_400_000;
/** After midnight the last calls of the day before come in late; then learning begins. */
const BEGIN_MS = 30 * 60_000;
/** So long after midnight the pattern of the new day is taken over. */
const TAKE_OVER_MS = 2 * 3_600_000;

/** The days before a local day, without what past incidents added. */
export type HistoryBefore = (dayNumber: number) => DayMatrix;

/**
 * The pattern of one queue that is in use: learnt anew every night from the days before, begun half an
 * hour after local midnight and taken over at two, so that a restart in between changes nothing.
 */
export class PatternSchedule {
  readonly #fitter: PatternFitter;
  readonly #holidays: HolidayCalendar;
  #pattern: OrdinaryPattern | undefined;
  /** first day that the pattern in use has not learnt */
  #day = Number.NEGATIVE_INFINITY;
  #begun:
    | { readonly day: number; readonly sample: PatternSample; readonly job: PatternJob }
    | undefined;

  /** @param holidays are learnt and foretold apart from other days; default none */
  constructor(fitter: PatternFitter, holidays = noHolidays) {
    this.#fitter = fitter;
    this.#holidays = holidays;
  }

  /** The pattern in use; undefined before the first `follow`. */
  get pattern(): OrdinaryPattern | undefined {
    return this.#pattern;
  }

  /**
   * Begins to learn a first pattern where there is none.
   * @returns whether `follow` will have one without holding up its caller
   */
  prepare(localMs: number, history: HistoryBefore): boolean {
    if (this.#pattern) return true;
    const due = Math.floor((localMs - TAKE_OVER_MS) / DAY_MS);
    if (this.#begun?.day !== due) this.#begin(due, history);
    return !this.#begun?.job.isRunning;
  }

  /**
   * Begins and takes over what is due.
   * @param localMs local time, ms since 1970-01-01 00:00 there
   * @returns whether another pattern is in use now
   */
  follow(localMs: number, history: HistoryBefore): boolean {
    const next = Math.floor((localMs - BEGIN_MS) / DAY_MS);
    const due = Math.floor((localMs - TAKE_OVER_MS) / DAY_MS);
    const isFirst = this.#pattern === undefined;
    if (!isFirst && next > this.#day && this.#begun?.day !== next && due < next) {
      this.#begin(next, history);
    }
    if (due === this.#day) return false;
    const begun = this.#begun?.day === due ? this.#begun : undefined;
    const fit = begun?.job.result ?? fitPattern(begun?.sample ?? this.#sample(history, due));
    this.#pattern = new OrdinaryPattern(fit);
    this.#day = due;
    return true;
  }

  #begin(day: number, history: HistoryBefore): void {
    const sample = this.#sample(history, day);
    this.#begun = { day, sample, job: this.#fitter.begin(sample) };
  }

  #sample(historyBefore: HistoryBefore, origin: number): PatternSample {
    const history = historyBefore(origin);
    // The day after the last one counts as well: the eve of a holiday is a day of its own kind.
    const first = history.dayNumbers[0] ?? origin;
    const holidays = this.#holidays.between(first, origin + REACH_DAYS + 1);
    return { history, holidays, origin };
  }
}
