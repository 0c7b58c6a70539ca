import { isServiceAffecting } from './alarm-book.js';
import { surpriseOf } from './anomaly-book.js';
import type { World } from './world.js';

/**
 * What to make of a cell that does not report.
 * - `witnessed`: something independent agrees that it is down
 * - `waiting`: a witness may still come
 * - `gap`: the telemetry is held to be broken, not the network
 * - `undecided`: the cells of one resource are silent and nothing could have witnessed it
 */
export type SilenceVerdict = 'witnessed' | 'waiting' | 'gap' | 'undecided';

/** Silent cells with what they mean, and when to look again (epoch ms, Infinity when never). */
export interface SilenceReport {
  readonly verdicts: ReadonlyMap<number, SilenceVerdict>;
  readonly lookAgainMs: number;
}

/** A share of a feed's cells is a feed's failure only from this many cells on. */
const LEAST_FEED_GAP = 10;
/** Minor alarms and warnings this long before the silence still count as witnesses. */
const WARNING_LEAD_MS = 14_400_000;

interface Silent {
  readonly cell: number;
  readonly site: number;
  readonly sinceMs: number;
  readonly knownAtMs: number;
  readonly feeds: readonly string[];
  /** a report or two missing, as happens by itself */
  readonly isHint: boolean;
  readonly inFeedGap: boolean;
}

function silentCells(world: World): Silent[] {
  const found: Omit<Silent, 'inFeedGap'>[] = [];
  const perFeed = new Map<string, number>();
  for (const resource of world.anomalies.resources()) {
    if (!world.space.isCell(resource)) continue;
    const verdict = world.anomalies.verdict(resource);
    if (verdict === undefined || !verdict.silentOnly) continue;
    if (verdict.anomalies.every(({ id }) => world.dismissed.has(id))) continue;
    const feeds = [...new Set(verdict.anomalies.map(({ feed }) => feed))];
    for (const feed of feeds) perFeed.set(feed, (perFeed.get(feed) ?? 0) + 1);
    const { sinceMs, knownAtMs } = verdict;
    const isHint = verdict.anomalies.every(
      (each) => surpriseOf(each) < world.rules.evidence.sureSilenceNats,
    );
    const site = world.space.siteOf(resource);
    found.push({ cell: resource, site, sinceMs, knownAtMs, feeds, isHint });
  }
  const observed = world.space.observedBy();
  const failed = (feed: string): boolean => {
    const silent = perFeed.get(feed) ?? 0;
    const share = silent / Math.max(silent, observed.get(feed)?.size ?? 0);
    return silent >= LEAST_FEED_GAP && share >= world.rules.silence.feedGapShare;
  };
  return found.map((each) => ({ ...each, inFeedGap: each.feeds.some(failed) }));
}

function hasAlarmWitness(world: World, silent: Silent, resource: number): boolean {
  const alarms = world.alarms.of(resource).filter(({ alarmId }) => !world.dismissed.has(alarmId));
  if (alarms.some((alarm) => isServiceAffecting(alarm))) return true;
  if (silent.inFeedGap) return false;
  if (world.space.sizeOf(resource) > world.rules.alarms.cellsOnAlarmAlone) return false;
  return alarms.some(({ raisedAtMs }) => raisedAtMs >= silent.sinceMs - WARNING_LEAD_MS);
}

/** Whether what the cell depends on, or another cell of its site, is known to be in trouble. */
function isWitnessedDirectly(world: World, silent: Silent): boolean {
  const { space } = world;
  const above = [silent.cell, ...space.ancestorsOf(silent.cell)];
  for (const resource of above) {
    if (space.typeOf(resource) === 'software') continue;
    if (hasAlarmWitness(world, silent, resource)) return true;
    if (!space.isCell(resource) && (world.anomalies.verdict(resource)?.nats ?? 0) > 0) return true;
  }
  if (silent.inFeedGap) return false;
  return isSeenNextDoor(world, silent);
}

/** Whether a cell of the same site fails visibly, or neighbours carry what the site should. */
function isSeenNextDoor(world: World, silent: Silent): boolean {
  const { space, rules } = world;
  const siteCells = space.cellsUnder(silent.site);
  const risen = new Set<number>();
  let reporting = 0;
  for (const cell of siteCells.length === 0 ? [silent.cell] : siteCells) {
    const verdict = world.anomalies.verdict(cell);
    if (cell !== silent.cell && hasAlarmWitness(world, silent, cell)) return true;
    if (verdict !== undefined && verdict.nats >= rules.evidence.silenceNats) return true;
    for (const { cell: neighbour } of neighboursOf(world, cell)) {
      if (space.siteOf(neighbour) === silent.site || !space.isObserved(neighbour)) continue;
      if (world.anomalies.verdict(neighbour)?.silentOnly === true) continue;
      reporting++;
      if (world.hasRisen(neighbour, silent.sinceMs)) risen.add(neighbour);
    }
  }
  return risen.size > 0 && risen.size >= Math.min(rules.silence.surplusNeighbours, reporting);
}

function neighboursOf(world: World, cell: number): { cell: number }[] {
  return cell < world.space.topology.cellCount ? world.space.topology.neighboursOf(cell) : [];
}

/**
 * Where enough sites under a resource are witnessed and all its cells are down, the others under it
 * went the same way. @returns cells that are witnessed, theirs included
 */
function spreadWitness(world: World, silent: readonly Silent[], witnessed: Set<number>): void {
  if (witnessed.size === 0) return;
  const under = new Map<number, { sites: Set<number>; seen: Set<number> }>();
  for (const { cell, site } of silent) {
    for (const resource of world.space.ancestorsOf(cell)) {
      if (world.space.typeOf(resource) === 'software') continue;
      let counts = under.get(resource);
      if (counts === undefined) {
        counts = { sites: new Set(), seen: new Set() };
        under.set(resource, counts);
      }
      counts.sites.add(site);
      if (witnessed.has(cell)) counts.seen.add(site);
    }
  }
  const isDown = (resource: number): boolean => {
    const counts = under.get(resource);
    if (counts === undefined || counts.seen.size === 0) return false;
    const share = counts.seen.size / counts.sites.size;
    const down = world.badUnder(resource) / Math.max(1, world.space.observedUnder(resource));
    return share >= world.rules.silence.witnessedShare && down >= world.rules.grouping.shows;
  };
  for (const { cell } of silent) {
    if (!witnessed.has(cell) && world.space.ancestorsOf(cell).some(isDown)) witnessed.add(cell);
  }
}

/**
 * Silent cells that something could have witnessed, had they been down: any while the alarm feed is
 * alive, else those joined through silent neighbours to a neighbour that reports.
 */
function witnessable(world: World, silent: readonly Silent[], nowMs: number): Set<number> {
  const cells = silent.map(({ cell }) => cell);
  const aliveSince = nowMs - world.rules.silence.alarmsAliveSeconds * 1000;
  if (world.lastAlarmMs >= aliveSince) return new Set(cells);
  const isSilent = new Set(cells);
  const reached = new Set<number>();
  const isReporting = (cell: number): boolean =>
    world.space.isObserved(cell) && !isSilent.has(cell);
  const edge = silent.filter(({ cell, site }) =>
    neighboursOf(world, cell).some(
      (each) => world.space.siteOf(each.cell) !== site && isReporting(each.cell),
    ),
  );
  const stack = edge.map(({ cell }) => cell);
  for (let cell = stack.pop(); cell !== undefined; cell = stack.pop()) {
    if (reached.has(cell)) continue;
    reached.add(cell);
    const near = [...neighboursOf(world, cell).map((each) => each.cell), ...siblings(world, cell)];
    for (const other of near) if (isSilent.has(other)) stack.push(other);
  }
  return reached;
}

function siblings(world: World, cell: number): Int32Array {
  return world.space.cellsUnder(world.space.siteOf(cell));
}

function isWholeSite(world: World, silent: Silent): boolean {
  const { site } = silent;
  const observed = world.space.observedUnder(site);
  return site !== silent.cell && observed > 0 && world.badUnder(site) >= observed;
}

/**
 * Tells a broken feed from an outage: silence alone is never an outage. A silent cell is witnessed
 * by an alarm on anything it depends on, by visible trouble at its site, or by neighbours that
 * carry its traffic; when much of a feed is silent at once, only by a service-affecting alarm.
 */
export function judgeSilence(world: World, nowMs: number): SilenceReport {
  const silent = silentCells(world);
  const witnessed = new Set<number>();
  for (const each of silent) {
    if (world.witnessed.has(each.cell) || isWitnessedDirectly(world, each))
      witnessed.add(each.cell);
  }
  spreadWitness(world, silent, witnessed);
  for (const cell of witnessed) world.witnessed.add(cell);
  const couldBe = witnessable(world, silent, nowMs);
  const verdicts = new Map<number, SilenceVerdict>();
  const waitMs = world.rules.silence.witnessWaitSeconds * 1000;
  let lookAgainMs = Number.POSITIVE_INFINITY;
  for (const each of silent) {
    const untilMs = each.knownAtMs + waitMs;
    if (witnessed.has(each.cell)) verdicts.set(each.cell, 'witnessed');
    else if (each.inFeedGap) verdicts.set(each.cell, 'gap');
    else if (nowMs < untilMs) {
      verdicts.set(each.cell, 'waiting');
      lookAgainMs = Math.min(lookAgainMs, untilMs);
    } else if (each.isHint) {
      verdicts.set(each.cell, 'waiting');
    } else {
      const isOpen = isWholeSite(world, each) && !couldBe.has(each.cell);
      verdicts.set(each.cell, isOpen ? 'undecided' : 'gap');
    }
  }
  return { verdicts, lookAgainMs };
}
