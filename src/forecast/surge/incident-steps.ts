import type { ForecastBasis, IncidentBasis } from '../forecast-basis.js';
import type { SurgeRules } from '../rules.js';
import type { CallClock } from './call-clock.js';
import { IncidentCurve, type IvrMessage } from './incident-curve.js';
import { repairOutcomes } from './repair-outcomes.js';
import { Stretches } from './stretches.js';

/** First calls of one incident by step: their mean, and the variance of that mean by what is not known. */
export interface IncidentSteps {
  readonly mean: Float64Array;
  readonly variance: Float64Array;
}

/** Predicts one incident's calls over all that is believed of it and of its repair. */
export function incidentSteps(
  { load, belief }: IncidentBasis,
  basis: ForecastBasis,
  rules: SurgeRules,
  clock: CallClock,
  ivr?: IvrMessage | undefined,
): IncidentSteps {
  const curve = new IncidentCurve(load, rules, clock, ivr);
  const stepMs = basis.intervalSeconds * 1000;
  const steps = Array.from({ length: basis.steps }, (_, step) => {
    const fromMs = basis.firstMs + step * stepMs;
    return { fromMs, toMs: fromMs + stepMs };
  });
  const outcomes = repairOutcomes(load, basis.issuedAtMs).map((outcome) => ({
    weight: outcome.weight,
    stretches: new Stretches(steps, clock, rules, outcome),
  }));
  const mean = new Float64Array(basis.steps);
  const square = new Float64Array(basis.steps);
  for (const { form, weight, level, levelSquare } of belief.forms) {
    for (const outcome of outcomes) {
      const share = weight * outcome.weight;
      const calls = outcome.stretches.calls(curve, form);
      for (let step = 0; step < basis.steps; step++) {
        const each = calls[step] ?? 0;
        mean[step] = (mean[step] ?? 0) + share * level * each;
        square[step] = (square[step] ?? 0) + share * levelSquare * each * each;
      }
    }
  }
  const variance = mean.map(
    (each, step) => Math.max(0, (square[step] ?? 0) - each ** 2) + belief.roughness * each ** 2,
  );
  return { mean, variance };
}
