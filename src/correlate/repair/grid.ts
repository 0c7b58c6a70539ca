import type { RepairSubject } from './past-repair.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Clock blocks of two hours, on weekdays and at weekends apart. */
const BLOCK_MS = 2 * HOUR_MS;
const BLOCKS_A_DAY = DAY_MS / BLOCK_MS;

/** How many clock levels there are. */
export const CLOCK_LEVELS = 2 * BLOCKS_A_DAY;

/** A stretch of an incident's life within one age bin and one clock block. */
export interface Stretch {
  readonly bin: number;
  readonly clock: number;
  /** age in ms at which it ends */
  readonly untilMs: number;
}

/** Local clock block at a moment: crews go home at night and at weekends. */
function clockAt(localMs: number): number {
  const day = Math.floor(localMs / DAY_MS);
  // Day 0 of the epoch was a Thursday.
  const weekday = (((day + 3) % 7) + 7) % 7;
  const block = Math.floor((localMs - day * DAY_MS) / BLOCK_MS);
  return weekday >= 5 ? BLOCKS_A_DAY + block : block;
}

/** The bin an age falls in. @param edges rising ages in ms between bins */
function binAt(edges: readonly number[], ageMs: number): number {
  let low = 0;
  let high = edges.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((edges[middle] ?? 0) <= ageMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The stretch that begins at an age. */
export function stretchAt(
  edges: readonly number[],
  { startedAtMs, offsetMs }: RepairSubject,
  ageMs: number,
): Stretch {
  const bin = binAt(edges, ageMs);
  const localMs = startedAtMs + offsetMs + ageMs;
  const blockEndMs = (Math.floor(localMs / BLOCK_MS) + 1) * BLOCK_MS - localMs + ageMs;
  const untilMs = Math.min(edges[bin] ?? Number.POSITIVE_INFINITY, blockEndMs);
  return { bin, clock: clockAt(localMs), untilMs };
}
