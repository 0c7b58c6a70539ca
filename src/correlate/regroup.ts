import type { OperatorAct } from '../domain/facts.js';
import { contentId } from '../domain/ids.js';
import { cellWords } from './describe.js';
import { type Episode, isAlive, isRunning, newEpisode, note } from './episode.js';
import { merge } from './life.js';
import type { World } from './world.js';

/** Records that an act could not be carried out, and why. */
export function refuse(episode: Episode, act: OperatorAct, nowMs: number, why: string): void {
  note(episode, nowMs, 'act', `${act.actor} asked for ${act.action}: ${why}`);
}

function takeOver(into: Episode, from: Episode): void {
  for (const [member, onsetMs] of from.members)
    into.members.set(member, Math.min(onsetMs, into.members.get(member) ?? onsetMs));
  for (const [cell, spell] of from.cells)
    if (!into.cells.has(cell)) into.cells.set(cell, { ...spell });
  for (const id of from.alarmIds) into.alarmIds.add(id);
  for (const id of from.anomalyIds) into.anomalyIds.add(id);
}

/**
 * A person says that two incidents are one. It stays so, whatever evidence says of their causes; the
 * cause is judged anew as of one failure. Whoever was told of either counts as told of both.
 */
export function mergeByHand(
  world: World,
  [from, into]: readonly [Episode, Episode],
  act: OperatorAct,
  nowMs: number,
): void {
  if (from === into || !isAlive(from) || !isAlive(into)) {
    const why = from === into ? 'they are one already' : 'one of them is over';
    refuse(from, act, nowMs, `${why} (${into.id})`);
    return;
  }
  note(from, nowMs, 'act', `${act.actor} merged it into ${into.id}: ${act.why}`);
  note(into, nowMs, 'act', `${act.actor} merged ${from.id} into it: ${act.why}`);
  if (into.state === 'suspected' && isRunning(from)) {
    into.state = from.state;
    into.detectedAtMs = from.detectedAtMs;
  }
  takeOver(into, from);
  into.isPinned = true;
  into.peakNats = 0;
  into.lastJoinMs = nowMs;
  merge(world, into, from, nowMs);
}

/** Objects of the incident that have nothing outside the cells. */
function membersWithin(world: World, episode: Episode, cells: ReadonlySet<number>): number[] {
  return [...episode.members.keys()].filter((member) => {
    const under = world.space.cellsUnder(member);
    return under.length > 0 && under.every((cell) => cells.has(cell));
  });
}

function moveTo(child: Episode, parent: Episode, members: readonly number[]): void {
  for (const member of members) {
    const onsetMs = parent.members.get(member);
    if (onsetMs === undefined) continue;
    child.members.set(member, onsetMs);
    parent.members.delete(member);
  }
}

/** Cells of the incident that the act names, one by one or as all that depend on a resource. */
function cellsMeant(world: World, parent: Episode, act: OperatorAct): Set<number> {
  const named = new Set((act.cells ?? []).map((id) => world.space.lookUp({ type: 'cell', id })));
  const resource = act.resource === undefined ? -1 : world.space.lookUp(act.resource);
  const isMeant = (cell: number): boolean =>
    named.has(cell) || (resource >= 0 && world.space.isUnder(cell, resource));
  return new Set([...parent.cells.keys()].filter(isMeant));
}

/**
 * A person says that some cells of an incident are another one's. The new incident has the same
 * lineage, so that nobody is told twice; both keep what is theirs.
 * @returns the new incident, if there is one
 */
export function splitByHand(
  world: World,
  parent: Episode,
  act: OperatorAct,
  nowMs: number,
): Episode | undefined {
  const own = cellsMeant(world, parent, act);
  const members = membersWithin(world, parent, own);
  if (parent.customers !== null) {
    refuse(parent, act, nowMs, 'what customers say does not tell its cells apart');
    return undefined;
  }
  if (!isRunning(parent) && parent.state !== 'suspected') {
    refuse(parent, act, nowMs, 'it is over');
    return undefined;
  }
  if (members.length === 0 || members.length === parent.members.size) {
    refuse(parent, act, nowMs, 'some of what failed must be in either part');
    return undefined;
  }
  const child = newEpisode(contentId('inc', 'split', act.actId), parent.lineageId, nowMs);
  moveTo(child, parent, members);
  for (const cell of own) {
    const spell = parent.cells.get(cell);
    if (spell !== undefined) child.cells.set(cell, { ...spell });
    parent.cells.delete(cell);
  }
  child.state = parent.state;
  child.detectedAtMs = parent.detectedAtMs;
  child.startedAtMs = Math.min(...child.members.values());
  child.probability = parent.probability;
  for (const each of [child, parent]) {
    each.isPinned = true;
    each.causeSetBy = null;
    each.peakNats = 0;
  }
  const words = `${act.actor} split ${cellWords(own.size)} off: ${act.why}`;
  note(child, nowMs, 'split', `from ${parent.id}; ${words}`);
  note(parent, nowMs, 'split', `${child.id} is another one; ${words}`);
  return child;
}
