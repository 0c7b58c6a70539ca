import { causeOf, type Episode, isAlive, isRunning } from './episode.js';
import { type Explained, joinExplained } from './explain-world.js';
import type { World } from './world.js';

/** Which incident each explanation is, and what became of incidents that are none. */
export interface Identities {
  /** explanations that go on an incident; what is missing is new */
  readonly sameAs: ReadonlyMap<Explained, Episode>;
  /** the explanations, those that are part of another joined to it */
  readonly explained: readonly Explained[];
  /** new ones that a running incident has split into, with that incident */
  readonly splitFrom: ReadonlyMap<Explained, Episode>;
  /** new ones at the place of one that closed a short while ago */
  readonly heirOf: ReadonlyMap<Explained, Episode>;
  /** incidents whose failures another one explains now, with that one's explanation */
  readonly absorbed: ReadonlyMap<Episode, Explained>;
}

/** Share of an over incident's members that must fail again to be the same one. */
const RETURNING_SHARE = 0.3;

/** Below this share of an incident's members what still fails is what is left of it. */
const LEFT_SHARE = 0.5;

interface Link {
  readonly explained: Explained;
  readonly episode: Episode;
  readonly shared: number;
  readonly isSameCause: boolean;
  readonly score: number;
}

function classLeader(world: World, resource: number): number {
  return resource < 0 ? -1 : world.space.leaderOf(resource);
}

/** Every pair of explanation and incident that have an object, a cell or the cause in common. */
function linksOf(world: World, free: readonly Explained[], episodes: readonly Episode[]): Link[] {
  const byObject = new Map<number, Episode[]>();
  const byCause = new Map<number, Episode[]>();
  const add = (index: Map<number, Episode[]>, key: number, episode: Episode): void => {
    const list = index.get(key);
    if (list === undefined) index.set(key, [episode]);
    else list.push(episode);
  };
  for (const episode of episodes) {
    const objects = new Set([...episode.members.keys(), ...episode.cells.keys()]);
    for (const object of objects) add(byObject, object, episode);
    const cause = causeOf(episode);
    if (cause >= 0) add(byCause, classLeader(world, cause), episode);
  }
  const links: Link[] = [];
  for (const explained of free) {
    const shared = new Map<Episode, number>();
    for (const { resource } of explained.findings) {
      for (const episode of byObject.get(resource) ?? [])
        shared.set(episode, (shared.get(episode) ?? 0) + 1);
    }
    const cause = explained.causes[0]?.resource ?? -1;
    const sameCause = new Set(cause < 0 ? [] : byCause.get(classLeader(world, cause)));
    for (const episode of new Set([...shared.keys(), ...sameCause])) {
      const count = shared.get(episode) ?? 0;
      const isSameCause = sameCause.has(episode);
      const score =
        count / explained.findings.length +
        count / Math.max(1, episode.members.size) +
        (isSameCause ? 1 : 0);
      links.push({ explained, episode, shared: count, isSameCause, score });
    }
  }
  return links;
}

function isSame({ episode, shared, isSameCause }: Link): boolean {
  if (isSameCause) return true;
  if (shared === 0) return false;
  const isOver = episode.state === 'resolved' || episode.state === 'closed';
  return !isOver || shared >= RETURNING_SHARE * episode.members.size;
}

function byStrength(order: ReadonlyMap<Explained, number>): (a: Link, b: Link) => number {
  const rank = ({ episode }: Link): number => (isRunning(episode) ? 0 : 1);
  const at = ({ explained }: Link): number => order.get(explained) ?? 0;
  return (a, b) =>
    rank(a) - rank(b) ||
    b.score - a.score ||
    a.episode.createdAtMs - b.episode.createdAtMs ||
    (a.episode.id < b.episode.id ? -1 : a.episode.id > b.episode.id ? 1 : at(a) - at(b));
}

/**
 * Carries incidents over from one decision to the next. One explanation goes on at most one
 * incident and the other way round, the strongest overlap first, running ones before others; the
 * rest are merged, split or new.
 */
export function identify(
  world: World,
  explained: readonly Explained[],
  episodes: readonly Episode[],
): Identities {
  const sameAs = new Map<Explained, Episode>();
  const taken = new Set<Episode>();
  for (const each of explained) {
    if (each.claimedBy === undefined) continue;
    sameAs.set(each, each.claimedBy);
    taken.add(each.claimedBy);
  }
  const order = new Map(explained.map((each, i) => [each, i]));
  const free = explained.filter((each) => !sameAs.has(each));
  const links = linksOf(
    world,
    free,
    episodes.filter((each) => !taken.has(each)),
  );
  const kept = links.filter((link) => isSame(link) && !link.episode.isDismissed);
  kept.sort(byStrength(order));
  for (const { explained: each, episode } of kept) {
    if (!isAlive(episode) || sameAs.has(each) || taken.has(episode)) continue;
    sameAs.set(each, episode);
    taken.add(episode);
  }
  const joined = joinParts(world, kept, sameAs);
  const splitFrom = new Map<Explained, Episode>();
  const heirOf = new Map<Explained, Episode>();
  const absorbed = new Map<Episode, Explained>();
  for (const { explained: each, episode, shared } of kept) {
    if (!taken.has(episode) && isAlive(episode) && shared > 0 && episode.state !== 'resolved') {
      if (!absorbed.has(episode)) absorbed.set(episode, each);
    }
    if (sameAs.has(each) || joined.parts.has(each)) continue;
    if (isRunning(episode) && shared > 0) {
      if (!splitFrom.has(each)) splitFrom.set(each, episode);
    } else if (!isAlive(episode) && episode.detectedAtMs !== null && !heirOf.has(each)) {
      heirOf.set(each, episode);
    }
  }
  return {
    ...joined.replace(explained, absorbed),
    splitFrom,
    heirOf,
  };
}

interface Joined {
  /** explanations that are part of another one */
  readonly parts: ReadonlySet<Explained>;
  /** puts the joined explanations in the place of what they were */
  readonly replace: (
    explained: readonly Explained[],
    absorbed: ReadonlyMap<Episode, Explained>,
  ) => Pick<Identities, 'explained' | 'sameAs' | 'absorbed'>;
}

/**
 * What an incident holds already is part of it and no split, as long as it lies under the incident's
 * cause: failures of one incident may look apart in time when counters date them differently, and
 * what is left when it ends no longer shows what they had in common.
 */
function joinParts(
  world: World,
  links: readonly Link[],
  sameAs: ReadonlyMap<Explained, Episode>,
): Joined {
  const mainOf = new Map([...sameAs].map(([each, episode]) => [episode, each]));
  const wholes = new Map<Explained, Explained>();
  const parts = new Map<Explained, Explained>();
  for (const { explained: each, episode, shared } of links) {
    const main = mainOf.get(episode);
    if (main === undefined || sameAs.has(each) || parts.has(each)) continue;
    const cause = each.causes[0]?.resource ?? -1;
    if (shared < each.findings.length || cause < 0) continue;
    const isLeft = main.findings.length < LEFT_SHARE * episode.members.size;
    const above = isLeft ? causeOf(episode) : (main.causes[0]?.resource ?? -1);
    if (above < 0 || !world.space.isUnder(cause, above)) continue;
    parts.set(each, main);
    wholes.set(main, joinExplained(wholes.get(main) ?? main, each));
  }
  const now = (each: Explained): Explained => {
    const main = parts.get(each) ?? each;
    return wholes.get(main) ?? main;
  };
  return {
    parts: new Set(parts.keys()),
    replace: (explained, absorbed) => ({
      explained: explained.filter((each) => !parts.has(each)).map(now),
      sameAs: new Map([...sameAs].map(([each, episode]) => [now(each), episode])),
      absorbed: new Map([...absorbed].map(([episode, each]) => [episode, now(each)])),
    }),
  };
}
