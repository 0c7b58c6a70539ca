import { describe, expect, it } from 'vitest';
import { packPast, unpackPast } from '../../../src/correlate/repair/pack-past.js';
import { HOUR, simulatePast } from './simulated-past.js';

describe('packed past incidents', () => {
  const { past } = simulatePast({
    seed: 3,
    count: 200,
    medianHours: { site: 2, power: 5 },
    watchedMs: (random) => random.next() * 9 * HOUR,
    snapshotMs: HOUR,
  });

  it('come back as they were, open ones too, through JSON', () => {
    expect(past.some(({ endedByMs }) => endedByMs === null)).toBe(true);
    expect(unpackPast(JSON.parse(JSON.stringify(packPast(past))))).toEqual(past);
    expect(unpackPast(packPast([]))).toEqual([]);
  });

  it('are less than half as long', () => {
    const length = (value: unknown): number => JSON.stringify(value).length;
    expect(length(packPast(past))).toBeLessThan(length(past) / 2);
  });
});
