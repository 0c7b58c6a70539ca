import type { OperatorAct } from '../domain/facts.js';
import { clock } from './describe.js';
import { type Episode, isAlive, note } from './episode.js';
import { close } from './life.js';
import type { World } from './world.js';

/** The incident an act means: a merged one stands for the one it goes on as. */
function meant(
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
  episode.repair = {
    source: act.ticketId === undefined ? 'operator' : 'ticket',
    atMs,
    lowMs: null,
    highMs: null,
    asOfMs: Date.parse(act.at),
    basedOn: 0,
    traits: {},
  };
  episode.reviewAtMs = atMs;
  note(episode, nowMs, 'act', `${act.actor} expects repair at ${clock(atMs)}: ${act.why}`);
}

/**
 * Carries out what an operator did to an incident; acts that other stages answer to are left alone.
 * @returns the incident that changed, if any
 */
export function applyAct(
  world: World,
  episodes: ReadonlyMap<string, Episode>,
  act: OperatorAct,
  nowMs: number,
): Episode | undefined {
  const episode = meant(episodes, act.incidentId);
  if (episode === undefined) return undefined;
  if (act.action === 'acknowledge') {
    episode.acknowledgedBy = act.actor;
    note(episode, nowMs, 'act', `${act.actor} acknowledged: ${act.why}`);
  } else if (act.action === 'notAnIncident') {
    dismiss(world, episode, act, nowMs);
  } else if (act.action === 'setRepair') {
    setRepair(episode, act, nowMs);
  } else {
    return undefined;
  }
  return episode;
}
