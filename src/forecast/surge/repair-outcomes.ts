import type { IncidentLoad, RepairOutlook } from './incident-load.js';

/** A moment at which service may be back, and how probable that is. */
export interface RepairOutcome {
  /** epoch ms; infinite: not within any forecast */
  readonly atMs: number;
  readonly weight: number;
}

const NOT_YET: readonly RepairOutcome[] = [{ atMs: Number.POSITIVE_INFINITY, weight: 1 }];
/** Moments that stand for one estimate. */
const MOMENTS = 5;
const LEAST_MS = 60_000;
/** The band's upper end is so many means of an exponential tail above the estimate. */
const TAIL = Math.log(5);

/**
 * A few moments that stand for when an incident ends; weights add up to 1. The end once it is over.
 * Otherwise middles of equal parts of the estimate's distribution, given that it has not ended yet:
 * evenly spread below the estimate and exponential above it, so that 80 % lie in its band and an end
 * that is overdue may come at any moment. About a time that was given without a band, some are early
 * and more are late. When that has passed, or none was ever given, it lasts.
 */
export function repairOutcomes(load: IncidentLoad, nowMs: number): readonly RepairOutcome[] {
  if (load.endedAtMs !== null) return [{ atMs: load.endedAtMs, weight: 1 }];
  if (load.repair === null) return NOT_YET;
  const { atMs, lowMs, highMs } = load.repair;
  if (highMs === null && atMs <= nowMs) return NOT_YET;
  const left = Math.max(0, atMs - nowMs);
  const low = Math.min(lowMs ?? atMs - 0.2 * left, atMs - LEAST_MS);
  const high = Math.max(highMs ?? atMs + 0.3 * left, atMs + LEAST_MS);
  return momentsAfter({ atMs, lowMs: low, highMs: high }, nowMs);
}

function momentsAfter(
  { atMs, lowMs, highMs }: { [Key in keyof RepairOutlook]: number },
  nowMs: number,
): RepairOutcome[] {
  const [early, late] = [(atMs - lowMs) / 0.4, (highMs - atMs) / TAIL];
  const gone =
    nowMs < atMs
      ? Math.max(0, 0.5 - (atMs - nowMs) / early)
      : 1 - 0.5 * Math.exp((atMs - nowMs) / late);
  return Array.from({ length: MOMENTS }, (_, k) => {
    const left = (1 - gone) * (1 - (k + 0.5) / MOMENTS);
    const moment = left > 0.5 ? atMs - (left - 0.5) * early : atMs - late * Math.log(2 * left);
    return { atMs: Math.max(nowMs, moment), weight: 1 / MOMENTS };
  });
}
