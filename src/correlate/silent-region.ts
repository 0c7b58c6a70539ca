import type { Silent } from './witness.js';
import type { World } from './world.js';

/** Silent cells that are, together with what fell silent before them, all of one resource. */
export interface SilentRegion {
  /** the widest resource that is silent whole */
  readonly resource: number;
  /** those of its cells whose silence began together */
  readonly cells: readonly Silent[];
}

/** A group of cells by feed or software is a collector's from this many on. */
const LEAST_GROUP = 10;
/** So many separate failures may begin within one period; more at once are a collector's … */
const MOST_APART = 3;
/** … or this share of all cells, where that is more: a large network always has some. */
const APART_SHARE = 0.0002;
/** Silence that reaches this far beyond resources, relative to what is in them, is not theirs. */
const BEYOND_SHARE = 0.25;
/** Share of all cells that may lose a report at any time without it meaning anything. */
const LOST_SHARE = 0.005;

/** Whether nearly all cells of a resource that ever reported are in trouble. */
function isWhole(world: World, resource: number): boolean {
  const observed = world.space.observedUnder(resource);
  return observed > 0 && world.badUnder(resource) >= world.rules.grouping.shows * observed;
}

/** Silent cells by when they fell silent. */
function byBeginning(silent: readonly Silent[]): Map<number, Silent[]> {
  const groups = new Map<number, Silent[]>();
  for (const each of silent) {
    const group = groups.get(each.sinceMs);
    if (group === undefined) groups.set(each.sinceMs, [each]);
    else group.push(each);
  }
  return groups;
}

/** Cells of feeds and of software groups that are silent whole: what a collector takes with it. */
function collected(world: World, group: readonly Silent[]): Set<number> {
  const byFeed = new Map<string, number[]>();
  const bySoftware = new Map<number, number[]>();
  const put = <K>(map: Map<K, number[]>, key: K, cell: number): void => {
    const list = map.get(key);
    if (list === undefined) map.set(key, [cell]);
    else list.push(cell);
  };
  for (const { cell, feeds } of group) {
    for (const feed of feeds) put(byFeed, feed, cell);
    for (const above of world.space.ancestorsOf(cell))
      if (world.space.typeOf(above) === 'software') put(bySoftware, above, cell);
  }
  const { shows } = world.rules.grouping;
  const cells = new Set<number>();
  const observedBy = world.space.observedBy();
  for (const [feed, list] of byFeed)
    if (list.length >= shows * (observedBy.get(feed)?.size ?? 0))
      for (const c of list) cells.add(c);
  for (const [software, list] of bySoftware)
    if (list.length >= shows * world.space.observedUnder(software))
      for (const c of list) cells.add(c);
  return cells.size >= LEAST_GROUP ? cells : new Set();
}

/** Resources that are silent whole over any of the cells, the widest first; not all of the network. */
function wholeAbove(world: World, cells: readonly Silent[]): number[] {
  const { space } = world;
  const most = world.rules.grouping.shows * space.observedCells();
  const found = new Set<number>();
  for (const { cell } of cells) for (const above of space.ancestorsOf(cell)) found.add(above);
  const keys = new Map<number, string>();
  const whole = [...found].filter((resource) => {
    const type = space.typeOf(resource);
    if (type === 'software' || type === 'sector') return false;
    return space.observedUnder(resource) < most && isWhole(world, resource);
  });
  for (const resource of whole) keys.set(resource, space.keyOf(resource));
  const key = (resource: number): string => keys.get(resource) ?? '';
  return whole.sort(
    (a, b) => space.sizeOf(b) - space.sizeOf(a) || (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0),
  );
}

/** How many separate failures may begin at once. */
function mostApart(world: World): number {
  return Math.max(MOST_APART, APART_SHARE * world.space.observedCells());
}

/** What fell silent in one period. */
interface Beginning {
  readonly group: readonly Silent[];
  /** cells whose silence began then too and that report again */
  readonly returned: readonly number[];
}

/**
 * The resources that the cells are all of, provided they are few and little is silent besides.
 * @param over those of the group that must be explained; the regions reach over all of it
 */
function coincide(
  world: World,
  over: readonly Silent[],
  { group, returned }: Beginning,
): SilentRegion[] {
  const left = new Map(group.map((each) => [each.cell, each]));
  const unexplained = new Set(over.map(({ cell }) => cell));
  const regions: SilentRegion[] = [];
  for (const resource of wholeAbove(world, over)) {
    const under = world.space.cellsUnder(resource);
    if (!under.some((cell) => unexplained.has(cell))) continue;
    const cells: Silent[] = [];
    for (const cell of under) {
      const each = left.get(cell);
      if (each !== undefined) cells.push(each);
      left.delete(cell);
      unexplained.delete(cell);
    }
    regions.push({ resource, cells });
    if (regions.length > mostApart(world)) return [];
  }
  const isBeyond = (cell: number): boolean =>
    !regions.some(({ resource }) => world.space.dependsOn(cell, resource));
  const beyond = unexplained.size + returned.filter(isBeyond).length;
  const most = BEYOND_SHARE * (over.length - unexplained.size);
  return beyond <= Math.max(LOST_SHARE * world.space.observedCells(), most) ? regions : [];
}

/**
 * Silence whose extent is that of the network: cells that fell silent in one period and are, but for
 * few, all of one resource or of very few. A collector, feed or vendor ends elsewhere: what is silent
 * with all of its feed or software group is passed over, unless a resource is silent whole over the
 * others, which then reaches over these as well.
 *
 * @param silent cells that nothing has witnessed
 */
export function silentRegions(world: World, silent: readonly Silent[]): SilentRegion[] {
  if (silent.length === 0) return [];
  const backAgain = new Map<number, number[]>();
  for (const [cell, { fromMs }] of world.silences) {
    if (world.anomalies.verdict(cell)?.silentOnly === true) continue;
    const cells = backAgain.get(fromMs);
    if (cells === undefined) backAgain.set(fromMs, [cell]);
    else cells.push(cell);
  }
  return [...byBeginning(silent)].flatMap(([sinceMs, group]) => {
    const beginning = { group, returned: backAgain.get(sinceMs) ?? [] };
    const whole = coincide(world, group, beginning);
    if (whole.length > 0) return whole;
    const elsewhere = collected(world, group);
    const others = group.filter(({ cell }) => !elsewhere.has(cell));
    if (others.length === 0 || others.length === group.length) return [];
    return coincide(world, others, { group, returned: [] });
  });
}
