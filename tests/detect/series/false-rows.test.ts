import { describe, expect, it } from 'vitest';
import { StreamDetector } from '../../../src/detect/series/stream-detector.js';
import { normal, START_MS, uniform } from './synthetic-series.js';

const STEP_MS = 300_000;
/** Score of a chance of 1 in 1,000, and of one row of 5 minutes in 30 days. */
const ONE_IN_1000 = 0.499;
const ONE_IN_8640 = 1 - (1 / 8640) ** 0.1;
const ROWS = 6000;
const JUDGED = 2000;

function scores(values: readonly number[]): number[] {
  const detector = new StreamDetector();
  return values.map((value, i) => detector.score(START_MS + i * STEP_MS, value));
}

const day = (i: number): number => Math.sin((2 * Math.PI * i) / 288);
const beyond = (found: readonly number[], score: number): number =>
  found.slice(JUDGED).filter((each) => each > score).length;

/** Values by row, for a seed. */
const KINDS: Readonly<Record<string, (seed: number) => (row: number) => number>> = {
  noise: (seed) => normal(seed),
  'daily curve': (seed) => {
    const noise = normal(seed);
    return (row) => 100 + 40 * day(row) + 3 * noise();
  },
  'wandering level': (seed) => {
    const noise = normal(seed);
    let level = 0;
    return () => {
      level += noise();
      return level;
    };
  },
  'heavy tails': (seed) => {
    const next = uniform(seed);
    return () => Math.log(1 - next()) * (next() < 0.5 ? 1 : -1);
  },
};

const series = (kind: string, seed: number): number[] => {
  const at = KINDS[kind]?.(seed);
  return Array.from({ length: ROWS }, (_, row) => at?.(row) ?? 0);
};

describe('StreamDetector at its nominal rate', () => {
  it.each(Object.keys(KINDS))('calls one healthy row in 1,000 so about as often: %s', (kind) => {
    const all = [1, 2, 3].map((seed) => scores(series(kind, seed)));
    const called = all.reduce((sum, found) => sum + beyond(found, ONE_IN_1000), 0);
    expect(called).toBeGreaterThanOrEqual(3);
    expect(called).toBeLessThanOrEqual(30);
    expect(all.reduce((sum, found) => sum + beyond(found, ONE_IN_8640), 0)).toBeLessThanOrEqual(6);
  });

  it('does not go on finding single counts where most rows are 0', () => {
    const next = uniform(12);
    const found = scores(Array.from({ length: ROWS }, () => (next() < 0.05 ? 1 : 0)));
    expect(beyond(found, ONE_IN_8640)).toBe(0);
  });

  it('takes lasting unrest for what the series is now', () => {
    const unrest = normal(14);
    const found = scores(series('noise', 13).map((v, row) => (row < 3000 ? v : 8 * unrest())));
    expect(Math.max(...found.slice(3000, 3050))).toBeGreaterThan(ONE_IN_8640);
    expect(found.slice(4000).filter((score) => score > ONE_IN_8640).length).toBeLessThanOrEqual(3);
  });

  it('does not let anomalies of the past hide the next one', () => {
    const values = series('noise', 21).map((value, row) =>
      row > 500 && row % 900 < 30 ? value + 9 : value,
    );
    const found = scores([...values, 7]);
    expect(found.at(-1)).toBeGreaterThan(ONE_IN_8640);
  });
});
