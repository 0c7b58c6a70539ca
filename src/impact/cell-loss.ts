import type { Incident } from '../domain/incident.js';
import type { ImpactRules } from './rules.js';

/** What being at a cell means now. */
export interface CellLoss {
  readonly cellId: string;
  /** mean share of service lost there, after neighbours caught whom they could, in [0,1] */
  readonly degree: number;
  /** probability of no service at all there, in [0,1]; above 0 only where the cell is out */
  readonly none: number;
  readonly sinceMs: number;
}

/**
 * The cells of an incident with what is left of each one's loss, ready for the mapping.
 * @param healthyOverlap sum of the weights of neighbours in service that devices can use, by cell
 */
export function cellLosses(
  incident: Incident,
  healthyOverlap: ReadonlyMap<string, number>,
  rules: ImpactRules,
): CellLoss[] {
  return incident.cells.map(({ cellId, degree, since }) => ({
    cellId,
    ...lossAt(degree, healthyOverlap.get(cellId) ?? 0, rules),
    sinceMs: Date.parse(since),
  }));
}

/**
 * Share of the phones of a cell that is out which its neighbours catch. Overlaps cover each other in
 * part, so that each more adds less: `max × (1 − exp(−perOverlap × overlap))`, as for discs laid at
 * random (Boolean coverage model).
 * @param overlap sum of neighbours' weights, at least 0
 * @returns in [0, max]
 */
export function caughtShare(overlap: number, { absorption }: ImpactRules): number {
  return absorption.max * (1 - Math.exp(-absorption.perOverlap * Math.max(0, overlap)));
}

/**
 * What someone at a cell loses. Where the cell is out, those a neighbour catches are served at its
 * edge and lose `edgeLoss`, the others everything; where it is worse only, it serves on.
 * @param degree share of the cell's service lost, in [0,1]
 */
export function lossAt(
  degree: number,
  healthyOverlap: number,
  rules: ImpactRules,
): Pick<CellLoss, 'degree' | 'none'> {
  if (degree < rules.noneAtDegree) return { degree, none: 0 };
  const caught = caughtShare(healthyOverlap, rules);
  const none = 1 - caught;
  return { degree: none + caught * rules.absorption.edgeLoss, none };
}
