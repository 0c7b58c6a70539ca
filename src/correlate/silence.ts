import { surpriseOf } from './anomaly-book.js';
import { JointRise } from './joint-rise.js';
import { type SilentRegion, silentRegions } from './silent-region.js';
import { type Silent, witnessedCells } from './witness.js';
import type { World } from './world.js';

/**
 * What to make of a cell that does not report.
 * - `witnessed`: something independent agrees that it is down
 * - `waiting`: a witness may still come
 * - `gap`: the telemetry is held to be broken, not the network
 * - `undecided`: just the cells of a resource are silent, and nothing says whether they are down
 */
export type SilenceVerdict = 'witnessed' | 'waiting' | 'gap' | 'undecided';

/** Silent cells with what they mean, and when to look again (epoch ms, Infinity when never). */
export interface SilenceReport {
  readonly verdicts: ReadonlyMap<number, SilenceVerdict>;
  readonly lookAgainMs: number;
}

/** A silent cell before it is seen beside others. */
type SilentCell = Omit<Silent, 'inFeedGap' | 'isHint'>;

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
  found.sort((a, b) => a.cell - b.cell);
  const isHint = hints(world, found);
  const observed = world.space.observedBy();
  const failed = (feed: string): boolean => {
    const silent = perFeed.get(feed) ?? 0;
    const share = silent / Math.max(silent, observed.get(feed)?.size ?? 0);
    return silent >= LEAST_FEED_GAP && share >= world.rules.silence.feedGapShare;
  };
  return found.map((each, i) => ({
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
 * What to make of silent cells whose extent is that of a resource: a person should see them, unless
 * alarms come in and none is of them, or their neighbours clearly carry nothing of theirs.
 */
function judgeRegion(
  world: World,
  region: SilentRegion,
  jointRise: JointRise,
  isAlarmed: boolean,
): 'undecided' | 'gap' | 'waiting' {
  const nats = region.cells.reduce((sum, { nats: own }) => sum + own, 0);
  if (nats < world.rules.evidence.sureSilenceNats) return 'waiting';
  if (isAlarmed) return 'gap';
  if (region.cells.some(({ cell }) => world.unmoved.has(cell))) return 'gap';
  if (!jointRise.isUnmoved(region)) return 'undecided';
  for (const { cell } of region.cells) world.unmoved.add(cell);
  return 'gap';
}

/**
 * Tells a broken feed from an outage: silence alone is never an outage. A silent cell is witnessed
 * by an alarm on anything it depends on, by visible trouble at its site, or by neighbours that
 * carry its traffic; when much of a feed is silent at once, only by a service-affecting alarm.
 * Silence of just what a resource holds, which nothing has witnessed yet, is undecided at once.
 */
export function judgeSilence(world: World, nowMs: number): SilenceReport {
  const silent = silentCells(world);
  const jointRise = new JointRise(world, silent);
  const witnessed = witnessedCells(world, silent, jointRise);
  for (const cell of witnessed) world.witnessed.add(cell);
  const isAlarmed = areAlarmsAlive(world, nowMs);
  const open = silent.filter(({ cell }) => !witnessed.has(cell));
  const ofRegion = new Map<number, SilenceVerdict>();
  for (const region of silentRegions(world, open)) {
    const verdict = judgeRegion(world, region, jointRise, isAlarmed);
    for (const { cell } of region.cells) ofRegion.set(cell, verdict);
  }
  const verdicts = new Map<number, SilenceVerdict>();
  const waitMs = world.rules.silence.witnessWaitSeconds * 1000;
  let lookAgainMs = Number.POSITIVE_INFINITY;
  for (const each of silent) {
    const untilMs = each.knownAtMs + waitMs;
    const verdict = ofRegion.get(each.cell);
    if (witnessed.has(each.cell)) verdicts.set(each.cell, 'witnessed');
    else if (verdict === 'undecided') verdicts.set(each.cell, verdict);
    else if (each.inFeedGap) verdicts.set(each.cell, 'gap');
    else if (nowMs < untilMs) {
      verdicts.set(each.cell, 'waiting');
      lookAgainMs = Math.min(lookAgainMs, untilMs);
    } else verdicts.set(each.cell, each.isHint ? 'waiting' : 'gap');
  }
  return { verdicts, lookAgainMs };
}
