import type { IncidentLoad } from './incident-load.js';

/** A moment at which service may be back, and how probable that is. */
export interface RepairOutcome {
  /** epoch ms; infinite: not within any forecast */
  readonly atMs: number;
  readonly weight: number;
}

const NOT_YET: readonly RepairOutcome[] = [{ atMs: Number.POSITIVE_INFINITY, weight: 1 }];

/**
 * A few moments that stand for when an incident ends; weights add up to 1. The end once it is over;
 * the band of an estimate in fifths; about a time that was given without one, some are early and
 * more are late. Moments that have passed without the end are left out, and when all have, or none
 * was ever given, it lasts.
 */
export function repairOutcomes(load: IncidentLoad, nowMs: number): readonly RepairOutcome[] {
  if (load.endedAtMs !== null) return [{ atMs: load.endedAtMs, weight: 1 }];
  if (load.repair === null) return NOT_YET;
  const { atMs, lowMs, highMs } = load.repair;
  const left = Math.max(0, atMs - nowMs);
  const [low, high] = [lowMs ?? atMs - 0.2 * left, highMs ?? atMs + 0.3 * left];
  const all = [low, (low + atMs) / 2, atMs, (atMs + high) / 2, high].filter((at) => at > nowMs);
  if (all.length === 0) return NOT_YET;
  return all.map((at) => ({ atMs: at, weight: 1 / all.length }));
}
