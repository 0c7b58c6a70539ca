import type { Incident } from '../domain/incident.js';
import type { ImpactRules } from './rules.js';

/** What being at a cell means now: the share of service lost, after neighbours took up theirs. */
export interface CellLoss {
  readonly cellId: string;
  readonly degree: number;
  readonly sinceMs: number;
}

/** The cells of an incident with what is left of each one's loss, ready for the mapping. */
export function cellLosses(
  incident: Incident,
  healthyOverlap: ReadonlyMap<string, number>,
  rules: ImpactRules,
): CellLoss[] {
  return incident.cells.map(({ cellId, degree, since }) => ({
    cellId,
    degree: lossAfterNeighbours(degree, healthyOverlap.get(cellId) ?? 0, rules),
    sinceMs: Date.parse(since),
  }));
}

/**
 * Share of service lost by someone at a cell when its neighbours help out.
 * Assumes that overlaps add up and that a neighbour takes up at most a fixed share: what remains is
 * `degree × (1 − min(max, perNeighbour × overlap))`.
 *
 * @param degree share of the cell's service lost, in [0,1]
 * @param healthyOverlap sum of the weights of neighbours outside the incident, at least 0
 * @returns in [0, degree]
 */
export function lossAfterNeighbours(
  degree: number,
  healthyOverlap: number,
  { absorption }: ImpactRules,
): number {
  const taken = Math.min(absorption.max, absorption.perNeighbour * healthyOverlap);
  return degree * (1 - taken);
}
