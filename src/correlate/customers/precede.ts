import type { StoredCounts } from './area-counts.js';
import type { StoredShape } from './count-shape.js';
import type { StoredDispersion } from './dispersion.js';

/** What of a series fades with each interval, and with each week. */
export interface Fading {
  /** of what an area had */
  readonly area: number;
  /** of how much all vary together */
  readonly common: number;
  /** of a course of the week */
  readonly week: number;
}

/**
 * A series as it would stand had its past been counted before what it has learnt: everything it knows is
 * a sum that fades, so that the past is added, faded by what came after. How much single areas vary
 * fades within days and is that of the past only while nothing newer is known.
 * @param past of intervals before the first one of `live`, of the same name and length
 */
export function precede(past: StoredCounts, live: StoredCounts, keep: Fading): StoredCounts {
  const intervals = Math.round((live.lastMs - live.firstMs) / (live.intervalSeconds * 1000)) + 1;
  const faded = keep.area ** intervals;
  const areas = new Map(past.areas);
  for (const [id, now] of live.areas) {
    const before = areas.get(id);
    const sum = (a: readonly number[], b: readonly number[] = []): number[] =>
      a.map((value, at) => value + faded * (b[at] ?? 0));
    areas.set(id, {
      ...now,
      seen: now.seen + faded * (before?.seen ?? 0),
      exposed: now.exposed + faded * (before?.exposed ?? 0),
      partSeen: sum(now.partSeen, before?.partSeen),
      partExpected: sum(now.partExpected, before?.partExpected),
    });
  }
  return {
    ...live,
    firstMs: past.firstMs,
    shape: shapeOf(past.shape, live.shape, keep.week),
    common: dispersionOf(past.common, live.common, keep.common ** intervals),
    own: live.own.squares > 0 ? live.own : past.own,
    areas: [...areas],
  };
}

/** A weight of n weeks is 1 + keep + … + keep^(n−1), so that what fades by keep^n is known of it. */
function shapeOf(past: StoredShape, live: StoredShape, keep: number): StoredShape {
  const faded = live.weights.map((weight) => Math.max(0, 1 - (1 - keep) * weight));
  const added = (a: readonly number[], b: readonly number[]): number[] =>
    a.map((value, at) => value + (faded[at] ?? 0) * (b[at] ?? 0));
  return { sums: added(live.sums, past.sums), weights: added(live.weights, past.weights) };
}

function dispersionOf(past: StoredDispersion, live: StoredDispersion, faded: number) {
  return {
    excess: live.excess + faded * past.excess,
    squares: live.squares + faded * past.squares,
  };
}
