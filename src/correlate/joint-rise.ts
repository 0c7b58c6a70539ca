import type { RiseMoment } from './rise-book.js';
import { neighboursOf, type Silent } from './witness.js';
import type { World } from './world.js';

/** A deviation counts up to here: one neighbour with a crowd is no joint rise. */
const MOST_Z = 3;
/**
 * Mean and scatter of a standard normal deviation that counts from 1 on and as 0 below: φ(1), and
 * the root of φ(1) + Q(1) - φ(1)². They are the least that is assumed of a network at rest.
 */
const REST = { mean: 0.242, sd: 0.585 };
/** Fewer neighbours that have risen are no joint rise. */
const LEAST_RISEN = 3;

/** A resource that may have failed whole, with what is silent under it. */
interface Candidate {
  readonly resource: number;
  readonly cells: readonly Silent[];
}

function candidates(world: World, silent: readonly Silent[]): Candidate[] {
  const under = new Map<number, Silent[]>();
  for (const each of silent) {
    for (const resource of world.space.ancestorsOf(each.cell)) {
      const list = under.get(resource);
      if (list === undefined) under.set(resource, [each]);
      else list.push(each);
    }
  }
  const { shows } = world.rules.grouping;
  const size = ({ resource }: Candidate): number => world.space.sizeOf(resource);
  const key = ({ resource }: Candidate): string => world.space.keyOf(resource);
  return [...under]
    .filter(([resource, { length }]) => {
      if (length < 2 || world.space.typeOf(resource) === 'software') return false;
      return world.badUnder(resource) >= shows * world.space.observedUnder(resource);
    })
    .map(([resource, cells]) => ({ resource, cells }))
    .sort((a, b) => size(a) - size(b) || (key(a) < key(b) ? -1 : 1));
}

/** Cells that report and overlap with the silent ones, with how much; what others lost is not theirs. */
function overlaps(
  world: World,
  cells: readonly Silent[],
  isTaken: (cell: number) => boolean,
): Map<number, number> {
  const weights = new Map<number, number>();
  for (const { cell } of cells) {
    for (const { cell: neighbour, weight } of neighboursOf(world, cell)) {
      if (!world.space.isObserved(neighbour) || isTaken(neighbour)) continue;
      if (world.anomalies.verdict(neighbour)?.silentOnly === true) continue;
      weights.set(neighbour, (weights.get(neighbour) ?? 0) + weight);
    }
  }
  return weights;
}

function counted(z: number | undefined): number {
  return Math.min(MOST_Z, z ?? 0);
}

/** What cells at rest do at that moment: all of the network, since a busy day is busy everywhere. */
function atRest(world: World, { byCell }: RiseMoment, silent: number): typeof REST {
  let observed = 0;
  for (const cells of world.space.observedBy().values()) observed = Math.max(observed, cells.size);
  const reporting = Math.max(1, byCell.size, observed - silent);
  let sum = 0;
  let squares = 0;
  for (const z of byCell.values()) {
    sum += counted(z);
    squares += counted(z) ** 2;
  }
  const mean = sum / reporting;
  const sd = Math.sqrt(Math.max(0, squares / reporting - mean ** 2));
  return { mean: Math.max(REST.mean, mean), sd: Math.max(REST.sd, sd) };
}

/** The neighbours' rise summed by overlap, in standard deviations of what chance makes of it. */
function jointZ(
  weights: ReadonlyMap<number, number>,
  { byCell }: RiseMoment,
  rest: typeof REST,
): number {
  let sum = 0;
  let variance = 0;
  let risen = 0;
  for (const [cell, weight] of weights) {
    const z = counted(byCell.get(cell));
    if (z > 0) risen++;
    sum += weight * (z - rest.mean);
    variance += weight ** 2;
  }
  return risen < LEAST_RISEN ? 0 : sum / (rest.sd * Math.sqrt(variance));
}

/**
 * Silent cells of resources that are silent whole and whose neighbours together carry more than
 * they should, though none may do so clearly by itself: what a lost site carried goes to about ten
 * cells around it. The rise is a weighted sum of deviations (Stouffer's method, weights from
 * overlap) against what cells of the whole network did in the same period, and must be as
 * improbable as `jointRiseZ` standard deviations after allowing for how many resources are tried.
 * Specific resources come first; what they explain is no evidence for wider ones.
 *
 * Assumes that neighbours deviate independently once the network's common rise is taken off.
 * @param isDown silent cells known to be down
 */
export function jointlyCarried(
  world: World,
  silent: readonly Silent[],
  isDown: (cell: number) => boolean,
): Set<number> {
  const found = new Set<number>();
  const open = silent.filter(({ cell }) => !isDown(cell));
  const tried = candidates(world, open);
  if (tried.length === 0) return found;
  const least = Math.sqrt(world.rules.silence.jointRiseZ ** 2 + 2 * Math.log(tried.length));
  const isTaken = (neighbour: number): boolean =>
    neighboursOf(world, neighbour).some(({ cell }) => isDown(cell) || found.has(cell));
  const restAt = new Map<number, typeof REST>();
  const restOf = (moment: RiseMoment): typeof REST => {
    const rest = restAt.get(moment.atMs) ?? atRest(world, moment, silent.length);
    restAt.set(moment.atMs, rest);
    return rest;
  };
  for (const { cells } of tried) {
    const rest = cells.filter(({ cell }) => !found.has(cell));
    if (rest.length < 2) continue;
    const sinceMs = Math.max(...rest.map((each) => each.sinceMs)) + world.feeds.periodMs;
    const weights = overlaps(world, rest, isTaken);
    const isCarried = world.rises
      .since(sinceMs)
      .some((moment) => jointZ(weights, moment, restOf(moment)) >= least);
    if (isCarried) for (const { cell } of rest) found.add(cell);
  }
  return found;
}
