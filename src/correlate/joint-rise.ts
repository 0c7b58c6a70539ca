import type { RiseMoment } from './rise-book.js';
import { countedRise, fewRisenNats, Rest, toldShare } from './rise-odds.js';
import type { SilentRegion } from './silent-region.js';
import { neighboursOf, type Silent } from './witness.js';
import type { World } from './world.js';

/** Fewer neighbours that have risen are no joint rise. */
const LEAST_RISEN = 3;
/** Places elsewhere whose neighbours say how far such sums scatter. */
const MOST_PLACES = 200;
/** Fewer say nothing about scatter. */
const LEAST_PLACES = 10;
/** Scatter of a cell's load over its expectation in one period, as a share of it: a restless cell's. */
const LOAD_SCATTER = 0.2;
/** Whole periods in which neighbours must have carried nothing. */
const LEAST_PERIODS = 2;

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

/** Cells that report and overlap with others, with how much; what is taken is not theirs. */
function overlaps(
  world: World,
  cells: Iterable<number>,
  isTaken: (cell: number) => boolean,
): Map<number, number> {
  const weights = new Map<number, number>();
  for (const cell of cells) {
    for (const { cell: neighbour, weight } of neighboursOf(world, cell)) {
      if (!world.space.isObserved(neighbour) || isTaken(neighbour)) continue;
      if (world.anomalies.verdict(neighbour)?.silentOnly === true) continue;
      weights.set(neighbour, (weights.get(neighbour) ?? 0) + weight);
    }
  }
  return weights;
}

const cellsOf = (silent: readonly Silent[]): number[] => silent.map(({ cell }) => cell);

/** One moment's rises against what the network does then. */
class Measured {
  readonly #world: World;
  readonly #moment: RiseMoment;
  readonly #rest: Rest;
  readonly #near: ReadonlySet<number>;
  #spread: number | undefined;

  /** @param near cells that overlap with silent ones: their rises say nothing of places at rest */
  constructor(world: World, moment: RiseMoment, silent: number, near: ReadonlySet<number>) {
    this.#world = world;
    this.#moment = moment;
    this.#rest = new Rest(moment, world.space.observedCells() - silent);
    this.#near = near;
  }

  /** How improbable the cells' rise is where nothing is lost beside them, in nats. */
  natsOf(weights: ReadonlyMap<number, number>): number {
    const { byCell } = this.#moment;
    let sum = 0;
    let risen = 0;
    for (const [cell, weight] of weights) {
      const z = countedRise(byCell.get(cell));
      if (z > 0) risen++;
      sum += weight * z;
    }
    if (risen < LEAST_RISEN) return 0;
    const nats = this.#rest.natsOf([...weights.values()], sum);
    if (nats === 0) return 0;
    this.#spread ??= this.#spreadElsewhere();
    return nats / this.#spread;
  }

  /**
   * Variance of the same sum around sites where all is well, over what independent cells would give,
   * as far as it is clearly above 1: two standard errors of a variance (√(2/n) of it) are taken off.
   * Neighbours deviate together where weather or a road touches all of them.
   */
  #spreadElsewhere(): number {
    const { space } = this.#world;
    const sites = new Set<number>();
    const every = Math.max(1, Math.floor(space.topology.cellCount / (4 * MOST_PLACES)));
    for (let cell = 0; cell < space.topology.cellCount; cell += every)
      sites.add(space.siteOf(cell));
    let squares = 0;
    let places = 0;
    for (const site of [...sites].slice(0, MOST_PLACES)) {
      const weights = overlaps(this.#world, space.cellsUnder(site), (cell) => this.#near.has(cell));
      if (weights.size < LEAST_RISEN) continue;
      squares += this.#standardized(weights) ** 2;
      places++;
    }
    if (places < LEAST_PLACES) return 1;
    return Math.max(1, squares / places / (1 + 2 * Math.sqrt(2 / places)));
  }

  #standardized(weights: ReadonlyMap<number, number>): number {
    let sum = 0;
    let square = 0;
    for (const [cell, weight] of weights) {
      sum += weight * (countedRise(this.#moment.byCell.get(cell)) - this.#rest.mean);
      square += weight ** 2;
    }
    return sum / Math.sqrt(this.#rest.variance * square);
  }
}

/** What neighbours of silent cells carried in the periods since, measured once a decision. */
export class JointRise {
  readonly #world: World;
  readonly #silent: readonly Silent[];
  readonly #measured = new Map<number, Measured>();
  #near: ReadonlySet<number> | undefined;

  /** @param silent all cells that are silent now */
  constructor(world: World, silent: readonly Silent[]) {
    this.#world = world;
    this.#silent = silent;
  }

  /**
   * Silent cells of resources that are silent whole and whose neighbours together carry more than
   * they should, though none may do so clearly by itself: what a lost site carried goes to about ten
   * cells around it. The rise is a sum of deviations weighted by overlap (Stouffer's method) against
   * what cells of the whole network did in the same period, and must be as improbable as `jointRiseZ`
   * standard deviations are after allowing for how many resources are tried. Specific resources come
   * first; what they explain is no evidence for wider ones.
   *
   * @param isDown silent cells known to be down
   */
  carried(isDown: (cell: number) => boolean): Set<number> {
    const world = this.#world;
    const found = new Set<number>();
    const tried = candidates(
      world,
      this.#silent.filter(({ cell }) => !isDown(cell)),
    );
    if (tried.length === 0) return found;
    const least = world.rules.silence.jointRiseZ ** 2 / 2 + Math.log(tried.length);
    const isTaken = (neighbour: number): boolean =>
      neighboursOf(world, neighbour).some(({ cell }) => isDown(cell) || found.has(cell));
    for (const { cells } of tried) {
      const rest = cells.filter(({ cell }) => !found.has(cell));
      if (rest.length < 2) continue;
      const weights = overlaps(world, cellsOf(rest), isTaken);
      const isCarried = world.rises
        .since(firstWith(world, rest))
        .some((moment) => this.#at(moment).natsOf(weights) >= least);
      if (isCarried) for (const { cell } of rest) found.add(cell);
    }
    return found;
  }

  /**
   * Whether neighbours clearly carry nothing of what the region would have lost, so that it is not
   * heard of but well: in every whole period since, at least two, so few of them were told to have
   * risen as would come once in `unmovedOdds` times had it failed. Each is held to have got
   * `absorbedShare` of what the cells it overlaps with carried, in proportion to the overlap.
   *
   * Assumes that silent cells carried as much as their neighbours on average.
   */
  isUnmoved({ cells }: SilentRegion): boolean {
    const world = this.#world;
    const { absorbedShare, unmovedOdds } = world.rules.silence;
    const due = new Map<number, number>();
    for (const { cell } of cells) {
      const near = neighboursOf(world, cell);
      const all = near.reduce((sum, { weight }) => sum + weight, 0);
      for (const { cell: neighbour, weight } of near) {
        if (!world.space.isObserved(neighbour)) continue;
        if (world.anomalies.verdict(neighbour)?.silentOnly === true) continue;
        const part = (absorbedShare * weight) / Math.max(1, all);
        due.set(neighbour, (due.get(neighbour) ?? 0) + part);
      }
    }
    if (due.size === 0) return false;
    const shares = [...due.values()].map((rise) => toldShare(rise / LOAD_SCATTER));
    const moments = world.rises.since(firstWith(world, cells) + world.feeds.periodMs);
    if (moments.length < LEAST_PERIODS) return false;
    return moments.every(({ byCell }) => {
      const risen = [...due.keys()].filter((cell) => byCell.has(cell)).length;
      return fewRisenNats(shares, risen) >= Math.log(unmovedOdds);
    });
  }

  #at(moment: RiseMoment): Measured {
    let measured = this.#measured.get(moment.atMs);
    if (measured === undefined) {
      this.#near ??= new Set(overlaps(this.#world, cellsOf(this.#silent), () => false).keys());
      measured = new Measured(this.#world, moment, this.#silent.length, this.#near);
      this.#measured.set(moment.atMs, measured);
    }
    return measured;
  }
}

/** End of the first period that all of them missed, epoch ms. */
function firstWith(world: World, cells: readonly Silent[]): number {
  let sinceMs = Number.NEGATIVE_INFINITY;
  for (const each of cells) sinceMs = Math.max(sinceMs, each.sinceMs);
  return sinceMs + world.feeds.periodMs;
}
