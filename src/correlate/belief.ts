import { isServiceAffecting, opensAlone } from './alarm-book.js';
import type { CoverModel } from './cover.js';
import type { World } from './world.js';

const YEAR_MS = 31_557_600_000;
/** A cause is never taken for likelier than this before there is evidence. */
const GREATEST_PRIOR = -1;
/** A minor alarm or warning of its own tells causes apart by this share of a telling one. */
const HINT_SHARE = 1 / 3;

/** What decisions so far and the works calendar add to what the world says. */
interface Leaning {
  /** causes of incidents that are going on, as the first of their class */
  readonly believed: ReadonlySet<number>;
  /** resources that are being worked on */
  readonly worked: ReadonlySet<number>;
}

function windowOf(world: World, kind: string): number {
  const { windowSeconds, windowSecondsByKind } = world.rules.grouping;
  const seconds = windowSecondsByKind[kind] ?? windowSeconds;
  return Math.max(seconds * 1000, 2 * world.feeds.periodMs);
}

/** Onsets this far apart, in ms, may have this resource as their cause. */
export function windowMs(world: World, resource: number): number {
  return windowOf(world, world.space.kindOf(resource));
}

/** Log probability that one resource of the kind fails within its window. */
export function kindPrior(world: World, kind: string): number {
  const { failuresPerYear } = world.rules.grouping;
  const perYear = failuresPerYear[kind] ?? failuresPerYear.other ?? 1;
  return Math.min(GREATEST_PRIOR, Math.log((perYear * windowOf(world, kind)) / YEAR_MS));
}

/** What an alarm of its own says for a resource against others over the very same cells. */
export function ownAlarmNats(world: World, resource: number): number {
  const { ownAlarmNats: telling } = world.rules.alarms;
  let nats = 0;
  for (const alarm of world.alarms.of(resource)) {
    if (world.dismissed.has(alarm.alarmId)) continue;
    nats = Math.max(nats, isServiceAffecting(alarm) ? telling : telling * HINT_SHARE);
  }
  return nats;
}

/** Whether an alarm of the resource itself speaks for all under it and reports are not yet in. */
function isVouchedFor(world: World, resource: number, nowMs: number): boolean {
  if (world.space.sizeOf(resource) > world.rules.alarms.cellsOnAlarmAlone) return false;
  return world.alarms
    .of(resource)
    .some(
      (alarm) =>
        opensAlone(alarm, world.rules) &&
        !world.dismissed.has(alarm.alarmId) &&
        nowMs < world.confirmedBy(alarm.raisedAtMs),
    );
}

/**
 * Whether counters of the resource itself, a function, show that it is in trouble: what fails in the
 * core need not show at any cell, so healthy cells do not contradict it.
 */
function showsItself(world: World, resource: number): boolean {
  if (world.space.isCell(resource)) return false;
  const anomalies = world.anomalies.verdict(resource)?.anomalies ?? [];
  return anomalies.some(({ objectType, kind }) => objectType === 'function' && kind !== 'silence');
}

/** What the search for causes needs to know, and what ranking them needs besides. */
export interface Belief extends CoverModel {
  /** log probability that a resource of its kind fails, whatever else speaks for it */
  kindNats(resource: number): number;
}

/** What holds for all resources of one kind. */
interface OfKind {
  readonly priorNats: number;
  readonly windowMs: number;
}

function kindsOf(world: World): (resource: number) => OfKind {
  const known = new Map<string, OfKind>();
  return (resource) => {
    const kind = world.space.kindOf(resource);
    const before = known.get(kind);
    if (before !== undefined) return before;
    const ofKind = { priorNats: kindPrior(world, kind), windowMs: windowOf(world, kind) };
    known.set(kind, ofKind);
    return ofKind;
  };
}

/** How probable resources are as causes, given the world at `nowMs`. */
export function believe(world: World, leaning: Leaning, nowMs: number): Belief {
  const { space } = world;
  const { shows, showsBeforeReport, coarserByNats, stickyNats } = world.rules.grouping;
  const { believed, worked } = leaning;
  const afterReport = -Math.log(1 - shows);
  const beforeReport = -Math.log(1 - showsBeforeReport);
  const kindOf = kindsOf(world);
  return {
    resourceCount: space.count,
    marginNats: coarserByNats,
    ancestorsOf: (resource) => space.ancestorsOf(resource),
    isCell: (resource) => space.isCell(resource),
    isObserved: (cell) => space.isObserved(cell),
    sizeOf: (resource) => space.sizeOf(resource),
    windowMs: (resource) => kindOf(resource).windowMs,
    kindNats: (resource) => kindOf(resource).priorNats,
    priorNats: (resource) => {
      const own = kindOf(resource).priorNats;
      if (worked.has(resource)) return Math.max(own, 0);
      return own + (believed.has(space.leaderOf(resource)) ? stickyNats : 0);
    },
    contradiction: (resource, neutral, onsetMs) => {
      const healthy = space.observedUnder(resource) - neutral;
      if (healthy <= 0 || isVouchedFor(world, resource, nowMs)) return 0;
      if (showsItself(world, resource)) return 0;
      return healthy * (nowMs >= onsetMs + world.feeds.periodMs ? afterReport : beforeReport);
    },
  };
}
