import type { EffectFigure } from '../../../domain/effect.js';
import { estimateEffect, poolEffects } from '../../../notify/effect/estimate.js';
import type { PartResult } from '../accuracy/part.js';
import { type Figures, rounded } from '../figures.js';
import type { SimulatedEffect } from './simulated-incident.js';

/** Incidents that are pooled, as those of a month or two would be. */
const POOLED = 20;

/** Estimates against truths: one by one where measurable, and pooled. */
export function scoreEffects(incidents: readonly SimulatedEffect[]): PartResult {
  const reductions: Scored[] = [];
  const preventions: Scored[] = [];
  for (const { observed, truth, prevented } of incidents) {
    const estimate = estimateEffect(observed);
    if (estimate.reduction) reductions.push({ figure: estimate.reduction, truth });
    if (estimate.prevented) preventions.push({ figure: estimate.prevented, truth: prevented });
  }
  const figures: Figures = {
    incidents: incidents.length,
    measurable: rounded(reductions.length / incidents.length, 4),
    meanTruth: rounded(
      mean(reductions, ({ truth }) => truth),
      4,
    ),
    meanEstimate: rounded(
      mean(reductions, ({ figure }) => figure.value),
      4,
    ),
    bias: rounded(
      mean(reductions, ({ figure, truth }) => figure.value - truth),
      4,
    ),
    coverage95: rounded(coverage(reductions), 4),
    halfWidth: rounded(
      mean(reductions, ({ figure }) => (figure.hi - figure.lo) / 2),
      4,
    ),
    preventedCoverage95: rounded(coverage(preventions), 4),
    preventedBias: rounded(relativeBias(preventions), 4),
    biasAgainstTotalEffect: rounded(totalBias(incidents), 4),
    ...pooled(incidents),
  };
  return {
    figures,
    baseline: { coverage95: 0.95 },
    ratios: { coverage: rounded((coverage(reductions) ?? 0) / 0.95, 4) ?? 0 },
    lines: Object.entries(figures).map(([name, value]) => `  ${name.padEnd(24)} ${value ?? '–'}`),
  };
}

interface Scored {
  readonly figure: EffectFigure;
  readonly truth: number;
}

function mean<T>(list: readonly T[], of: (each: T) => number): number | null {
  return list.length === 0 ? null : list.reduce((sum, each) => sum + of(each), 0) / list.length;
}

function coverage(scored: readonly Scored[]): number | null {
  return mean(scored, ({ figure, truth }) => Number(figure.lo <= truth && truth <= figure.hi));
}

function relativeBias(scored: readonly Scored[]): number | null {
  const truth = mean(scored, (each) => each.truth);
  const value = mean(scored, ({ figure }) => figure.value);
  return truth === null || value === null || truth === 0 ? null : value / truth - 1;
}

/** What a person-wise design leaves out where word gets round. */
function totalBias(incidents: readonly SimulatedEffect[]): number | null {
  const measured = incidents.flatMap(({ observed, totalTruth }) => {
    const { reduction } = estimateEffect(observed);
    return reduction ? [reduction.value - totalTruth] : [];
  });
  return mean(measured, (each) => each);
}

/** Groups of incidents against the effect in all the incidents there could be, weighted alike. */
function pooled(incidents: readonly SimulatedEffect[]): Figures {
  const untold = incidents.map(({ observed, truth }) => observed.sums.told / (1 - truth));
  const told = incidents.reduce((sum, { observed }) => sum + observed.sums.told, 0);
  const truth = 1 - told / untold.reduce((sum, each) => sum + each, 0);
  const scored: Scored[] = [];
  for (let from = 0; from + POOLED <= incidents.length; from += POOLED) {
    const group = incidents.slice(from, from + POOLED).map(({ observed }) => observed);
    const figure = poolEffects(group)?.reduction;
    if (figure) scored.push({ figure, truth });
  }
  return {
    pools: scored.length,
    poolBias: rounded(
      mean(scored, (each) => each.figure.value - each.truth),
      4,
    ),
    poolCoverage95: rounded(coverage(scored), 4),
    poolHalfWidth: rounded(
      mean(scored, ({ figure }) => (figure.hi - figure.lo) / 2),
      4,
    ),
  };
}
