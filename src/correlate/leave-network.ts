import type { TopologyView } from '../domain/topology.js';
import { cellWords } from './describe.js';
import { type Episode, isAlive, note } from './episode.js';
import { close } from './life.js';
import type { World } from './world.js';

/** Resources taken out of the inventory that are remembered: their silence is no news. */
const MOST_GONE = 20_000;

/**
 * Lets go of what an import took out of the inventory: nothing speaks for it any more, its cells leave
 * their incidents, and an incident that is left with nothing is over without its people being told
 * that service is back. What stays, moves or joins is judged as before.
 * @param world over the changed network, restored
 * @param before the network until now
 * @returns the incidents that changed
 */
export function leaveNetwork(
  world: World,
  before: TopologyView,
  episodes: Iterable<Episode>,
  nowMs: number,
): Episode[] {
  const { space } = world;
  const isGone = (resource: number): boolean => {
    const [type, id] = [space.typeOf(resource), space.idOf(resource)];
    return space.topology.findTyped(type, id) < 0 && before.findTyped(type, id) >= 0;
  };
  for (const key of world.gone) {
    if (space.topology.findTyped('cell', key.slice('cell:'.length)) >= 0) world.gone.delete(key);
  }
  for (const resource of [...world.anomalies.resources(), ...world.alarms.resources()]) {
    if (isGone(resource)) forget(world, resource);
  }
  const changed: Episode[] = [];
  for (const episode of episodes) {
    if (episode.customers !== null || !isAlive(episode)) continue;
    if (leave(world, episode, isGone, nowMs)) changed.push(episode);
  }
  return changed;
}

function forget(world: World, resource: number): void {
  for (const { id } of world.anomalies.of(resource)) world.anomalies.remove(resource, id);
  world.alarms.forget(resource);
  world.witnessed.delete(resource);
  world.unmoved.delete(resource);
  noteGone(world, resource);
}

function noteGone(world: World, resource: number): void {
  if (world.space.isCell(resource) && world.gone.size < MOST_GONE)
    world.gone.add(world.space.keyOf(resource));
}

/** @returns whether anything of the incident is gone */
function leave(
  world: World,
  episode: Episode,
  isGone: (resource: number) => boolean,
  nowMs: number,
): boolean {
  const cells = [...episode.cells.keys()].filter(isGone);
  const members = [...episode.members.keys()].filter(isGone);
  if (cells.length + members.length === 0) return false;
  for (const cell of cells) {
    episode.cells.delete(cell);
    noteGone(world, cell);
  }
  for (const member of members) episode.members.delete(member);
  const what = cells.length === 0 ? `${members.length} of its objects` : cellWords(cells.length);
  note(episode, nowMs, 'shrank', `${what} taken out of the inventory`);
  if (episode.cells.size > 0 || cells.length === 0) return true;
  episode.isTakenOut = true;
  close(episode, nowMs, 'all it was about was taken out of the inventory', nowMs);
  return true;
}
