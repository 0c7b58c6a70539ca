import type { ImpactRules } from './rules.js';

/** What is known of one person's whereabouts, reduced to one incident's cells. */
export interface Evidence {
  /** the last sighting: whether it was at a cell of the incident, and its age; undefined if none */
  readonly seen?: { readonly isAffected: boolean; readonly ageMinutes: number };
  /** share of time usually spent at the incident's cells; undefined without usual cells */
  readonly usualShare?: number;
  /** share of the home site's cells that are in the incident; undefined without a home site */
  readonly homeShare?: number;
}

/**
 * How much the last sighting counts against the usual places: halves every half-life, nothing
 * beyond the greatest age. The age of a sighting at a cell that failed since is taken at the
 * failure: nobody can be seen at a dead cell, so not being seen there says nothing.
 */
export function sightingWeight(ageMinutes: number, { presence }: ImpactRules): number {
  if (ageMinutes > presence.maxAgeMinutes) return 0;
  return 0.5 ** (Math.max(0, ageMinutes) / presence.halfLifeMinutes);
}

/**
 * Probability that a person is at one of an incident's cells: the last sighting by its weight, the
 * rest by usual cells, or by the home site for someone who has none. The SQL of the mapping computes
 * the same; this is its reference.
 * @returns in [0,1]
 */
export function affectedProbability(evidence: Evidence, rules: ImpactRules): number {
  const { seen, usualShare, homeShare } = evidence;
  const weight = seen ? sightingWeight(seen.ageMinutes, rules) : 0;
  const resting = usualShare ?? (homeShare ?? 0) * rules.homeWeight;
  return Math.min(1, weight * (seen?.isAffected ? 1 : 0) + (1 - weight) * resting);
}
