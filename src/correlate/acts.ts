import type { OperatorAct } from '../domain/facts.js';
import { clock, resourceWords } from './describe.js';
import { type Episode, isAlive, note } from './episode.js';
import { close } from './life.js';
import { expectAsTold } from './outlook.js';
import { mergeByHand, refuse, splitByHand } from './regroup.js';
import type { World } from './world.js';

/** The incident an act means: a merged one stands for the one it goes on as. */
export function meant(
  episodes: ReadonlyMap<string, Episode>,
  id: string | undefined,
): Episode | undefined {
  const seen = new Set<string>();
  let episode = id === undefined ? undefined : episodes.get(id);
  while (episode?.mergedInto && !seen.has(episode.id)) {
    seen.add(episode.id);
    episode = episodes.get(episode.mergedInto);
  }
  return episode;
}

function dismiss(world: World, episode: Episode, act: OperatorAct, nowMs: number): void {
  if (!isAlive(episode)) return;
  episode.isDismissed = true;
  if (episode.grade !== null) world.record.noteMarked(episode.grade);
  for (const member of episode.members.keys()) {
    for (const { id } of world.anomalies.of(member)) world.dismissed.add(id);
    for (const { alarmId } of world.alarms.of(member)) world.dismissed.add(alarmId);
  }
  close(episode, nowMs, `${act.actor} says it is no incident: ${act.why}`, nowMs);
}

function setRepair(episode: Episode, act: OperatorAct, nowMs: number): void {
  const atMs = Date.parse(act.value ?? '');
  if (Number.isNaN(atMs)) {
    const given = JSON.stringify(act.value ?? '');
    note(episode, nowMs, 'act', `${act.actor} set repair to ${given}, which is no ISO 8601 time`);
    return;
  }
  episode.told = {
    source: act.ticketId === undefined ? 'operator' : 'ticket',
    atMs,
    asOfMs: Date.parse(act.at),
    saidBy: act.actor,
    ticketId: act.ticketId ?? null,
  };
  expectAsTold(episode, episode.told);
  note(episode, nowMs, 'act', `${act.actor} expects repair at ${clock(atMs)}: ${act.why}`);
}

function setCause(world: World, episode: Episode, act: OperatorAct, nowMs: number): void {
  if (!isAlive(episode)) return;
  const resource = act.resource === undefined ? -1 : world.space.lookUp(act.resource);
  if (resource < 0) {
    refuse(episode, act, nowMs, `nothing is known of ${JSON.stringify(act.resource?.id ?? '')}`);
    return;
  }
  const failed = episode.members.size;
  const explained = [...episode.members.keys()].filter((member) =>
    world.space.isUnder(member, resource),
  ).length;
  episode.causes = [{ resource, probability: 1, alike: [], explained, failed, healthy: 0 }];
  episode.causeSetBy = { actor: act.actor, why: act.why };
  episode.isPinned = true;
  note(episode, nowMs, 'cause', `${act.actor} says ${resourceWords(world, resource)}: ${act.why}`);
}

/** Silences a resource, or all that an incident holds now. A time gone by ends a silence. */
function silence(
  world: World,
  episode: Episode | undefined,
  act: OperatorAct,
  nowMs: number,
): void {
  const untilMs = Date.parse(act.until ?? '');
  if (Number.isNaN(untilMs)) {
    if (episode !== undefined) refuse(episode, act, nowMs, 'it needs a time to end');
    return;
  }
  const mute = { untilMs, actor: act.actor, why: act.why };
  const { incidentId } = act;
  if (act.resource !== undefined) {
    const resource = world.space.lookUp(act.resource);
    if (resource >= 0) world.mutes.put(resource, mute);
    else if (episode !== undefined) refuse(episode, act, nowMs, `${act.resource.id} is not known`);
    return;
  }
  if (incidentId === undefined) return;
  // the later order replaces the earlier one; of an incident that is over there is only that to do
  world.mutes.endOf(incidentId);
  if (untilMs <= nowMs) return;
  for (const resource of new Set([
    ...(episode?.members.keys() ?? []),
    ...(episode?.cells.keys() ?? []),
  ]))
    world.mutes.put(resource, { ...mute, incidentId });
}

/** Notes what a caller says is still down. @returns whether the act is a caller's answer */
function heard(world: World, episode: Episode | undefined, act: OperatorAct): boolean {
  const { action, actId, answer, subscriberId, cells = [], undoes } = act;
  if (action === 'undoAnswer' && undoes !== undefined) world.stillDown.drop(undoes);
  if (action === 'agentAnswer' && answer === 'stillDown' && subscriberId !== undefined) {
    const atMs = Date.parse(act.at);
    const incidentId = episode?.id ?? '';
    world.stillDown.put({ actId, incidentId, subscriberId, atMs, cells });
  }
  return action === 'undoAnswer' || action === 'agentAnswer';
}

type Episodes = Map<string, Episode>;

/**
 * Carries out what an operator did to incidents; acts that other stages answer to are left alone.
 * @returns the incidents that changed
 */
export function applyAct(
  world: World,
  episodes: Episodes,
  act: OperatorAct,
  nowMs: number,
): Episode[] {
  const episode = meant(episodes, act.incidentId);
  if (heard(world, episode, act)) return [];
  if (act.action === 'silence') {
    silence(world, episode, act, nowMs);
    return episode === undefined ? [] : [episode];
  }
  if (episode === undefined) return [];
  if (act.action === 'merge') return mergeNamed(world, episodes, [episode, act], nowMs);
  if (act.action === 'split') {
    const child = splitByHand(world, episode, act, nowMs);
    if (child === undefined) return [episode];
    episodes.set(child.id, child);
    return [episode, child];
  }
  return applySimple(world, episode, act, nowMs) ? [episode] : [];
}

function mergeNamed(
  world: World,
  episodes: Episodes,
  [from, act]: readonly [Episode, OperatorAct],
  nowMs: number,
): Episode[] {
  const into = meant(episodes, act.into);
  if (into === undefined) {
    refuse(from, act, nowMs, `there is no incident ${JSON.stringify(act.into ?? '')}`);
    return [from];
  }
  mergeByHand(world, [from, into], act, nowMs);
  return [into, from];
}

/** @returns whether the act is one that correlation answers to */
function applySimple(world: World, episode: Episode, act: OperatorAct, nowMs: number): boolean {
  if (act.action === 'acknowledge') {
    episode.acknowledgedBy = act.actor;
    note(episode, nowMs, 'act', `${act.actor} acknowledged: ${act.why}`);
  } else if (act.action === 'comment') {
    note(episode, nowMs, 'comment', `${act.actor}: ${act.why}`);
  } else if (act.action === 'reported') {
    note(episode, nowMs, 'act', `${act.actor} reported it (${act.clock ?? ''}): ${act.why}`);
  } else if (act.action === 'undoReported') {
    note(
      episode,
      nowMs,
      'act',
      `${act.actor} took the report (${act.clock ?? ''}) back: ${act.why}`,
    );
  } else if (act.action === 'notAnIncident') {
    dismiss(world, episode, act, nowMs);
  } else if (act.action === 'setRepair') {
    setRepair(episode, act, nowMs);
  } else if (act.action === 'setCause') {
    setCause(world, episode, act, nowMs);
  } else {
    return false;
  }
  return true;
}
