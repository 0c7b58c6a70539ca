import { isServiceAffecting, opensAlone } from './alarm-book.js';
import type { CoverModel } from './cover.js';
import type { World } from './world.js';

const YEAR_MS = 31_557_600_000;
/** A cause is never taken for likelier than this before there is evidence. */
const GREATEST_PRIOR = -1;
/** A minor alarm or warning of its own tells causes apart by this share of a telling one. */
const HINT_SHARE = 1 / 3;

/** What decisions so far and the works calendar add to what the world says. */
export interface Leaning {
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

/** How probable resources are as causes, given the world at `nowMs`. */
export function believe(world: World, leaning: Leaning, nowMs: number): CoverModel {
  const { space } = world;
  const { shows, showsBeforeReport, coarserByNats, stickyNats } = world.rules.grouping;
  const afterReport = -Math.log(1 - shows);
  const beforeReport = -Math.log(1 - showsBeforeReport);
  const priors = new Map<number, number>();
  const prior = (resource: number): number => {
    const own = kindPrior(world, space.kindOf(resource));
    const leader = space.sameCellsAs(resource)[0] ?? resource;
    const believed = leaning.believed.has(leader) ? stickyNats : 0;
    return leaning.worked.has(resource) ? Math.max(own, 0) : own + believed;
  };
  return {
    marginNats: coarserByNats,
    ancestorsOf: (resource) => space.ancestorsOf(resource),
    isCell: (resource) => space.isCell(resource),
    isObserved: (cell) => space.isObserved(cell),
    sizeOf: (resource) => space.sizeOf(resource),
    windowMs: (resource) => windowMs(world, resource),
    priorNats: (resource) => {
      const known = priors.get(resource);
      if (known !== undefined) return known;
      const nats = prior(resource);
      priors.set(resource, nats);
      return nats;
    },
    contradiction: (resource, neutral, onsetMs) => {
      const healthy = space.observedUnder(resource) - neutral;
      if (healthy <= 0 || isVouchedFor(world, resource, nowMs)) return 0;
      if (showsItself(world, resource)) return 0;
      return healthy * (nowMs >= onsetMs + world.feeds.periodMs ? afterReport : beforeReport);
    },
  };
}
