import type { ScoredReplay } from './replay-document.js';

const DEFAULT_PERIOD_MS = 900_000;
const LEAST_PERIOD_MS = 1000;

function gcd(a: number, b: number): number {
  let [x, y] = [a, b];
  while (y !== 0) [x, y] = [y, x % y];
  return x;
}

/**
 * The reporting period of a replay, which its document does not state: anomalies begin, are found
 * and end on the boundaries of periods, so it is the greatest common divisor of the distances
 * between those times, at least a second. 15 minutes when there are fewer than two such times.
 * Feeds of several periods give their common divisor.
 */
export function periodOf(replay: ScoredReplay): number {
  let base = Number.NaN;
  let period = 0;
  for (const { startedAt, detectedAt, endedAt } of replay.anomalies) {
    for (const time of [startedAt, detectedAt, endedAt]) {
      const atMs = time === null ? Number.NaN : Date.parse(time);
      if (Number.isNaN(atMs)) continue;
      if (Number.isNaN(base)) base = atMs;
      period = gcd(period, Math.abs(atMs - base));
    }
  }
  return period >= LEAST_PERIOD_MS ? period : DEFAULT_PERIOD_MS;
}
