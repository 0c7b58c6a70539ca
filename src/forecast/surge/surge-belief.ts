import type { SurgeRules } from '../rules.js';
import { DELAY_SHAPES, type DelayForm } from './delay-form.js';
import { type Evidence, fitLevel } from './level-fit.js';
import type { Estimate, SurgePrior } from './surge-prior.js';

/** One form of the delays with how probable it is and what is believed of the level under it. */
export interface FormBelief {
  readonly form: DelayForm;
  readonly weight: number;
  /** mean of the level (how many call against what the rules say) and of its square */
  readonly level: number;
  readonly levelSquare: number;
}

/** What is believed of one incident's calls; weights add up to 1. */
export interface SurgeBelief {
  readonly forms: readonly FormBelief[];
  readonly logLevel: Estimate;
  readonly logDelay: Estimate;
  readonly shapes: readonly number[];
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

const DELAY_POINTS = 13;
/** How far the grid of delays reaches, in standard deviations. */
const REACH = 2.6;
/** Evidence counts half when it is so old: people's readiness to call drifts. */
const HALF_LIFE_MS = 60 * 60_000;
/** Forms less probable than this are left out. */
const LEAST_WEIGHT = 1e-3;

interface GridForm {
  readonly form: DelayForm;
  readonly logDelay: number;
  readonly shape: number;
  readonly logPrior: number;
}

function gridForms(prior: SurgePrior, rules: SurgeRules): GridForm[] {
  const spread = Math.sqrt(prior.logDelay.variance);
  return Array.from({ length: DELAY_POINTS }, (_, i) => {
    const z = REACH * ((2 * i) / (DELAY_POINTS - 1) - 1);
    const logDelay = prior.logDelay.mean + z * spread;
    return DELAY_SHAPES.map((shape, k) => ({
      form: { meanMinutes: rules.delayMinutes * Math.exp(logDelay), shape },
      logDelay,
      shape: k,
      logPrior: (-z * z) / 2 + Math.log(Math.max(1e-6, prior.shapes[k] ?? 0)),
    }));
  }).flat();
}

/**
 * What is believed of an incident's level and delays after its calls so far: Bayes' rule, with delays
 * on a grid and the level integrated under each. Counts are taken as quasi-Poisson (McCullagh &
 * Nelder, "Generalized Linear Models", 2nd ed., chapter 9), with the dispersion of the ordinary calls
 * and the roughness of incident calls, so that a busy queue's noise is not taken for an incident's.
 * Without any calls it is the prior.
 *
 * @param of.calls incident's calls at level 1 in each stretch of `seen`, for a form of the delays
 * @param of.fadesFromMs evidence fades with its distance to then; null: all counts alike
 */
export function believe(of: {
  readonly prior: SurgePrior;
  readonly rules: SurgeRules;
  readonly seen: readonly SeenCalls[];
  readonly calls: (form: DelayForm) => Float64Array;
  readonly fadesFromMs: number | null;
}): SurgeBelief {
  const { prior, seen } = of;
  const evidence = seen.map((each) => weighed(each, prior.roughness, of.fadesFromMs));
  const forms = gridForms(prior, of.rules).map((each) => {
    const due = of.calls(each.form).map((calls, k) => calls * (seen[k]?.share ?? 0));
    return { ...each, fit: fitLevel(prior.logLevel, due, evidence) };
  });
  const best = Math.max(...forms.map(({ logPrior, fit }) => logPrior + fit.logEvidence));
  const weights = forms.map(({ logPrior, fit }) => Math.exp(logPrior + fit.logEvidence - best));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const weighted = forms.map((each, f) => ({ ...each, weight: (weights[f] ?? 0) / total }));
  const kept = weighted.filter(({ weight }) => weight >= LEAST_WEIGHT);
  const keptTotal = kept.reduce((sum, { weight }) => sum + weight, 0);
  return {
    forms: kept.map(({ form, weight, fit: { level, levelSquare } }) => ({
      form,
      weight: weight / keptTotal,
      level,
      levelSquare,
    })),
    logLevel: mixed(weighted.map(({ weight, fit }) => ({ weight, ...fit.logLevel }))),
    logDelay: mixed(
      weighted.map(({ weight, logDelay }) => ({ weight, mean: logDelay, variance: 0 })),
    ),
    shapes: DELAY_SHAPES.map((_, k) =>
      weighted.reduce((sum, { shape, weight }) => sum + (shape === k ? weight : 0), 0),
    ),
    roughness: prior.roughness,
    seen: seen.reduce((sum, { calls, others }) => sum + Math.max(0, calls - others), 0),
  };
}

function mixed(parts: readonly (Estimate & { readonly weight: number })[]): Estimate {
  const mean = parts.reduce((sum, each) => sum + each.weight * each.mean, 0);
  const square = parts.reduce(
    (sum, each) => sum + each.weight * (each.variance + each.mean ** 2),
    0,
  );
  return { mean, variance: Math.max(1e-6, square - mean ** 2) };
}

function weighed(seen: SeenCalls, roughness: number, fadesFromMs: number | null): Evidence {
  const surge = Math.max(0, seen.calls - seen.others);
  const mean = Math.max(seen.others + surge, 0.5);
  const variance = seen.othersVariance + surge + roughness * surge ** 2;
  const age = fadesFromMs === null ? 0 : Math.max(0, fadesFromMs - seen.toMs) / HALF_LIFE_MS;
  return {
    calls: seen.calls,
    others: seen.others,
    weight: 0.5 ** age / Math.max(1, variance / mean),
  };
}
