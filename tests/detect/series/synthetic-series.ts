/** A row as the detector takes it. */
export interface SeriesRow {
  timeMs: number;
  value: number;
}

export const START_MS = Date.UTC(2026, 2, 2);
export const HOUR_MS = 3_600_000;

/** Seeded uniform numbers in [0, 1) (mulberry32). */
export function uniform(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Seeded standard normal numbers (Box & Muller 1958). */
export function normal(seed: number): () => number {
  const next = uniform(seed);
  return () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
}

/** A clean hourly series: daily curve of amplitude 40 about 100, noise of standard deviation 3. */
export function cleanHourly(hours: number, seed = 1): SeriesRow[] {
  const noise = normal(seed);
  return Array.from({ length: hours }, (_, i) => ({
    timeMs: START_MS + i * HOUR_MS,
    value: 100 + 40 * Math.sin((2 * Math.PI * i) / 24) + 3 * noise(),
  }));
}
