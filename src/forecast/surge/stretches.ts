import type { SurgeRules } from '../rules.js';
import { type CallClock, interpolate } from './call-clock.js';
import { PACES } from './call-habits.js';
import type { IncidentCurve } from './incident-curve.js';
import type { RepairOutcome } from './repair-outcomes.js';

/** A stretch of time, epoch ms; the end is not part of it. */
export interface Stretch {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Calls of one pace in each stretch, were all who call of it. */
export interface PaceCalls {
  /** until the repair */
  readonly before: Float64Array;
  /** after it, did everybody call who had not */
  readonly after: Float64Array;
}

/**
 * Calls of an incident in stretches of time if it ends as `outcome` says. What does not depend on how
 * people call is worked out once: the places on the clock, and the shape of the after-wave.
 */
export class Stretches {
  readonly #from: Float64Array;
  readonly #to: Float64Array;
  /** share of the after-wave that comes then, by stretch */
  readonly #after: Float64Array;
  readonly #end: number;
  readonly #endMs: number;

  constructor(
    stretches: readonly Stretch[],
    clock: CallClock,
    rules: SurgeRules,
    outcome: RepairOutcome,
  ) {
    const scale = 60_000 * rules.afterWaveMinutes;
    this.#from = Float64Array.from(stretches, ({ fromMs }) => clock.place(fromMs));
    this.#to = Float64Array.from(stretches, ({ toMs }) => clock.place(toMs));
    this.#end = clock.place(outcome.atMs);
    this.#endMs = outcome.atMs;
    this.#after = Float64Array.from(stretches, ({ fromMs, toMs }) => {
      if (toMs <= outcome.atMs) return 0;
      const [from, to] = [Math.max(0, fromMs - outcome.atMs), toMs - outcome.atMs];
      return Math.exp(-from / scale) - Math.exp(-to / scale);
    });
  }

  /** For each of `PACES`; 0 or more. */
  byPace(curve: IncidentCurve): PaceCalls[] {
    return PACES.map((pace) => this.#ofPace(curve, pace));
  }

  #ofPace(curve: IncidentCurve, pace: number): PaceCalls {
    const series = curve.series(pace);
    const remaining = curve.remaining(pace, this.#endMs);
    const byEnd = interpolate(series, this.#end);
    const before = new Float64Array(this.#from.length);
    for (let k = 0; k < before.length; k++) {
      // The series never falls, so cutting it at the end is taking the lesser value.
      const from = Math.min(byEnd, interpolate(series, this.#from[k] ?? 0));
      before[k] = Math.min(byEnd, interpolate(series, this.#to[k] ?? 0)) - from;
    }
    return { before, after: this.#after.map((share) => share * remaining) };
  }
}
