import { describe, expect, it } from 'vitest';
import { Calibration } from '../../../src/detect/series/calibration.js';
import { uniform } from './synthetic-series.js';

/** Surprises of rows where nothing is wrong, exponential, made smaller by a factor. */
function healthy(rows: number, factor = 1, seed = 3): number[] {
  const next = uniform(seed);
  return Array.from({ length: rows }, () => -Math.log(1 - next()) * factor);
}

function calibrated(past: readonly number[]): Calibration {
  const calibration = new Calibration();
  for (const nats of past) calibration.add(nats);
  return calibration;
}

describe('Calibration', () => {
  it('leaves surprises as they are before it knows better, and where they are right', () => {
    expect(new Calibration().of(9)).toBeCloseTo(9, 1);
    const right = calibrated(healthy(20_000));
    for (const nats of [0.5, 2, 5, 9]) expect(Math.abs(right.of(nats) - nats)).toBeLessThan(0.7);
  });

  it('sets right surprises that are too small or too great', () => {
    const small = calibrated(healthy(20_000, 0.6));
    expect(Math.abs(small.of(0.6 * 9) - 9)).toBeLessThan(1);
    const great = calibrated(healthy(20_000, 1.4));
    expect(Math.abs(great.of(1.4 * 9) - 9)).toBeLessThan(1);
  });

  it('hardly changes for anomalies that nobody has marked', () => {
    const rows = healthy(20_000);
    const before = calibrated(rows).of(9);
    const after = calibrated(rows.map((nats, i) => (i % 1250 === 7 ? 60 : nats))).of(9);
    expect(after).toBeGreaterThan(before - 1);
  });

  it('takes what comes back every 200 rows for a habit, and beyond it nothing', () => {
    const habit = calibrated(healthy(20_000).map((nats, i) => (i % 200 === 7 ? 30 : nats)));
    expect(habit.of(29)).toBeLessThan(6);
    expect(habit.of(90)).toBeGreaterThan(12);
  });

  it('rises with what it is given', () => {
    const some = calibrated(healthy(3000).map((nats, i) => (i % 300 === 7 ? 12 : nats)));
    const all = Array.from({ length: 4000 }, (_, i) => some.of(i / 50));
    expect(all.every((nats, i) => nats >= (all[i - 1] ?? 0))).toBe(true);
  });
});
