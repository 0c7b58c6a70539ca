import type { Neighbour, PlannedWork } from '../domain/topology.js';
import { isServiceAffecting } from './alarm-book.js';
import type { JointRise } from './joint-rise.js';
import type { World } from './world.js';

/** A cell that should report and does not. Times are epoch ms. */
export interface Silent {
  readonly cell: number;
  readonly site: number;
  readonly sinceMs: number;
  readonly knownAtMs: number;
  readonly feeds: readonly string[];
  /** how improbable it is that its reports were lost by chance */
  readonly nats: number;
  /** a report or two missing, as happens by itself */
  readonly isHint: boolean;
  /** much of its feed is silent at once */
  readonly inFeedGap: boolean;
}

/** Minor alarms and warnings this long before the silence still count as witnesses. */
const WARNING_LEAD_MS = 14_400_000;
/** An alarm speaks for silence only where this share of what it covers is in trouble. */
const TROUBLED_SHARE = 0.5;
/** Silence that reaches this far beyond a resource, relative to what is in it, is not its doing. */
const BEYOND_SHARE = 0.25;
/** Share of all cells that may lose a report at any time without it meaning anything. */
const LOST_SHARE = 0.005;

/** Neighbours by the inventory; a cell that it lacks has none. */
export function neighboursOf(world: World, cell: number): Neighbour[] {
  return cell < world.space.topology.cellCount ? world.space.topology.neighboursOf(cell) : [];
}

function hasAlarmWitness(world: World, silent: Silent, resource: number): boolean {
  const { space } = world;
  const troubled = world.badUnder(resource);
  if (troubled < TROUBLED_SHARE * space.observedUnder(resource)) return false;
  const alarms = world.alarms.of(resource).filter(({ alarmId }) => !world.dismissed.has(alarmId));
  if (alarms.some((alarm) => isServiceAffecting(alarm))) return true;
  if (silent.inFeedGap) return false;
  if (space.sizeOf(resource) > world.rules.alarms.cellsOnAlarmAlone) return false;
  return alarms.some(({ raisedAtMs }) => raisedAtMs >= silent.sinceMs - WARNING_LEAD_MS);
}

/** Whether an alarm, or counters of a line or function, say that what it depends on is in trouble. */
function isWitnessedAbove(world: World, silent: Silent): boolean {
  const { space } = world;
  for (const resource of [silent.cell, ...space.ancestorsOf(silent.cell)]) {
    if (space.typeOf(resource) === 'software') continue;
    if (hasAlarmWitness(world, silent, resource)) return true;
    if (!space.isCell(resource) && (world.anomalies.verdict(resource)?.nats ?? 0) > 0) return true;
  }
  return false;
}

function siteCells(world: World, silent: Silent): Iterable<number> {
  const cells = world.space.cellsUnder(silent.site);
  return cells.length === 0 ? [silent.cell] : cells;
}

/**
 * Whether another cell of the same site has an alarm or fails visibly. One that was slow already
 * when the silence began reports and carries calls: it says nothing about a report that is lost.
 */
function isWitnessedAtSite(world: World, silent: Silent): boolean {
  for (const cell of siteCells(world, silent)) {
    if (cell !== silent.cell && hasAlarmWitness(world, silent, cell)) return true;
    const verdict = world.anomalies.verdict(cell);
    if (verdict === undefined || verdict.nats < world.rules.evidence.silenceNats) continue;
    if (!verdict.isSlowOnly || verdict.sinceMs >= silent.sinceMs) return true;
  }
  return false;
}

/** Customers who begin to call this long before or after a silence began may call because of it. */
const CALLING_MS = 3_600_000;

/**
 * Cells of places where customers do more than they should since about when most of what is there fell
 * silent: independent evidence that it is the network and not a feed.
 */
function calledFor(world: World, silent: readonly Silent[]): Set<number> {
  const cells = new Set<number>();
  const sinceMs = new Map(silent.map((each) => [each.cell, each.sinceMs]));
  for (const rise of world.customers.rises.values()) {
    if (rise.isDismissed) continue;
    const there = [...world.customers.cellsOf(rise)].filter((cell) => world.space.isObserved(cell));
    const fallen = there.filter(
      (cell) => Math.abs((sinceMs.get(cell) ?? Infinity) - rise.sinceMs) <= CALLING_MS,
    );
    if (fallen.length < TROUBLED_SHARE * there.length) continue;
    for (const cell of fallen) cells.add(cell);
  }
  return cells;
}

/** Works by what they are on, of which some may have taken down a cell that is silent. */
function worksBy(world: World, silent: readonly Silent[]): Map<number, PlannedWork[]> {
  const by = new Map<number, PlannedWork[]>();
  if (silent.length === 0) return by;
  const firstMs = silent.reduce((min, { sinceMs }) => Math.min(min, sinceMs), Infinity);
  for (const work of world.space.topology.works) {
    if (work.endsAtMs <= firstMs) continue;
    by.set(work.resource, [...(by.get(work.resource) ?? []), work]);
  }
  return by;
}

/**
 * Whether the cell fell silent with all else under a resource while that was being worked on: the
 * calendar says that it would be taken down, and so witnesses what is not back when the work is over.
 */
function isWorkedOn(
  world: World,
  silent: Silent,
  works: ReadonlyMap<number, readonly PlannedWork[]>,
): boolean {
  if (works.size === 0 || silent.inFeedGap) return false;
  const earlyMs = world.rules.works.earlySeconds * 1000;
  return [silent.cell, ...world.space.ancestorsOf(silent.cell)].some((resource) => {
    const on = works.get(resource) ?? [];
    const isDuring = on.some(
      ({ startsAtMs, endsAtMs }) =>
        silent.sinceMs >= startsAtMs - earlyMs && silent.sinceMs < endsAtMs,
    );
    if (!isDuring) return false;
    const observed = world.space.observedUnder(resource);
    return world.badUnder(resource) >= world.rules.grouping.shows * observed;
  });
}

/** Whether the neighbour's rise is owed to another cell that is known to be down. */
function isOwedElsewhere(
  world: World,
  neighbour: number,
  silent: Silent,
  down: ReadonlySet<number>,
): boolean {
  return neighboursOf(world, neighbour).some(({ cell }) => {
    if (world.space.siteOf(cell) === silent.site) return false;
    const verdict = world.anomalies.verdict(cell);
    const isSeen = verdict !== undefined && !verdict.isSlowOnly && verdict.nats > 0;
    return down.has(cell) || isSeen;
  });
}

/** Whether the cell carries clearly more than it should, or has become slow, since the silence. */
function isStrained(world: World, neighbour: number, silent: Silent): boolean {
  if (world.hasRisen(neighbour, silent.sinceMs)) return true;
  const verdict = world.anomalies.verdict(neighbour);
  return verdict?.isSlowOnly === true && verdict.knownAtMs > silent.sinceMs;
}

/** Whether neighbours carry what the site should, and not what another one should. */
function isCarriedNextDoor(world: World, silent: Silent, down: ReadonlySet<number>): boolean {
  const { space, rules } = world;
  const risen = new Set<number>();
  let reporting = 0;
  for (const cell of siteCells(world, silent)) {
    for (const { cell: neighbour } of neighboursOf(world, cell)) {
      if (space.siteOf(neighbour) === silent.site || !space.isObserved(neighbour)) continue;
      if (world.anomalies.verdict(neighbour)?.silentOnly === true) continue;
      reporting++;
      if (!isStrained(world, neighbour, silent)) continue;
      if (!isOwedElsewhere(world, neighbour, silent, down)) risen.add(neighbour);
    }
  }
  return risen.size > 0 && risen.size >= Math.min(rules.silence.surplusNeighbours, reporting);
}

interface Tally {
  readonly sites: Set<number>;
  readonly seen: Set<number>;
  cells: number;
}

function tallyAbove(
  world: World,
  silent: readonly Silent[],
  witnessed: ReadonlySet<number>,
): Map<number, Tally> {
  const under = new Map<number, Tally>();
  for (const { cell, site } of silent) {
    for (const resource of world.space.ancestorsOf(cell)) {
      if (world.space.typeOf(resource) === 'software') continue;
      let counts = under.get(resource);
      if (counts === undefined) {
        counts = { sites: new Set(), seen: new Set(), cells: 0 };
        under.set(resource, counts);
      }
      counts.sites.add(site);
      counts.cells++;
      if (witnessed.has(cell)) counts.seen.add(site);
    }
  }
  return under;
}

/**
 * Where enough sites under a resource are witnessed and all its cells are down, the others under it
 * went the same way, provided the silence stays within it: a collector takes cells of many resources.
 * @param direct witnessed by themselves
 * @returns those that went the same way
 */
function spread(world: World, silent: readonly Silent[], direct: ReadonlySet<number>): number[] {
  if (direct.size === 0) return [];
  const under = tallyAbove(world, silent, direct);
  const least = LOST_SHARE * world.space.observedCells();
  const isDown = (resource: number): boolean => {
    const counts = under.get(resource);
    if (counts === undefined || counts.seen.size === 0) return false;
    const share = counts.seen.size / counts.sites.size;
    const down = world.badUnder(resource) / Math.max(1, world.space.observedUnder(resource));
    if (share < world.rules.silence.witnessedShare || down < world.rules.grouping.shows)
      return false;
    const beyond = silent.filter(
      ({ cell }) => !direct.has(cell) && !world.space.dependsOn(cell, resource),
    );
    return beyond.length <= Math.max(least, BEYOND_SHARE * counts.cells);
  };
  const known = new Map<number, boolean>();
  const isDownOnce = (resource: number): boolean => {
    const answer = known.get(resource) ?? isDown(resource);
    known.set(resource, answer);
    return answer;
  };
  const others = silent.map(({ cell }) => cell).filter((cell) => !direct.has(cell));
  return others.filter((cell) => world.space.ancestorsOf(cell).some(isDownOnce));
}

/**
 * Silent cells that something independent says are down: an alarm on anything they depend on,
 * visible trouble at their site, neighbours that carry their traffic, or customers who call; when much of a feed is
 * silent at once, only a service-affecting alarm. What was witnessed once stays so.
 */
export function witnessedCells(
  world: World,
  silent: readonly Silent[],
  jointRise: JointRise,
): Set<number> {
  const direct = new Set<number>();
  const works = worksBy(world, silent);
  const called = calledFor(world, silent);
  for (const each of silent)
    if (isWitnessedAbove(world, each) || isWorkedOn(world, each, works)) direct.add(each.cell);
  const witnessed = new Set([...direct, ...spread(world, silent, direct)]);
  for (const { cell } of silent) if (world.witnessed.has(cell)) witnessed.add(cell);
  const down = new Set(witnessed);
  const carried = new Map<string, boolean>();
  const isCarried = (each: Silent): boolean => {
    const key = `${each.site}/${each.sinceMs}`;
    const known = carried.get(key) ?? isCarriedNextDoor(world, each, down);
    carried.set(key, known);
    return known;
  };
  for (const each of silent) {
    if (each.inFeedGap || witnessed.has(each.cell)) continue;
    if (called.has(each.cell) || isWitnessedAtSite(world, each) || isCarried(each))
      direct.add(each.cell);
  }
  for (const cell of direct) witnessed.add(cell);
  for (const cell of jointRise.carried((each) => witnessed.has(each))) {
    direct.add(cell);
    witnessed.add(cell);
  }
  for (const cell of spread(world, silent, direct)) witnessed.add(cell);
  return witnessed;
}
