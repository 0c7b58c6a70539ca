import { HABITS, type HabitsEstimate, PACES } from './call-habits.js';
import { inverseOf, times } from './positive-definite.js';
import type { PaceCalls } from './stretches.js';
import type { SurgePrior } from './surge-prior.js';

/** What is believed of one incident's calls. */
export interface SurgeBelief extends HabitsEstimate {
  /** squared relative deviation of an interval's calls from the curve, beyond chance */
  readonly roughness: number;
  /** first calls of the incident that were seen, as far as can be told; 0 before any */
  readonly seen: number;
}

/** Calls counted in a stretch of time that an incident has a part in. */
export interface SeenCalls {
  readonly fromMs: number;
  readonly toMs: number;
  readonly calls: number;
  /** calls expected there without this incident, and their variance, chance included */
  readonly others: number;
  readonly othersVariance: number;
  /** share of the incident's calls that shows up there */
  readonly share: number;
}

/** What calls say of habits by themselves: a normal likelihood. */
export interface HabitsEvidence {
  /** `HABITS` × `HABITS`, row by row */
  readonly information: readonly number[];
  /** information times the habits that fit best */
  readonly pull: readonly number[];
}

/** Evidence counts half when it is so old: people's readiness to call drifts. */
const HALF_LIFE_MS = 240 * 60_000;
const NEWTON_STEPS = 25;
/** Longest step of a logarithm. */
const LONGEST = 1.5;
const LEAST_MEAN = 0.5;

/** What an incident's habits are judged by. */
export interface Judgement {
  readonly prior: SurgePrior;
  readonly seen: readonly SeenCalls[];
  /** the incident's calls by pace in each stretch of `seen` */
  readonly calls: readonly PaceCalls[];
  /** evidence fades with its distance to then; null: all counts alike */
  readonly fadesFromMs: number | null;
  /** habits to begin the search at; absent: the prior's */
  readonly begin?: readonly number[];
}

/**
 * What is believed of an incident's habits after its calls so far: the mode by Fisher scoring and the
 * curvature there (Laplace). Counts are taken as quasi-Poisson (McCullagh & Nelder, "Generalized
 * Linear Models", 2nd ed., chapter 9) with the spread of the ordinary calls and the roughness of
 * incident calls, so that a busy queue's noise is not taken for an incident's. Without any calls it is
 * the prior.
 */
export function believe(of: Judgement): SurgeBelief {
  const { prior, seen } = of;
  const precision = inverseOf(prior.covariance, HABITS);
  let habits: Float64Array = Float64Array.from(of.begin ?? prior.mean);
  let covariance: Float64Array = Float64Array.from(prior.covariance);
  for (let step = 0; step < NEWTON_STEPS && seen.length > 0; step++) {
    const { score, information } = slope(habits, of);
    const fromPrior = times(
      precision,
      habits.map((each, k) => (prior.mean[k] ?? 0) - each),
    );
    covariance = inverseOf(
      information.map((each, k) => each + (precision[k] ?? 0)),
      HABITS,
    );
    const move = times(
      covariance,
      score.map((each, k) => each + (fromPrior[k] ?? 0)),
    );
    const longest = move.reduce((most, each) => Math.max(most, Math.abs(each)), 0);
    const scale = Math.min(1, LONGEST / Math.max(longest, 1e-9));
    habits = habits.map((each, k) => each + scale * (move[k] ?? 0));
    if (longest < 0.005) break;
  }
  return {
    mean: [...habits],
    covariance: [...covariance],
    roughness: prior.roughness,
    seen: seen.reduce((sum, { calls, others }) => sum + Math.max(0, calls - others), 0),
  };
}

/** What the calls say of the habits without what was expected before, about what is believed. */
export function evidenceOf(belief: SurgeBelief, of: Judgement): HabitsEvidence {
  const { score, information } = slope(Float64Array.from(belief.mean), of);
  const pull = times(information, belief.mean).map((each, k) => each + (score[k] ?? 0));
  return { information: [...information], pull: [...pull] };
}

/** Calls of an incident in each stretch, on average over what is believed. */
export function expectedOf(belief: HabitsEstimate, calls: readonly PaceCalls[]): Float64Array {
  const sum = new Float64Array(calls[0]?.before.length ?? 0);
  const after = belief.covariance[HABITS * HABITS - 1] ?? 0;
  const logAfter = (belief.mean[HABITS - 1] ?? 0) + after / 2;
  for (const [k, { before, after }] of calls.entries()) {
    const own = (belief.mean[k] ?? 0) + (belief.covariance[k * HABITS + k] ?? 0) / 2;
    const both = own + logAfter + (belief.covariance[k * HABITS + HABITS - 1] ?? 0);
    const [many, manyAfter] = [Math.exp(own), Math.exp(both)];
    for (let i = 0; i < sum.length; i++) {
      sum[i] = (sum[i] ?? 0) + many * (before[i] ?? 0) + manyAfter * (after[i] ?? 0);
    }
  }
  return sum;
}

/** Fisher's score and information of the habits, by what was seen alone. */
function slope(
  habits: Float64Array,
  { seen, calls, prior, fadesFromMs }: Judgement,
): { score: Float64Array; information: Float64Array } {
  const score = new Float64Array(HABITS);
  const information = new Float64Array(HABITS * HABITS);
  const many = PACES.map((_, k) => Math.exp(habits[k] ?? 0));
  const after = Math.exp(habits[HABITS - 1] ?? 0);
  const pulls = new Float64Array(HABITS);
  for (const [i, each] of seen.entries()) {
    let [own, ownAfter] = [0, 0];
    for (const [k, pace] of calls.entries()) {
      const size = each.share * (many[k] ?? 0);
      const wave = size * after * (pace.after[i] ?? 0);
      pulls[k] = size * (pace.before[i] ?? 0) + wave;
      own += pulls[k] ?? 0;
      ownAfter += wave;
    }
    pulls[HABITS - 1] = ownAfter;
    const chance = Math.max(LEAST_MEAN, each.othersVariance + own + prior.roughness * own ** 2);
    const age = fadesFromMs === null ? 0 : Math.max(0, fadesFromMs - each.toMs) / HALF_LIFE_MS;
    const weight = 0.5 ** age / chance;
    const miss = each.calls - each.others - own;
    for (let k = 0; k < HABITS; k++) {
      const pull = weight * (pulls[k] ?? 0);
      if (pull === 0) continue;
      score[k] = (score[k] ?? 0) + pull * miss;
      for (let j = 0; j < HABITS; j++) {
        const at = k * HABITS + j;
        information[at] = (information[at] ?? 0) + pull * (pulls[j] ?? 0);
      }
    }
  }
  return { score, information };
}
