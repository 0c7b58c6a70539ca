import { contentId } from '../domain/ids.js';
import type { Rise } from './customers/customer-book.js';
import { areaWords, clock, riseWords } from './describe.js';
import { type Episode, isAlive, isRunning, newEpisode, note } from './episode.js';
import { close, merge } from './life.js';
import type { World } from './world.js';

type Episodes = Map<string, Episode>;

/** Share of the cells of a rise that an incident which is only suspected must hold to explain it. */
const SUSPECTED_SHARE = 0.2;
/** Beyond so many cells a place is named and not listed cell by cell. */
const MOST_CELLS = 3000;

/** Whether the network's own evidence speaks for the incident. */
export function isOfNetwork({ customers }: Episode): boolean {
  return customers === null;
}

function shared(episode: Episode, cells: Int32Array): number {
  let count = 0;
  for (const cell of cells) if (episode.cells.has(cell)) count++;
  return count;
}

/** Whether customers would call because of the incident: it is at their place, or was a moment ago. */
function explains(world: World, episode: Episode, cells: Int32Array, rise: Rise): boolean {
  if (!isOfNetwork(episode) || episode.isDismissed || episode.mergedInto !== null) return false;
  const count = shared(episode, cells);
  if (count === 0) return false;
  if (isRunning(episode)) return true;
  if (episode.state === 'suspected') return count >= SUSPECTED_SHARE * cells.length;
  const afterMs = world.rules.customers.aftermathSeconds * 1000;
  return episode.detectedAtMs !== null && rise.sinceMs <= (episode.endedAtMs ?? 0) + afterMs;
}

/** Planned work at the place: customers of it call, and nothing is to be suspected. */
function isWorkedOn(world: World, cells: Int32Array, { sinceMs }: Rise): boolean {
  const { topology } = world.space;
  const { earlySeconds, graceSeconds } = world.rules.works;
  const afterMs = (world.rules.customers.aftermathSeconds + graceSeconds) * 1000;
  return topology.works.some(
    ({ resource, startsAtMs, endsAtMs }) =>
      sinceMs >= startsAtMs - earlySeconds * 1000 &&
      sinceMs < endsAtMs + afterMs &&
      cells.some((cell) => world.space.isUnder(cell, resource)),
  );
}

/** The incident that explains a rise: one that runs before one that is suspected or over. */
function explanationOf(
  world: World,
  episodes: Episodes,
  cells: Int32Array,
  rise: Rise,
): Episode | undefined {
  const found = [...episodes.values()].filter((each) => explains(world, each, cells, rise));
  const rank = (each: Episode): number => (isRunning(each) ? 0 : isAlive(each) ? 1 : 2);
  return found.sort(
    (a, b) =>
      rank(a) - rank(b) ||
      shared(b, cells) - shared(a, cells) ||
      a.createdAtMs - b.createdAtMs ||
      (a.id < b.id ? -1 : 1),
  )[0];
}

/**
 * Network evidence has come for what customers said: it goes on as that incident, which keeps its
 * lineage and remembers theirs, so that who asked for word of it gets it.
 */
function absorb(world: World, into: Episode, from: Episode, nowMs: number): void {
  const since = clock(from.startedAtMs);
  note(into, nowMs, 'merged', `${from.id}: customers have said so since ${since}`);
  into.absorbedLineages = [...new Set([...into.absorbedLineages, from.lineageId])].filter(
    (lineage) => lineage !== into.lineageId,
  );
  merge(world, into, from, nowMs);
}

function begin(world: World, rise: Rise, nowMs: number): Episode {
  const id = contentId('inc', rise.id, nowMs);
  const episode = newEpisode(id, id, nowMs);
  episode.customers = [];
  const words = riseWords(rise);
  note(episode, nowMs, 'suspected', `customers say so: ${words} in ${areaWords(world, rise)}`);
  return episode;
}

/** Brings an incident up to what customers say now. */
function update(world: World, episode: Episode, rises: readonly Rise[], nowMs: number): void {
  episode.customers = rises.map(({ id, name, areas, resource, count, mean, windowSeconds }) => {
    return { id, name, areas: [...areas], resource, count, mean, windowSeconds };
  });
  episode.startedAtMs = Math.min(...rises.map(({ sinceMs }) => sinceMs));
  episode.members.clear();
  episode.cells.clear();
  for (const rise of rises) {
    const cells = world.customers.cellsOf(rise);
    if (cells.length > MOST_CELLS) continue;
    for (const cell of cells) {
      const { degree } = world.rules.customers;
      const sinceMs = Math.min(rise.sinceMs, episode.members.get(cell) ?? rise.sinceMs);
      episode.members.set(cell, sinceMs);
      episode.cells.set(cell, {
        sinceMs,
        degree,
        peakDegree: degree,
        wellSinceMs: null,
        isGone: false,
      });
    }
  }
  episode.lastJoinMs = nowMs;
}

/** Another incident of customers at the same place, that this rise is part of. */
function atSamePlace(episodes: Episodes, cells: Int32Array): Episode | undefined {
  return [...episodes.values()].find(
    (each) => each.customers !== null && isAlive(each) && shared(each, cells) > 0,
  );
}

/** What becomes of one rise. @returns the incident that stands for it alone, if there is one */
function place(world: World, episodes: Episodes, rise: Rise, nowMs: number): Episode | undefined {
  const cells = world.customers.cellsOf(rise);
  const own = rise.incidentId === null ? undefined : episodes.get(rise.incidentId);
  rise.isDismissed ||= own?.isDismissed === true;
  if (rise.isDismissed) return undefined;
  const by = explanationOf(world, episodes, cells, rise);
  if (by !== undefined) {
    if (own !== undefined && isAlive(own) && isAlive(by)) absorb(world, by, own, nowMs);
    else if (rise.explainedBy !== by.id && isRunning(by)) {
      const words = `${riseWords(rise)} in ${areaWords(world, rise)}`;
      note(by, nowMs, 'customers', `customers say so too: ${words}`);
    }
    rise.explainedBy = by.id;
    return undefined;
  }
  if (own !== undefined && isAlive(own)) return own;
  if (isWorkedOn(world, cells, rise)) return undefined;
  const episode = atSamePlace(episodes, cells) ?? begin(world, rise, nowMs);
  episodes.set(episode.id, episode);
  rise.incidentId = episode.id;
  return episode;
}

/**
 * Holds rises in what customers do against the incidents there are. One that none explains is an
 * incident of its own, suspected and no more: nobody is told on customers' word. It ends when they
 * do no more than usual, or goes on as the incident that the network's evidence opens.
 */
export function hearCustomers(world: World, episodes: Episodes, nowMs: number): void {
  const standing = new Map<Episode, Rise[]>();
  for (const rise of world.customers.rises.values()) {
    const episode = place(world, episodes, rise, nowMs);
    if (episode === undefined) continue;
    standing.set(episode, [...(standing.get(episode) ?? []), rise]);
  }
  for (const episode of episodes.values()) {
    if (episode.customers === null || !isAlive(episode)) continue;
    const rises = standing.get(episode);
    if (rises !== undefined) update(world, episode, rises, nowMs);
    else close(episode, nowMs, 'customers do no more than usual', nowMs);
  }
}
