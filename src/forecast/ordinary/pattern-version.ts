import type { PatternFit } from './pattern-fit.js';

/** Why a pattern was learnt: none was there, a day is over, or calls or rules are others than before. */
export type LearntWhy = 'first' | 'nightly' | 'calls' | 'rules';

/** What a pattern depends on besides the calls that come: equal texts give equal patterns. */
export interface PatternSettings {
  /** interval, zone and holidays */
  readonly rules: string;
  /** rises with every import of past calls */
  readonly calls: number;
}

/** A pattern as it was learnt; versions of a queue rise by 1. */
export interface PatternVersion {
  readonly version: number;
  /** first local day that it foretells, days since 1970-01-01 */
  readonly originDay: number;
  readonly settings: PatternSettings;
  readonly fit: PatternFit;
}

/** A version that has just been taken over. */
export interface LearntPattern extends PatternVersion {
  readonly queue: string;
  readonly why: LearntWhy;
  /** first and last local day it was learnt from; undefined without calls */
  readonly from: number | undefined;
  readonly to: number | undefined;
}

/** An earlier version that somebody has put a queue back to. */
export interface PinnedPattern {
  readonly version: number;
  readonly fit: PatternFit;
  /** last local day on which it is used */
  readonly untilDay: number;
}

/** What is kept of a queue's versions: the newest, and the one that it was put back to. */
export interface KeptPattern {
  readonly queue: string;
  readonly newest: PatternVersion;
  readonly pinned: PinnedPattern | undefined;
}

/** A queue put back to an earlier version; undefined: forward to the newest again. */
export interface PatternTurn {
  readonly queue: string;
  readonly pinned: PinnedPattern | undefined;
}

/** Days that a fit must still reach to be used: the longest forecast, and the day that runs. */
const NEEDED_DAYS = 15;

/** Last local day on which a fit reaches far enough to be used. */
export function lastDayOf(fit: PatternFit): number {
  const last = fit.days.at(-1)?.dayNumber ?? Number.NEGATIVE_INFINITY;
  return last - NEEDED_DAYS + 1;
}
