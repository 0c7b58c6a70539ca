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
