import { describe, expect, it } from 'vitest';
import { findSeasons } from '../../../src/detect/series/season-finder.js';
import { cleanHourly, HOUR_MS, normal } from './synthetic-series.js';

const values = (n: number, at: (i: number) => number): Float64Array =>
  Float64Array.from({ length: n }, (_, i) => at(i));

describe('findSeasons', () => {
  it('finds the day in a week of hourly values', () => {
    const series = Float64Array.from(cleanHourly(168), ({ value }) => value);
    expect(findSeasons(series, HOUR_MS)).toEqual([24 * HOUR_MS]);
  });

  it('finds the day under noise of 5-minute values', () => {
    const noise = normal(2);
    const series = values(5000, (i) => 5 * Math.sin((2 * Math.PI * i) / 288) + 2 * noise());
    expect(findSeasons(series, 300_000)).toEqual([24 * HOUR_MS]);
  });

  it('finds the week beside the day', () => {
    const noise = normal(3);
    const series = values(24 * 42, (i) => {
      const isWeekend = Math.floor(i / 24) % 7 > 4;
      return (isWeekend ? 20 : 40) * Math.sin((2 * Math.PI * i) / 24) + noise();
    });
    expect(findSeasons(series, HOUR_MS)).toEqual([24 * HOUR_MS, 168 * HOUR_MS]);
  });

  it('finds a season that no calendar has', () => {
    const noise = normal(4);
    const series = values(1500, (i) => (i % 37 < 5 ? 10 : 0) + noise());
    const [found = 0] = findSeasons(series, 1000);
    expect(found % 37_000).toBe(0);
  });

  it('finds none in noise, in a random walk or in a constant', () => {
    for (let seed = 0; seed < 8; seed++) {
      const noise = normal(seed);
      let level = 0;
      const walk = values(2000, () => {
        level += noise();
        return level;
      });
      expect(findSeasons(values(2000, noise), 60_000)).toEqual([]);
      expect(findSeasons(walk, 60_000)).toEqual([]);
    }
    expect(
      findSeasons(
        values(500, () => 7),
        60_000,
      ),
    ).toEqual([]);
  });

  it('is not misled by a few huge values', () => {
    const series = Float64Array.from(cleanHourly(24 * 14), ({ value }) => value);
    for (const i of [30, 117, 200]) series[i] = 1e9;
    expect(findSeasons(series, HOUR_MS)).toEqual([24 * HOUR_MS]);
  });
});
