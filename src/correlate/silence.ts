import { surpriseOf } from './anomaly-book.js';
import { neighboursOf, type Silent, witnessedCells } from './witness.js';
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

/** A silent cell with the nats of its silence. */
interface SilentCell extends Omit<Silent, 'inFeedGap' | 'isHint'> {
  readonly nats: number;
}

/** A share of a feed's cells is a feed's failure only from this many cells on. */
const LEAST_FEED_GAP = 10;
function silentCells(world: World): Silent[] {
  const found: SilentCell[] = [];
  const perFeed = new Map<string, number>();
  for (const resource of world.anomalies.resources()) {
    if (!world.space.isCell(resource)) continue;
    const verdict = world.anomalies.verdict(resource);
    if (verdict === undefined || !verdict.silentOnly) continue;
    if (verdict.anomalies.every(({ id }) => world.dismissed.has(id))) continue;
    const feeds = [...new Set(verdict.anomalies.map(({ feed }) => feed))];
    for (const feed of feeds) perFeed.set(feed, (perFeed.get(feed) ?? 0) + 1);
    const { sinceMs, knownAtMs } = verdict;
    const nats = Math.max(...verdict.anomalies.map((each) => surpriseOf(each)));
    const site = world.space.siteOf(resource);
    found.push({ cell: resource, site, sinceMs, knownAtMs, feeds, nats });
  }
  const isHint = hints(world, found);
  const observed = world.space.observedBy();
  const failed = (feed: string): boolean => {
    const silent = perFeed.get(feed) ?? 0;
    const share = silent / Math.max(silent, observed.get(feed)?.size ?? 0);
    return silent >= LEAST_FEED_GAP && share >= world.rules.silence.feedGapShare;
  };
  return found.map(({ nats: _, ...each }, i) => ({
    ...each,
    isHint: isHint[i] === true,
    inFeedGap: each.feeds.some(failed),
  }));
}

/**
 * Which silences may be no more than lost reports. Those of all cells of a site that began together
 * count together: reports get lost one by one.
 */
function hints(world: World, found: readonly SilentCell[]): boolean[] {
  const together = new Map<string, SilentCell[]>();
  const key = ({ site, sinceMs }: SilentCell): string => `${site}/${sinceMs}`;
  for (const each of found) {
    const list = together.get(key(each));
    if (list === undefined) together.set(key(each), [each]);
    else list.push(each);
  }
  return found.map((each) => {
    const list = together.get(key(each)) ?? [each];
    const isAll = list.length >= world.space.observedUnder(each.site);
    const nats = isAll ? list.reduce((sum, other) => sum + other.nats, 0) : each.nats;
    return nats < world.rules.evidence.sureSilenceNats;
  });
}

/** Whether alarms come in at all, so that the absence of one says something. */
function areAlarmsAlive(world: World, nowMs: number): boolean {
  return world.lastAlarmMs >= nowMs - world.rules.silence.alarmsAliveSeconds * 1000;
}

/**
 * Silent cells that neighbours could have witnessed, had they been down: those joined through silent
 * neighbours to one that reports.
 */
function witnessable(world: World, silent: readonly Silent[]): Set<number> {
  const cells = silent.map(({ cell }) => cell);
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

/** Share of a resource's cells that must be down for it to be held to be the cause. */
function isWhole(world: World, resource: number): boolean {
  const observed = world.space.observedUnder(resource);
  return observed > 0 && world.badUnder(resource) >= world.rules.grouping.shows * observed;
}

/** Whether the cell's whole site is down. */
function isWholeSite(world: World, silent: Silent): boolean {
  return silent.site !== silent.cell && isWhole(world, silent.site);
}

/** Whether all of something over several sites is down: a collector rarely ends just there. */
function isWholeLine(world: World, silent: Silent): boolean {
  const site = world.space.sizeOf(silent.site);
  return world.space
    .ancestorsOf(silent.site)
    .some((above) => world.space.sizeOf(above) > site && isWhole(world, above));
}

/**
 * Tells a broken feed from an outage: silence alone is never an outage. A silent cell is witnessed
 * by an alarm on anything it depends on, by visible trouble at its site, or by neighbours that
 * carry its traffic; when much of a feed is silent at once, only by a service-affecting alarm.
 */
export function judgeSilence(world: World, nowMs: number): SilenceReport {
  const silent = silentCells(world);
  const witnessed = witnessedCells(world, silent);
  for (const cell of witnessed) world.witnessed.add(cell);
  const isAlarmed = areAlarmsAlive(world, nowMs);
  const couldBe = isAlarmed ? new Set(silent.map(({ cell }) => cell)) : witnessable(world, silent);
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
      const isOpen =
        isWholeSite(world, each) &&
        (!couldBe.has(each.cell) || (!isAlarmed && isWholeLine(world, each)));
      verdicts.set(each.cell, isOpen ? 'undecided' : 'gap');
    }
  }
  return { verdicts, lookAgainMs };
}
