import { allServices, eachService } from '../domain/services.js';
import { type CellHarm, type Harm, harmful } from './cell-loss.js';
import { type StaySegment, stayProbability } from './stay.js';
import type { WhereaboutsMode } from './whereabouts-rules.js';

/** What being at a cell of an incident means. */
export interface LostCell extends CellHarm {
  readonly sinceMs: number;
}

/** How probably somebody is at cells of an incident, and what they meet there. */
export interface Exposure extends Harm {
  /** probability of being at one of the cells, in [0,1] */
  readonly probability: number;
}

function isDark(cell: LostCell | undefined): cell is LostCell {
  return cell !== undefined && cell.none > 0;
}

/** Somebody who is at none of the cells. */
export const UNEXPOSED: Exposure = { probability: 0, dark: 0, none: 0, worse: allServices(0) };

/** Being at one of the cells with a probability. */
function exposed(probability: number, cell: LostCell): Exposure {
  return { probability, ...harmful(probability, cell) };
}

function sum(a: Exposure, b: Exposure): Exposure {
  return {
    probability: Math.min(1, a.probability + b.probability),
    dark: a.dark + b.dark,
    none: a.none + b.none,
    worse: eachService((service) => a.worse[service] + b.worse[service]),
  };
}

/** An exposure met with a probability. */
export function times(factor: number, { probability, dark, none, worse }: Exposure): Exposure {
  return {
    probability: factor * probability,
    dark: factor * dark,
    none: factor * none,
    worse: eachService((service) => factor * worse[service]),
  };
}

/** Exposure of somebody who is at each cell with its share. @param shares sum at most 1 */
export function exposureOf<Cell>(
  shares: Iterable<readonly [Cell, number]>,
  lost: ReadonlyMap<Cell, LostCell>,
): Exposure {
  let total = UNEXPOSED;
  for (const [cell, share] of shares) {
    const here = lost.get(cell);
    if (here !== undefined) total = sum(total, exposed(share, here));
  }
  return total;
}

/** How far a declared place tells where somebody is; both in [0,1]. */
export interface HomeKnowledge {
  /** that the place still holds; of one that does not, nothing is known */
  readonly placeRight: number;
  /** that somebody is at it at this part of the week */
  readonly atHome: number;
}

/**
 * Exposure of somebody who is somewhere around, where `lostAround` (of `AwayGrid`) of the places are
 * lost as badly as the incident's cells are on average.
 */
export function exposureAround(lostAround: number, lost: Iterable<LostCell>): Exposure {
  const cells = [...lost];
  const share = 1 / Math.max(1, cells.length);
  const mean = cells.reduce((total, cell) => sum(total, exposed(share, cell)), UNEXPOSED);
  return { ...times(lostAround, mean), probability: lostAround };
}

/**
 * Exposure of somebody of whom only the declared place is known.
 * @param atPlace exposure of who is at the place, by the cells that cover it
 * @param around exposure of who is away from it
 */
export function homeExposure(
  atPlace: Exposure,
  around: Exposure,
  { placeRight, atHome }: HomeKnowledge,
): Exposure {
  return times(placeRight, sum(times(atHome, atPlace), times(1 - atHome, around)));
}

/** What is known of where somebody is. What a mode does not allow is left unread. */
export interface Whereabouts<Cell> {
  readonly seen?: { readonly cell: Cell; readonly atMs: number } | undefined;
  /** their last sighting was in a network abroad: they are there until seen elsewhere */
  readonly isAbroad?: boolean;
  /** exposure by the usual cells of the present part of the week, else of those for any time */
  readonly usual?: Exposure | undefined;
  /** exposure by the declared place */
  readonly home: Exposure;
}

/** What everybody's exposure to an incident is worked out from at one moment. */
export interface ExposureFrame<Cell> {
  readonly lost: ReadonlyMap<Cell, LostCell>;
  /** cells in service that catch phones of dark ones, with when that began; see `catchingCells` */
  readonly catching: ReadonlyMap<Cell, number>;
  readonly mode: WhereaboutsMode;
  /** of the time until now in that mode, from `staySegments` */
  readonly segments: readonly StaySegment[];
}

/** A neighbour share of this part of the strongest one catches phones too. */
const CATCHES_FROM = 0.5;

/**
 * Cells in service that phones of dark ones fall on: those of greatest overlap. Whoever is seen there
 * since the failure may as well be at the dark cell, so that the sighting says nothing.
 * @param neighbours of each dark cell, with the share of its traffic that each can carry
 */
export function catchingCells<Cell>(
  lost: ReadonlyMap<Cell, LostCell>,
  neighbours: (cell: Cell) => readonly { readonly cell: Cell; readonly weight: number }[],
): Map<Cell, number> {
  const catching = new Map<Cell, number>();
  for (const [cell, { none, sinceMs }] of lost) {
    if (none === 0) continue;
    const healthy = neighbours(cell).filter((each) => !lost.has(each.cell));
    const most = healthy.reduce((best, { weight }) => Math.max(best, weight), 0);
    for (const each of healthy) {
      if (each.weight < CATCHES_FROM * most) continue;
      catching.set(each.cell, Math.min(sinceMs, catching.get(each.cell) ?? sinceMs));
    }
  }
  return catching;
}

/**
 * How probably an incident affects somebody. Evidence joins as in a Markov jump process: with the
 * probability of not having left since, they are where they were seen; else where they usually are
 * at this time, or by the declared place if nothing was learnt. The SQL of the mapping computes the
 * same; this is its reference.
 */
export function exposureAt<Cell>(
  { seen, isAbroad = false, usual, home }: Whereabouts<Cell>,
  { lost, catching, mode, segments }: ExposureFrame<Cell>,
): Exposure {
  const resting = mode === 'learnt' ? (usual ?? home) : home;
  if (mode !== 'declared' && isAbroad) return UNEXPOSED;
  if (mode === 'declared' || seen === undefined) return resting;
  const here = lost.get(seen.cell);
  const caughtSinceMs = catching.get(seen.cell) ?? Number.POSITIVE_INFINITY;
  if (here === undefined && seen.atMs >= caughtSinceMs) return resting;
  const stay = stayProbability(segments, seen.atMs, isDark(here) ? here.sinceMs : undefined);
  const rest = times(1 - stay, resting);
  return here === undefined ? rest : sum(exposed(stay, here), rest);
}
