import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StreamDetector } from '../../../src/detect/series/stream-detector.js';
import { cleanHourly, HOUR_MS, normal, type SeriesRow, START_MS } from './synthetic-series.js';

function scores(rows: readonly SeriesRow[]): number[] {
  const detector = new StreamDetector();
  return rows.map(({ timeMs, value }) => detector.score(timeMs, value));
}

/** Rows whose values are changed from a row on, by their place after it. */
function planted(at: number, change: (value: number, after: number) => number): SeriesRow[] {
  return cleanHourly(24 * 42).map((row, i) =>
    i < at ? row : { ...row, value: change(row.value, i - at) },
  );
}

const AT = 24 * 30 + 11;
const worst = (found: readonly number[]): number => found.reduce((a, b) => Math.max(a, b), 0);

const someRows = fc.array(
  fc.record({
    gap: fc.constantFrom(0, 1, 1, 1, 1, 2, 50, -3),
    value: fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer({ max: 5 })),
  }),
  { minLength: 1, maxLength: 300 },
);

function laidOut(gaps: readonly { gap: number; value: number }[]): SeriesRow[] {
  let timeMs = START_MS;
  return gaps.map(({ gap, value }) => {
    timeMs += gap * HOUR_MS;
    return { timeMs, value };
  });
}

describe('StreamDetector, whatever comes', () => {
  it('scores within [0, 1], by the rows before only', () => {
    fc.assert(
      fc.property(someRows, fc.nat(300), (gaps, cut) => {
        const rows = laidOut(gaps);
        const whole = scores(rows);
        expect(whole.every((score) => score >= 0 && score <= 1)).toBe(true);
        expect(scores(rows.slice(0, cut))).toEqual(whole.slice(0, cut));
      }),
      { seed: 5, numRuns: 40 },
    );
  });

  it('scores the same when a seasonal file is cut anywhere', () => {
    const rows = cleanHourly(24 * 28, 9);
    const whole = scores(rows);
    for (const cut of [40, 100, 333, 671]) {
      expect(scores(rows.slice(0, cut))).toEqual(whole.slice(0, cut));
    }
  });

  it('scores the same in other units', () => {
    const rows = planted(AT, (value, after) => (after < 3 ? value * 2 : value));
    const plain = scores(rows);
    const moved = scores(rows.map(({ timeMs, value }) => ({ timeMs, value: -50 * value + 700 })));
    moved.forEach((score, i) => {
      expect(score).toBeCloseTo(plain[i] ?? Number.NaN, 5);
    });
  });

  it('gives 0 in warm-up and all through a constant series', () => {
    const rows = Array.from({ length: 400 }, (_, i) => ({
      timeMs: START_MS + i * HOUR_MS,
      value: 3,
    }));
    expect(worst(scores(rows))).toBe(0);
    expect(worst(scores(planted(5, (value) => value * 9)).slice(0, 32))).toBe(0);
  });

  it('sees the first change of a constant series', () => {
    const rows = Array.from({ length: 200 }, (_, i) => ({
      timeMs: START_MS + i * HOUR_MS,
      value: i === 150 ? 4 : 3,
    }));
    const found = scores(rows);
    expect(found[150]).toBeGreaterThan(0.9);
    expect(worst(found.slice(0, 150))).toBe(0);
  });

  it('takes rows that repeat a time or go back, and time that runs backwards', () => {
    const rows = planted(AT, (value, after) => (after === 0 ? value * 2 : value));
    const twice = rows.flatMap((row) => [row, row]);
    expect(scores(twice)[2 * AT]).toBeGreaterThan(0.75);
    const backwards = rows.map(({ value }, i) => ({ value, timeMs: START_MS - i * HOUR_MS }));
    expect(scores(backwards)[AT]).toBeGreaterThan(0.75);
  });

  it('is not put off by one time far in the future', () => {
    const rows = planted(AT, (value, after) => (after === 0 ? value * 2 : value));
    const odd = rows.map((row, i) => (i === 300 ? { ...row, timeMs: row.timeMs * 2 } : row));
    expect(scores(odd)[AT]).toBeGreaterThan(0.75);
  });

  it('takes the greatest doubles', () => {
    const rows = Array.from({ length: 200 }, (_, i) => ({
      timeMs: START_MS + i * 1000,
      value: i % 3 === 0 ? -Number.MAX_VALUE : Number.MAX_VALUE,
    }));
    expect(scores(rows).every((score) => score >= 0 && score < 1)).toBe(true);
  });
});

describe('StreamDetector on a seasonal series', () => {
  it('stays moderate where nothing is wrong, also with gaps', () => {
    for (let seed = 1; seed <= 6; seed++) {
      const rows = cleanHourly(24 * 60, seed);
      expect(worst(scores(rows).slice(24 * 10))).toBeLessThan(0.8);
      const gappy = rows.filter((_, i) => i % 11 !== 3 && !(i > 700 && i < 760));
      expect(worst(scores(gappy).slice(24 * 10))).toBeLessThan(0.8);
    }
  });

  it('stays moderate in noise without a season', () => {
    const noise = normal(8);
    const rows = Array.from({ length: 3000 }, (_, i) => ({
      timeMs: START_MS + i * 60_000,
      value: noise(),
    }));
    expect(worst(scores(rows))).toBeLessThan(0.75);
  });

  it('finds a spike that the whole range of the day would hide', () => {
    const found = scores(planted(AT, (value, after) => (after === 0 ? value + 60 : value)));
    expect(found[AT]).toBeGreaterThan(0.8);
    expect(worst(found.slice(AT + 2))).toBeLessThan(0.8);
  });

  it('finds a new level, then accepts it', () => {
    const found = scores(planted(AT, (value) => value + 50));
    expect(found[AT]).toBeGreaterThan(0.75);
    expect(worst(found.slice(-72))).toBeLessThan(0.75);
  });

  it('adds up a shallow deviation over rows', () => {
    const found = scores(planted(AT, (value, after) => (after < 10 ? value - 7.5 : value)));
    expect(worst(found.slice(AT, AT + 10))).toBeGreaterThan(worst(found.slice(500, AT)));
    expect(worst(found.slice(AT, AT + 10))).toBeGreaterThan(found[AT] ?? 1);
  });

  it('finds silence: traffic that falls to 0', () => {
    const found = scores(planted(AT, (value, after) => (after < 5 ? 0 : value)));
    expect(found[AT]).toBeGreaterThan(0.85);
  });

  it('finds a value that has stuck inside its usual range', () => {
    const stuck = cleanHourly(24 * 30).at(-1)?.value ?? 0;
    const noise = normal(4);
    const rows = Array.from({ length: 1000 }, (_, i) => ({
      timeMs: START_MS + i * HOUR_MS,
      value: i >= 700 && i < 730 ? stuck : stuck + 5 * noise(),
    }));
    expect(worst(scores(rows).slice(704, 730))).toBeGreaterThan(0.75);
  });
});
