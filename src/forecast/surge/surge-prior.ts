import type { SurgeRules } from '../rules.js';
import { DELAY_SHAPES } from './delay-form.js';

/** A quantity known up to a normal error. */
export interface Estimate {
  readonly mean: number;
  readonly variance: number;
}

/** What one incident that is over taught about how people call. */
export interface SurgeLesson {
  readonly incidentId: string;
  readonly endedAtMs: number;
  readonly service: 'none' | 'degraded';
  /** logarithm of how many called against what the rules say */
  readonly logLevel: Estimate;
  /** logarithm of the mean delay against the rules' */
  readonly logDelay: Estimate;
  /** probability of each of `DELAY_SHAPES` */
  readonly shapes: readonly number[];
  /** squared relative deviation of an interval's calls from the curve, beyond chance; 0 or more */
  readonly roughness: number;
  /** its calls by queue and start of the staffing interval (epoch ms), to be taken out of history */
  readonly explained: readonly {
    readonly queue: string;
    readonly calls: readonly (readonly [number, number])[];
  }[];
}

/** What is expected of an incident before its calls come. */
export interface SurgePrior {
  readonly logLevel: Estimate;
  readonly logDelay: Estimate;
  readonly shapes: readonly number[];
  readonly roughness: number;
}

/** Roughness before anything was seen: intervals differ from a smooth curve by about 12 %. */
export const FIRST_ROUGHNESS = 0.015;
/** What an incident of the other kind of loss tells of this kind, against one of the same. */
const OTHER_KIND = 0.25;
/** Shapes before anything was seen: calls begin soon, perhaps after rising a little first. */
export const FIRST_SHAPES = [0.25, 0.3, 0.25, 0.2] as const;

/**
 * What incidents so far say of the next one (empirical Bayes): each lesson counts by how precisely it
 * was measured; the rules' own figures count as `priorIncidents` lessons. The spread is that of one
 * incident about the common mean, with the doubt about that mean.
 * Source: Gelman et al., "Bayesian Data Analysis", 3rd ed., sections 3.3 and 5.4.
 */
export function priorFrom(
  lessons: readonly SurgeLesson[],
  rules: SurgeRules,
  service: 'none' | 'degraded',
): SurgePrior {
  const known = lessons.map((lesson) => ({
    lesson,
    weight: lesson.service === service ? 1 : OTHER_KIND,
  }));
  const ofRules = rules.priorIncidents;
  const pool = (pick: (lesson: SurgeLesson) => Estimate, spread: number): Estimate =>
    pooled(
      known.map(({ lesson, weight }) => ({ ...pick(lesson), weight })),
      spread,
      ofRules,
    );
  const total = ofRules + known.reduce((sum, { weight }) => sum + weight, 0);
  const average = (first: number, pick: (lesson: SurgeLesson) => number): number =>
    (ofRules * first + known.reduce((sum, { lesson, weight }) => sum + weight * pick(lesson), 0)) /
    total;
  return {
    logLevel: pool((lesson) => lesson.logLevel, rules.levelSpread),
    logDelay: pool((lesson) => lesson.logDelay, rules.delaySpread),
    shapes: DELAY_SHAPES.map((_, k) =>
      average(FIRST_SHAPES[k] ?? 0, ({ shapes }) => shapes[k] ?? 0),
    ),
    roughness: average(FIRST_ROUGHNESS, ({ roughness }) => roughness),
  };
}

function pooled(
  seen: readonly (Estimate & { readonly weight: number })[],
  spread: number,
  ofRules: number,
): Estimate {
  let between = spread ** 2;
  let mean = 0;
  let doubt = between / ofRules;
  // The weights depend on the spread and the spread on the mean (EM): a few rounds settle both.
  for (let round = 0; round < 12; round++) {
    let precision = ofRules / between;
    let sum = 0;
    for (const { mean: value, variance, weight } of seen) {
      precision += weight / (between + variance);
      sum += (weight * value) / (between + variance);
    }
    mean = sum / precision;
    doubt = 1 / precision;
    let square = ofRules * spread ** 2;
    let count = ofRules;
    for (const { mean: value, variance, weight } of seen) {
      const kept = between / (between + variance);
      square += weight * (kept ** 2 * ((value - mean) ** 2 + doubt) + kept * variance);
      count += weight;
    }
    between = Math.max((spread / 10) ** 2, square / count);
  }
  return { mean, variance: between + doubt };
}
