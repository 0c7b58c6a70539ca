import type { SurgeRules } from '../rules.js';
import { type CallClock, interpolate } from './call-clock.js';
import type { DelayForm } from './delay-form.js';
import type { IncidentCurve } from './incident-curve.js';
import type { RepairOutcome } from './repair-outcomes.js';

/** A stretch of time, epoch ms; the end is not part of it. */
export interface Stretch {
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * Calls of an incident in stretches of time if it ends as `outcome` says. What does not depend on how
 * people call is worked out once: the places on the clock, and the shape of the after-wave.
 */
export class Stretches {
  readonly #from: Float64Array;
  readonly #to: Float64Array;
  /** share of those who had not called by the end that comes after it, by stretch */
  readonly #after: Float64Array;
  readonly #end: number;
  readonly #endMs: number;

  constructor(
    stretches: readonly Stretch[],
    clock: CallClock,
    rules: SurgeRules,
    outcome: RepairOutcome,
  ) {
    const { afterWave, afterWaveMinutes } = rules;
    const scale = 60_000 * afterWaveMinutes;
    this.#from = Float64Array.from(stretches, ({ fromMs }) => clock.place(fromMs));
    this.#to = Float64Array.from(stretches, ({ toMs }) => clock.place(toMs));
    this.#end = clock.place(outcome.atMs);
    this.#endMs = outcome.atMs;
    this.#after = Float64Array.from(stretches, ({ fromMs, toMs }) => {
      if (toMs <= outcome.atMs) return 0;
      const [from, to] = [Math.max(0, fromMs - outcome.atMs), toMs - outcome.atMs];
      return afterWave * (Math.exp(-from / scale) - Math.exp(-to / scale));
    });
  }

  /** Calls in each stretch if people call as `form` says; 0 or more. */
  calls(curve: IncidentCurve, form: DelayForm): Float64Array {
    const series = curve.series(form);
    const remaining = curve.remaining(form, this.#endMs);
    const byEnd = interpolate(series, this.#end);
    const result = new Float64Array(this.#from.length);
    for (let k = 0; k < result.length; k++) {
      // The series never falls, so cutting it at the end is taking the lesser value.
      const from = Math.min(byEnd, interpolate(series, this.#from[k] ?? 0));
      const to = Math.min(byEnd, interpolate(series, this.#to[k] ?? 0));
      result[k] = to - from + (this.#after[k] ?? 0) * remaining;
    }
    return result;
  }
}
