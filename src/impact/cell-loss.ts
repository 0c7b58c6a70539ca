import type { Incident } from '../domain/incident.js';
import { allServices, eachService, SERVICES, type ServiceShares } from '../domain/services.js';
import type { ImpactRules } from './rules.js';

/** What is lost by being at a cell, in the mean over who is there. All in [0,1]. */
export interface LossThere {
  /** share of all service, by the weights of the rules */
  readonly degree: number;
  /** share of each service */
  readonly lost: ServiceShares;
  /** probability of no service at all; above 0 only where the cell is out */
  readonly none: number;
}

/** What being at a cell means now. */
export interface CellLoss extends LossThere {
  readonly cellId: string;
  readonly sinceMs: number;
}

/** Neighbours in service of a cell that is out. */
export interface Absorbers {
  /** sum of the weights of those that devices can use, at least 0 */
  readonly overlap: number;
  /** what they were measured to take up of the cell's users; undefined where nothing was */
  readonly measured?: MeasuredAbsorption | undefined;
}

/** The share of users of cells that are out whom their neighbours serve, as traffic shows it. */
export interface MeasuredAbsorption {
  /** in [0,1] */
  readonly share: number;
  /** how many neighbours it was measured at, above 0 */
  readonly neighbours: number;
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
  const measured = incident.absorbed;
  return incident.cells.map(({ cellId, degree, services, since }) => {
    const overlap = healthyOverlap.get(cellId) ?? 0;
    const lost = services ?? allServices(degree);
    return { cellId, ...lossAt(lost, { overlap, measured }, rules), sinceMs: Date.parse(since) };
  });
}

/**
 * Share of the phones of a cell that is out which its neighbours catch. By overlap: overlaps cover
 * each other in part, so that each more adds less, `max × (1 − exp(−perOverlap × overlap))`, as for
 * discs laid at random (Boolean coverage model). What was measured joins as in a mean of a prior and
 * observations: `priorNeighbours` say what overlap says, each measured one what was measured.
 * Nobody is caught where no neighbour is in service.
 * @returns in [0,1)
 */
export function caughtShare({ overlap, measured }: Absorbers, { absorption }: ImpactRules): number {
  const { max, perOverlap, priorNeighbours } = absorption;
  if (!(overlap > 0)) return 0;
  const expected = max * (1 - Math.exp(-perOverlap * overlap));
  if (measured === undefined) return expected;
  const share = Math.min(1, Math.max(0, measured.share));
  const total = priorNeighbours + measured.neighbours;
  return (expected * priorNeighbours + share * measured.neighbours) / total;
}

/** Share of all service, each service counted by its weight. */
export function weighServices(lost: ServiceShares, { serviceWeights }: ImpactRules): number {
  return SERVICES.reduce((sum, service) => sum + lost[service] * serviceWeights[service], 0);
}

/** Whether a cell serves nobody, as opposed to worse. */
export function isCellOut(lost: ServiceShares, { noneAtDegree }: ImpactRules): boolean {
  return SERVICES.every((service) => lost[service] >= noneAtDegree);
}

/**
 * What someone at a cell loses. Where the cell is out, those a neighbour catches are served at its
 * edge and lose `edgeLoss`, the others everything; where it is worse only, it serves on.
 * @param lost share of each service that the cell lost, in [0,1]
 */
export function lossAt(lost: ServiceShares, absorbers: Absorbers, rules: ImpactRules): LossThere {
  if (!isCellOut(lost, rules)) return { degree: weighServices(lost, rules), lost, none: 0 };
  const caught = caughtShare(absorbers, rules);
  const none = 1 - caught;
  const left = eachService((service) => none + caught * rules.absorption.edgeLoss[service]);
  return { degree: weighServices(left, rules), lost: left, none };
}
