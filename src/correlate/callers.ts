import { cellWords } from './describe.js';
import { causeOf, type Episode, note } from './episode.js';
import type { StillDownAnswer } from './still-down.js';
import type { World } from './world.js';

/** Answers from people at cells of the incident under its cause. */
function answersAbout(world: World, episode: Episode, nowMs: number): StillDownAnswer[] {
  const cause = causeOf(episode);
  const isOfIncident = (id: string): boolean => {
    const cell = world.space.lookUp({ type: 'cell', id });
    if (cell < 0 || !episode.cells.has(cell)) return false;
    return cause < 0 || world.space.isUnder(cell, cause);
  };
  return world.stillDown.about(episode.id, isOfIncident, nowMs);
}

/** Until when callers say, often enough, that an incident is not over; epoch ms, or -Infinity. */
export function heldByCallers(world: World, episode: Episode, nowMs: number): number {
  return world.stillDown.holdsUntil(answersAbout(world, episode, nowMs));
}

/**
 * Keeps an incident that seems over from being resolved, or takes it up again, on callers' word: over
 * the cells they are at, and as recovering, so that records are flagged and nobody new is texted.
 * @returns whether it is held
 */
export function holdForCallers(world: World, episode: Episode, nowMs: number): boolean {
  if (episode.state !== 'recovering' && episode.state !== 'resolved') return false;
  const answers = answersAbout(world, episode, nowMs);
  if (world.stillDown.holdsUntil(answers) <= nowMs) return false;
  if (episode.state === 'resolved') takeUp(world, episode, answers, nowMs);
  episode.quietSeenMs = nowMs;
  return true;
}

function takeUp(
  world: World,
  episode: Episode,
  answers: readonly StillDownAnswer[],
  nowMs: number,
): void {
  const named = new Set(
    answers.flatMap(({ cells }) => cells.map((id) => world.space.lookUp({ type: 'cell', id }))),
  );
  let kept = 0;
  for (const [cell, spell] of episode.cells) {
    spell.isGone = !named.has(cell);
    if (!spell.isGone) kept++;
  }
  const people = new Set(answers.map(({ subscriberId }) => subscriberId)).size;
  episode.state = 'recovering';
  episode.endedAtMs = null;
  episode.resolvedAtMs = null;
  note(
    episode,
    nowMs,
    'reopened',
    `${people} callers say that it is still down, at ${cellWords(kept)}`,
  );
}
