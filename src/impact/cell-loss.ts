import type { Incident } from '../domain/incident.js';
import { allServices, eachService, SERVICES, type ServiceShares } from '../domain/services.js';
import type { ImpactRules } from './rules.js';

/** What is lost by being somewhere, in the mean over who is there. All in [0,1]. */
export interface LossThere {
  /** share of all service, by the weights of the rules */
  readonly degree: number;
  /** share of each service */
  readonly lost: ServiceShares;
  /** probability of no service at all */
  readonly none: number;
}

/** What a cell of an incident does to who is at it. All in [0,1]. */
export interface CellHarm {
  /** probability of no service at all, of a device that can use everything; above 0: it is out */
  readonly none: number;
  /** share lost of each service where the cell serves on; nothing where it is out */
  readonly worse: ServiceShares;
}

/** What being at a cell means now. */
export interface CellLoss extends CellHarm {
  readonly cellId: string;
  /** share of all service lost there, by the weights of the rules */
  readonly degree: number;
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
  return incident.cells.map(({ cellId, degree: most, services, since }) => {
    const overlap = healthyOverlap.get(cellId) ?? 0;
    const lost = services ?? allServices(most);
    const harm = harmAt(lost, { overlap, measured }, rules);
    const { degree } = lossOf(harmful(1, harm), 1, rules);
    return { cellId, degree, ...harm, sinceMs: Date.parse(since) };
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
 * What a cell does to who is at it: where it is out, all but those whom neighbours catch have
 * nothing; where it is worse only, it serves on.
 * @param lost share of each service that the cell lost, in [0,1]
 */
export function harmAt(lost: ServiceShares, absorbers: Absorbers, rules: ImpactRules): CellHarm {
  if (!isCellOut(lost, rules)) return { none: 0, worse: lost };
  return { none: 1 - caughtShare(absorbers, rules), worse: allServices(0) };
}

/** What somebody meets who is at several cells with a probability each; sums over those cells. */
export interface Harm {
  /** probability of being at a cell that is out */
  readonly dark: number;
  /** probability of no service at all, of a device that can use everything; at most `dark` */
  readonly none: number;
  /** probability of being at a cell that serves on, times the share of each service lost there */
  readonly worse: ServiceShares;
}

/** Being at one cell with a probability. */
export function harmful(probability: number, { none, worse }: CellHarm): Harm {
  return {
    dark: none > 0 ? probability : 0,
    none: probability * none,
    worse: eachService((service) => probability * worse[service]),
  };
}

/**
 * What somebody loses: all where nobody catches them, `edgeLoss` where a neighbour does, and what a
 * cell that serves on has lost.
 * @param caught how many devices like this one neighbours catch for one that can use everything,
 * in [0,1]
 */
export function lossOf({ dark, none, worse }: Harm, caught: number, rules: ImpactRules): LossThere {
  const served = (dark - none) * caught;
  const without = dark - served;
  const lost = eachService((service) =>
    Math.min(1, without + served * rules.absorption.edgeLoss[service] + worse[service]),
  );
  return { degree: weighServices(lost, rules), lost, none: without };
}
