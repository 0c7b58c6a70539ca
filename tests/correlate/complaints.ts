import type { CountInterval } from '../../src/domain/count-interval.js';

export const INTERVAL = 1800;
export const DAY = 86_400_000;
/** A Monday; the first day on which anything happens is three weeks later. */
export const FROM = Date.UTC(2026, 0, 5);
export const DAY_ONE = FROM + 21 * DAY;
export const NOON = DAY_ONE + 12 * 3_600_000;

/** More than usual in some areas from one moment to another. */
export interface Extra {
  readonly areas: readonly string[];
  readonly fromMs: number;
  readonly toMs: number;
  readonly count: number;
}

/** Small whole numbers that vary as if by chance, the same every time. */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

function poisson(mean: number, next: () => number): number {
  let count = 0;
  for (let p = next(); p > Math.exp(-mean); p *= next()) count++;
  return count;
}

/** Half-hourly complaints of every area, more by day than by night. */
export function complaints(areas: readonly string[], extras: readonly Extra[], toMs: number) {
  const next = chance(7);
  const counts: CountInterval[] = [];
  for (let startMs = FROM; startMs < toMs; startMs += INTERVAL * 1000) {
    const hour = (startMs / 3_600_000) % 24;
    const mean = hour < 7 ? 0.2 : 2;
    for (const area of areas) {
      const more = extras.filter(
        (each) => each.areas.includes(area) && startMs >= each.fromMs && startMs < each.toMs,
      );
      const count = poisson(mean, next) + more.reduce((sum, each) => sum + each.count, 0);
      const start = new Date(startMs).toISOString();
      counts.push({ name: 'complaints', area, start, intervalSeconds: INTERVAL, count });
    }
  }
  return counts;
}
