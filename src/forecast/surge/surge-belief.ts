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

/** Habits while they are searched for. */
interface Normal {
  readonly mean: ArrayLike<number>;
  readonly covariance: ArrayLike<number>;
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
 * What is believed of an incident's habits after its calls so far: the normal distribution whose mean
 * of calls agrees best with what was seen and with the prior (Gaussian variational approximation; Opper
 * & Archambeau, "The Variational Gaussian Approximation Revisited", Neural Computation 2009), by
 * Fisher scoring. At the mode alone (Laplace) paces that few calls tell of would be expected to bring
 * too many. Counts are taken as quasi-Poisson (McCullagh & Nelder, "Generalized
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
    const { score, information } = slope({ mean: habits, covariance }, of);
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
  const { score, information } = slope(belief, of);
  const pull = times(information, belief.mean).map((each, k) => each + (score[k] ?? 0));
  return { information: [...information], pull: [...pull] };
}

/** Calls of an incident in each stretch, on average over what is believed. */
export function expectedOf(belief: HabitsEstimate, calls: readonly PaceCalls[]): Float64Array {
  const sum = new Float64Array(calls[0]?.before.length ?? 0);
  const { many, manyAfter } = meansOf(belief);
  for (const [k, { before, after }] of calls.entries()) {
    const [own, ownAfter] = [many[k] ?? 0, manyAfter[k] ?? 0];
    for (let i = 0; i < sum.length; i++) {
      sum[i] = (sum[i] ?? 0) + own * (before[i] ?? 0) + ownAfter * (after[i] ?? 0);
    }
  }
  return sum;
}

/** How many call on average, by pace before the repair and after it. */
function meansOf({ mean, covariance }: Normal): { many: number[]; manyAfter: number[] } {
  const last = HABITS - 1;
  const at = (i: number, j: number): number => covariance[i * HABITS + j] ?? 0;
  const logAfter = (mean[last] ?? 0) + at(last, last) / 2;
  const own = PACES.map((_, k) => (mean[k] ?? 0) + at(k, k) / 2);
  return {
    many: own.map((log) => Math.exp(log)),
    manyAfter: own.map((log, k) => Math.exp(log + logAfter + at(k, last))),
  };
}

/** Fisher's score and information of the habits on average over what is believed, by what was seen alone. */
function slope(
  habits: Normal,
  { seen, calls, prior, fadesFromMs }: Judgement,
): { score: Float64Array; information: Float64Array } {
  const score = new Float64Array(HABITS);
  const information = new Float64Array(HABITS * HABITS);
  const { many, manyAfter } = meansOf(habits);
  const pulls = new Float64Array(HABITS);
  for (const [i, each] of seen.entries()) {
    let [own, ownAfter] = [0, 0];
    for (const [k, pace] of calls.entries()) {
      const wave = each.share * (manyAfter[k] ?? 0) * (pace.after[i] ?? 0);
      pulls[k] = each.share * (many[k] ?? 0) * (pace.before[i] ?? 0) + wave;
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
