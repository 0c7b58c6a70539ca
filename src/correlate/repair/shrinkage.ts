import { logGamma } from './log-gamma.js';

/** Strengths that are tried: from "levels differ by as much as themselves" to "no difference". */
const STRENGTHS: readonly number[] = Array.from({ length: 15 }, (_, i) => 2 ** i);

/** Ends seen by level, and how many were expected there without it; 0 expected: left out. */
export interface LevelCounts {
  readonly ends: Float64Array;
  readonly expected: Float64Array;
}

/** Negative binomial log-likelihood of counts whose rates are gamma distributed with mean 1. */
function logLikelihood({ ends, expected }: LevelCounts, strength: number): number {
  const perLevel = strength * Math.log(strength) - logGamma(strength);
  let sum = 0;
  for (let l = 0; l < ends.length; l++) {
    const wanted = expected[l] ?? 0;
    const seen = ends[l] ?? 0;
    if (wanted <= 0) continue;
    sum += perLevel + logGamma(seen + strength) + seen * Math.log(wanted);
    sum -= (seen + strength) * Math.log(wanted + strength);
  }
  return sum;
}

/**
 * How strongly levels are drawn towards 1, in ends: the mode of the marginal likelihood over the
 * levels' gamma distributed rates (empirical Bayes; Clayton and Kaldor, Biometrics 43 (1987), with
 * mean 1). A level with fewer ends than this keeps less than half of its own deviation.
 * @returns from 1 to 2^14; the largest where levels do not differ beyond chance
 */
export function fitStrength(counts: LevelCounts): number {
  let best = STRENGTHS.at(-1) ?? 1;
  let most = Number.NEGATIVE_INFINITY;
  for (const strength of STRENGTHS) {
    const likelihood = logLikelihood(counts, strength);
    if (likelihood < most) continue;
    most = likelihood;
    best = strength;
  }
  return best;
}

/** A level's rate relative to the rest, drawn towards 1. */
export function shrunk(ends: number, expected: number, strength: number): number {
  return (ends + strength) / (expected + strength);
}
