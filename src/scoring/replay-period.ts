import type { ScoredReplay } from './replay-document.js';

/** The usual granularity period of performance counters. */
const USUAL_PERIOD_MS = 900_000;
const LEAST_PERIOD_MS = 1000;
/** By chance alone, six times of quarter hours all lie an hour apart once in a thousand (4⁻⁵). */
const ENOUGH_TIMES = 6;

function gcd(a: number, b: number): number {
  let [x, y] = [a, b];
  while (y !== 0) [x, y] = [y, x % y];
  return x;
}

/**
 * The reporting period of a replay, which its document does not state. Anomalies begin, are found
 * and end on the boundaries of periods, so the distances between those times are multiples of it and
 * their greatest common divisor is one too. Many different times leave no other multiple likely: the
 * divisor is the period. A few may lie on the hour by chance: of fewer than six, the divisor counts
 * only as far as it also divides 15 minutes, the usual period, so that the truth is not widened by
 * too much. 15 minutes when there are fewer than two times; never less than a second. Feeds of
 * several periods give their common divisor.
 */
export function periodOf(replay: ScoredReplay): number {
  const times = new Set<number>();
  for (const { startedAt, detectedAt, endedAt } of replay.anomalies) {
    for (const time of [startedAt, detectedAt, endedAt]) {
      if (time !== null) times.add(Date.parse(time));
    }
  }
  const [first = 0] = times;
  let divisor = times.size < ENOUGH_TIMES ? USUAL_PERIOD_MS : 0;
  for (const atMs of times) divisor = gcd(divisor, Math.abs(atMs - first));
  return divisor >= LEAST_PERIOD_MS ? divisor : USUAL_PERIOD_MS;
}
