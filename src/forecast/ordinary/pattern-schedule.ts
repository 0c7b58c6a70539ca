import type { DayMatrix } from '../day-matrix.js';
import { REACH_DAYS } from './ordinary-learner.js';
import { OrdinaryPattern } from './pattern.js';
import type {
  LearntPattern,
  LearntWhy,
  PatternSettings,
  PatternVersion,
  PinnedPattern,
} from './pattern-version.js';
import {
  fitPattern,
  type HolidayCalendar,
  noHolidays,
  type PatternFitter,
  type PatternJob,
  type PatternSample,
  unhurriedPatterns,
} from './ports.js';

const DAY_MS = 86_400_000;
/** After midnight the last calls of the day before come in late; then learning begins. */
const BEGIN_MS = 30 * 60_000;
/** So long after midnight the pattern of the new day is taken over. */
const TAKE_OVER_MS = 2 * 3_600_000;

/** The days before a local day, without what past incidents added. */
export type HistoryBefore = (dayNumber: number) => DayMatrix;

/** How ordinary patterns are learnt. */
export interface Learning {
  /** default: on the spot */
  readonly fitter?: PatternFitter;
  /** are learnt and foretold apart from other days; default: none */
  readonly holidays?: HolidayCalendar;
  /** default: those of nothing in particular */
  readonly settings?: PatternSettings;
}

const NO_SETTINGS: PatternSettings = { rules: '', calls: 0 };

/** A version that has just been taken over, but for its queue. */
export type TakenOver = Omit<LearntPattern, 'queue'>;

/**
 * The pattern of one queue that is in use: learnt anew every night from the days before, begun half an
 * hour after local midnight and taken over at two, so that a restart in between changes nothing. The
 * version of the day is taken from what is kept, where it was learnt of the same rules and imports.
 */
export class PatternSchedule {
  readonly #fitter: PatternFitter;
  readonly #holidays: HolidayCalendar;
  readonly #settings: PatternSettings;
  /** the newest, in use or not */
  #newest: OrdinaryPattern | undefined;
  /** first day that the newest has not learnt */
  #day = Number.NEGATIVE_INFINITY;
  /** the newest version that is kept */
  #kept: PatternVersion | undefined;
  #version = 0;
  #pinned: { readonly pattern: OrdinaryPattern; readonly untilDay: number } | undefined;
  #begun:
    | { readonly day: number; readonly sample: PatternSample; readonly job: PatternJob }
    | undefined;

  constructor(learning: Learning = {}) {
    const { fitter = unhurriedPatterns, holidays = noHolidays, settings = NO_SETTINGS } = learning;
    this.#fitter = fitter;
    this.#holidays = holidays;
    this.#settings = settings;
  }

  /** The pattern in use; undefined before the first `follow`. */
  get pattern(): OrdinaryPattern | undefined {
    return this.#pinned?.pattern ?? this.#newest;
  }

  /** Tells what is kept, before anything is learnt; the next version follows on it. */
  remember(newest: PatternVersion): void {
    this.#kept = newest;
    this.#version = newest.version;
  }

  /** Uses an earlier version from now on, or the newest again; learning goes on beside it. */
  turn(pinned: PinnedPattern | undefined): void {
    this.#pinned = pinned && {
      pattern: new OrdinaryPattern(pinned.fit),
      untilDay: pinned.untilDay,
    };
  }

  /** Whether a pattern is being learnt beside the decisions. */
  get isLearning(): boolean {
    return this.#begun?.job.isRunning === true;
  }

  /**
   * Begins to learn a first pattern where there is none.
   * @param mayBegin false puts it off to a later call
   * @returns whether `follow` will have one without holding up its caller
   */
  prepare(localMs: number, history: HistoryBefore, mayBegin = true): boolean {
    const due = Math.floor((localMs - TAKE_OVER_MS) / DAY_MS);
    if (this.#newest || this.#keptOf(due)) return true;
    if (this.#begun?.day !== due) {
      if (!mayBegin) return false;
      this.#begin(due, history);
    }
    return !this.#begun?.job.isRunning;
  }

  /**
   * Begins and takes over what is due.
   * @param localMs local time, ms since 1970-01-01 00:00 there
   * @param mayBegin false puts off what is due later to a later call
   * @returns the version that was taken over now, unless it is kept already
   */
  follow(localMs: number, history: HistoryBefore, mayBegin = true): TakenOver | undefined {
    const next = Math.floor((localMs - BEGIN_MS) / DAY_MS);
    const due = Math.floor((localMs - TAKE_OVER_MS) / DAY_MS);
    if (this.#pinned && Math.floor(localMs / DAY_MS) > this.#pinned.untilDay) {
      this.#pinned = undefined;
    }
    const isDue = this.#newest && next > this.#day && this.#begun?.day !== next && due < next;
    if (isDue && mayBegin) this.#begin(next, history);
    if (due === this.#day) return undefined;
    this.#day = due;
    const kept = this.#keptOf(due);
    if (kept) this.#newest = new OrdinaryPattern(kept.fit);
    return kept ? undefined : this.#takeOver(due, history);
  }

  #takeOver(due: number, history: HistoryBefore): TakenOver {
    const begun = this.#begun?.day === due ? this.#begun : undefined;
    const sample = begun?.sample ?? this.#sample(history, due);
    const fit = begun?.job.result ?? fitPattern(sample);
    this.#newest = new OrdinaryPattern(fit);
    this.#version++;
    const { dayNumbers } = sample.history;
    const settings = this.#settings;
    const taken = {
      version: this.#version,
      originDay: due,
      settings,
      fit,
      why: this.#why(),
      from: dayNumbers.at(-fit.learntDays),
      to: dayNumbers.at(-1),
    };
    this.#kept = taken;
    return taken;
  }

  #why(): LearntWhy {
    if (!this.#kept) return 'first';
    const { rules, calls } = this.#kept.settings;
    if (rules !== this.#settings.rules) return 'rules';
    return calls === this.#settings.calls ? 'nightly' : 'calls';
  }

  /** The kept version, when it is the one that would be learnt now. */
  #keptOf(due: number): PatternVersion | undefined {
    const { rules, calls } = this.#settings;
    const kept = this.#kept;
    const isIt =
      kept?.originDay === due && kept.settings.rules === rules && kept.settings.calls === calls;
    return isIt ? kept : undefined;
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
