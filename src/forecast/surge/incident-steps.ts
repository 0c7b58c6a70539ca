import type { ForecastBasis, IncidentBasis } from '../forecast-basis.js';
import type { SurgeRules } from '../rules.js';
import type { CallClock } from './call-clock.js';
import { HABITS, PACES } from './call-habits.js';
import { IncidentCurve, type IvrMessage } from './incident-curve.js';
import { repairOutcomes } from './repair-outcomes.js';
import { type PaceCalls, Stretches } from './stretches.js';
import type { SurgeBelief } from './surge-belief.js';

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
  const mean = new Float64Array(basis.steps);
  const square = new Float64Array(basis.steps);
  const many = manyOf(belief);
  for (const outcome of repairOutcomes(load, basis.issuedAtMs)) {
    const calls = new Stretches(steps, clock, rules, outcome).byPace(curve);
    addOutcome({ mean, square }, outcome.weight, many, calls);
  }
  const variance = mean.map(
    (each, step) => Math.max(0, (square[step] ?? 0) - each ** 2) + belief.roughness * each ** 2,
  );
  return { mean, variance };
}

/** Log-normal moments of how many call: by pace before the repair, then by pace after it. */
interface ManyCall {
  readonly mean: Float64Array;
  /** means of products, row by row */
  readonly product: Float64Array;
}

const SIZE = 2 * PACES.length;

/** Moments of log-normal variables (Johnson, Kotz & Balakrishnan 1994, ch. 14). */
function manyOf(belief: SurgeBelief): ManyCall {
  const last = HABITS - 1;
  const partsOf = (at: number): number[] => (at < PACES.length ? [at] : [at - PACES.length, last]);
  const covariance = (i: number, j: number): number => {
    let sum = 0;
    for (const a of partsOf(i))
      for (const b of partsOf(j)) sum += belief.covariance[a * HABITS + b] ?? 0;
    return sum;
  };
  const mean = Float64Array.from({ length: SIZE }, (_, i) => {
    const log = partsOf(i).reduce((sum, k) => sum + (belief.mean[k] ?? 0), 0);
    return Math.exp(log + covariance(i, i) / 2);
  });
  const product = Float64Array.from({ length: SIZE * SIZE }, (_, at) => {
    const [i, j] = [Math.floor(at / SIZE), at % SIZE];
    return (mean[i] ?? 0) * (mean[j] ?? 0) * Math.exp(covariance(i, j));
  });
  return { mean, product };
}

function addOutcome(
  { mean, square }: { readonly mean: Float64Array; readonly square: Float64Array },
  weight: number,
  many: ManyCall,
  calls: readonly PaceCalls[],
): void {
  const parts = [...calls.map(({ before }) => before), ...calls.map(({ after }) => after)];
  const places = new Int32Array(SIZE);
  const values = new Float64Array(SIZE);
  for (let step = 0; step < mean.length; step++) {
    let [count, sum, both] = [0, 0, 0];
    for (let i = 0; i < SIZE; i++) {
      const own = parts[i]?.[step] ?? 0;
      if (own === 0) continue;
      places[count] = i;
      values[count++] = own;
      sum += own * (many.mean[i] ?? 0);
    }
    for (let a = 0; a < count; a++) {
      const row = (places[a] ?? 0) * SIZE;
      const own = values[a] ?? 0;
      let others = 0.5 * (many.product[row + (places[a] ?? 0)] ?? 0) * own;
      for (let b = 0; b < a; b++) {
        others += (many.product[row + (places[b] ?? 0)] ?? 0) * (values[b] ?? 0);
      }
      both += 2 * own * others;
    }
    mean[step] = (mean[step] ?? 0) + weight * sum;
    square[step] = (square[step] ?? 0) + weight * both;
  }
}
