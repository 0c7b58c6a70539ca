import type { PastRepair } from './past-repair.js';

/**
 * Past incidents as plain JSON that is a third as long as the incidents themselves: a checkpoint is
 * written every few seconds.
 */
export interface PackedPast {
  /** every set of traits that occurs, once */
  readonly traits: readonly PastRepair['traits'][];
  /**
   * `WIDTH` numbers for each incident: index of its traits, start after that of the one before,
   * known after start, offset, ended after start, and how much later at most; -1: not yet.
   */
  readonly rows: readonly number[];
}

const WIDTH = 6;

/** Packs incidents in their order; none is an empty pack. */
export function packPast(past: readonly PastRepair[]): PackedPast {
  const traits: PastRepair['traits'][] = [];
  const indexOf = new Map<string, number>();
  const rows: number[] = [];
  let beforeMs = 0;
  for (const each of past) {
    const key = JSON.stringify(each.traits);
    let index = indexOf.get(key);
    if (index === undefined) {
      index = traits.push(each.traits) - 1;
      indexOf.set(key, index);
    }
    const { startedAtMs, knownAtMs, offsetMs, endedAfterMs, endedByMs } = each;
    const withinMs = endedByMs === null ? -1 : endedByMs - endedAfterMs;
    rows.push(index, startedAtMs - beforeMs, knownAtMs - startedAtMs, offsetMs);
    rows.push(endedAfterMs - startedAtMs, withinMs);
    beforeMs = startedAtMs;
  }
  return { traits, rows };
}

/** The incidents of a pack. */
export function unpackPast({ traits, rows }: PackedPast): PastRepair[] {
  const past: PastRepair[] = [];
  let startedAtMs = 0;
  for (let at = 0; at < rows.length; at += WIDTH) {
    const [index = 0, later = 0, known = 0, offsetMs = 0, after = 0, within = -1] = rows.slice(
      at,
      at + WIDTH,
    );
    startedAtMs += later;
    const endedAfterMs = startedAtMs + after;
    past.push({
      startedAtMs,
      knownAtMs: startedAtMs + known,
      offsetMs,
      traits: traits[index] ?? {},
      endedAfterMs,
      endedByMs: within < 0 ? null : endedAfterMs + within,
    });
  }
  return past;
}
