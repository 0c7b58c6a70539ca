import type { NotificationPolicy } from './policy.js';

/** A repair time and how sure it is. */
export interface StatedRepair {
  /** epoch ms */
  readonly estimatedRepairAtMs: number | null;
  /** how far apart its earliest and latest are, ms; 0 where one time was given */
  readonly repairBandMs: number;
}

/** Whether a repair time with a band that wide is said to anyone; see `estimate.maxBandMinutes`. */
export function isBandSaid(repairBandMs: number, { estimate }: NotificationPolicy): boolean {
  return repairBandMs <= estimate.maxBandMinutes * 60_000;
}

/**
 * The repair time that a text may state, rounded up to what it is good for.
 * @returns epoch ms, or null when the estimate cannot bear being said
 */
export function estimateToSay(
  { estimatedRepairAtMs: atMs, repairBandMs }: StatedRepair,
  policy: NotificationPolicy,
  nowMs: number,
): number | null {
  const { isSaid, minAheadMinutes, maxAheadMinutes, roundMinutes } = policy.estimate;
  if (!isSaid || atMs === null || !isBandSaid(repairBandMs, policy)) return null;
  const aheadMinutes = (atMs - nowMs) / 60_000;
  if (aheadMinutes < minAheadMinutes || aheadMinutes > maxAheadMinutes) return null;
  const stepMs = roundMinutes * 60_000;
  return Math.ceil(atMs / stepMs) * stepMs;
}
