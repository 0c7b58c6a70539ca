import type { SurgeRules } from '../rules.js';
import { HABITS, type HabitsEstimate, habitsOfRules } from './call-habits.js';
import { inverseOf, times } from './positive-definite.js';
import type { HabitsEvidence } from './surge-belief.js';

/** What one incident that is over taught about how people call. */
export interface SurgeLesson {
  readonly incidentId: string;
  readonly endedAtMs: number;
  readonly service: 'none' | 'degraded';
  /** what its calls say of habits; absent: nothing */
  readonly habits?: HabitsEvidence;
  /** squared relative deviation of an interval's calls from the curve, beyond chance; 0 or more */
  readonly roughness: number;
  /** its calls by queue and start of the staffing interval (epoch ms), to be taken out of history */
  readonly explained: readonly {
    readonly queue: string;
    readonly calls: readonly (readonly [number, number])[];
  }[];
}

/** What is expected of an incident before its calls come. */
export interface SurgePrior extends HabitsEstimate {
  readonly roughness: number;
}

/** Roughness before anything was seen: intervals differ from a smooth curve by about 7 %. */
export const FIRST_ROUGHNESS = 0.005;
/** What an incident of the other kind of loss tells of this kind, against one of the same. */
const OTHER_KIND = 0.25;
const ROUNDS = 12;

/**
 * What incidents so far say of the next one (empirical Bayes): mean and covariance of habits over
 * incidents by expectation and maximisation, each lesson counting by what its calls told; the rules'
 * own figures count as `priorIncidents` lessons. The spread is that of one incident about the common
 * mean, with the doubt about that mean.
 * Source: Gelman et al., "Bayesian Data Analysis", 3rd ed., sections 3.6, 5.4 and 13.6.
 */
export function priorFrom(
  lessons: readonly SurgeLesson[],
  rules: SurgeRules,
  service: 'none' | 'degraded',
): SurgePrior {
  const ofRules = habitsOfRules(rules);
  const first = rules.priorIncidents;
  const taught = lessons.flatMap(({ habits, roughness, service: own }) =>
    habits ? [{ habits, roughness, weight: own === service ? 1 : OTHER_KIND }] : [],
  );
  const total = first + taught.reduce((sum, { weight }) => sum + weight, 0);
  let now = { mean: [...ofRules.mean], covariance: [...ofRules.covariance] };
  for (let round = 0; round < (taught.length > 0 ? ROUNDS : 0); round++) {
    now = maximised(now, taught, ofRules, first);
  }
  const rough = taught.reduce((sum, { weight, roughness }) => sum + weight * roughness, 0);
  return {
    mean: now.mean,
    covariance: now.covariance.map((each) => each * (1 + 1 / total)),
    roughness: (first * FIRST_ROUGHNESS + rough) / total,
  };
}

/** One round of expectation and maximisation. */
function maximised(
  now: HabitsEstimate,
  taught: readonly { readonly habits: HabitsEvidence; readonly weight: number }[],
  ofRules: HabitsEstimate,
  first: number,
): { mean: number[]; covariance: number[] } {
  const precision = inverseOf(now.covariance, HABITS);
  const drawn = times(precision, now.mean);
  const each = taught.map(({ habits, weight }) => {
    const covariance = inverseOf(
      precision.map((value, k) => value + (habits.information[k] ?? 0)),
      HABITS,
    );
    const mean = times(
      covariance,
      drawn.map((value, k) => value + (habits.pull[k] ?? 0)),
    );
    return { weight, mean, covariance };
  });
  const total = first + each.reduce((sum, { weight }) => sum + weight, 0);
  const mean = ofRules.mean.map(
    (value, k) =>
      (first * value + each.reduce((sum, one) => sum + one.weight * (one.mean[k] ?? 0), 0)) / total,
  );
  const covariance = ofRules.covariance.map((value, at) => {
    const [i, j] = [Math.floor(at / HABITS), at % HABITS];
    const off = (one: ArrayLike<number>): number =>
      ((one[i] ?? 0) - (mean[i] ?? 0)) * ((one[j] ?? 0) - (mean[j] ?? 0));
    const sum = each.reduce(
      (all, one) => all + one.weight * (off(one.mean) + (one.covariance[at] ?? 0)),
      first * (value + off(ofRules.mean)),
    );
    return sum / total;
  });
  return { mean, covariance };
}
