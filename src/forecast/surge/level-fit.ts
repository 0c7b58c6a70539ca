import type { Estimate } from './surge-prior.js';

/** Calls counted in a stretch, as the level is fitted to them. */
export interface Evidence {
  readonly calls: number;
  /** expected there without the incident */
  readonly others: number;
  /** how much one call counts, 0 to 1 */
  readonly weight: number;
}

/** What is believed of the level under one form of delays. */
export interface LevelFit {
  /** logarithm of the evidence for the form, up to what all forms share */
  readonly logEvidence: number;
  /** of the level's logarithm */
  readonly logLevel: Estimate;
  /** mean of the level and of its square */
  readonly level: number;
  readonly levelSquare: number;
}

const NEWTON_STEPS = 8;
/** Integration reaches so many standard deviations to each side, in half ones. */
const REACH = 3.5;
const LEAST_MEAN = 0.01;

/** Fisher's score and information of the logged level at `x`, prior included. */
function slope(
  x: number,
  prior: Estimate,
  due: Float64Array,
  evidence: readonly Evidence[],
): { score: number; information: number } {
  let score = (prior.mean - x) / prior.variance;
  let information = 1 / prior.variance;
  const level = Math.exp(x);
  for (let k = 0; k < evidence.length; k++) {
    const each = evidence[k];
    if (!each) continue;
    const own = level * (due[k] ?? 0);
    const mean = each.others + own + LEAST_MEAN;
    score += each.weight * own * (each.calls / mean - 1);
    information += (each.weight * own * own) / mean;
  }
  return { score, information };
}

function logDensity(
  x: number,
  prior: Estimate,
  due: Float64Array,
  evidence: readonly Evidence[],
): number {
  let sum = -((x - prior.mean) ** 2) / (2 * prior.variance);
  const level = Math.exp(x);
  for (let k = 0; k < evidence.length; k++) {
    const each = evidence[k];
    if (!each) continue;
    const mean = each.others + level * (due[k] ?? 0) + LEAST_MEAN;
    sum += each.weight * (each.calls * Math.log(mean) - mean);
  }
  return sum;
}

/**
 * Fits an incident's level (log-normal before) to quasi-Poisson counts: the mode by Fisher scoring,
 * then integrals about it on a grid as fine as the answer is sharp.
 *
 * @param due calls expected of the incident in each stretch at level 1
 */
export function fitLevel(
  prior: Estimate,
  due: Float64Array,
  evidence: readonly Evidence[],
): LevelFit {
  let mode = prior.mean;
  let spread = Math.sqrt(prior.variance);
  for (let step = 0; step < NEWTON_STEPS; step++) {
    const { score, information } = slope(mode, prior, due, evidence);
    spread = 1 / Math.sqrt(information);
    const move = Math.max(-1, Math.min(1, score / information));
    mode += move;
    if (Math.abs(move) < 0.01 * spread) break;
  }
  const top = logDensity(mode, prior, due, evidence);
  let [total, sum, square, level, levelSquare] = [0, 0, 0, 0, 0];
  for (let z = -REACH; z <= REACH; z += 0.5) {
    const x = mode + z * spread;
    const weight = Math.exp(Math.min(50, logDensity(x, prior, due, evidence) - top));
    total += weight;
    sum += weight * x;
    square += weight * x * x;
    level += weight * Math.exp(x);
    levelSquare += weight * Math.exp(2 * x);
  }
  const mean = sum / total;
  return {
    logEvidence: top + Math.log(total * spread),
    logLevel: { mean, variance: Math.max(1e-6, square / total - mean ** 2) },
    level: level / total,
    levelSquare: levelSquare / total,
  };
}
