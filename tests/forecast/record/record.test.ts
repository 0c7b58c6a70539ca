import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { IntervalForecast } from '../../../src/domain/interval-forecast.js';
import { packForecast, unpackForecast } from '../../../src/forecast/record/pack.js';
import { isInIncident, scoreInterval } from '../../../src/forecast/record/score.js';
import { ahead, T0 } from '../desk/surge-world.js';

const LEVELS = [0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975];

const forecasts = fc
  .array(
    fc.record({
      ordinary: fc.double({ min: 0, max: 1e6, noNaN: true }),
      surge: fc.double({ min: 0, max: 1e6, noNaN: true }),
      steps: fc.array(fc.double({ min: 0, max: 1e5, noNaN: true }), {
        minLength: LEVELS.length,
        maxLength: LEVELS.length,
      }),
    }),
    { minLength: 1, maxLength: 40 },
  )
  .map((list): IntervalForecast[] => {
    const [plain] = ahead('q', T0, []);
    return list.map(({ ordinary, surge, steps }, n) => {
      let sum = 0;
      const quantiles = Object.fromEntries(
        LEVELS.map((level, k) => {
          sum += steps[k] ?? 0;
          return [String(level), sum];
        }),
      );
      const start = new Date(T0 + n * 900_000).toISOString();
      return { ...(plain as IntervalForecast), start, ordinary, surge, quantiles };
    });
  });

describe('packForecast', () => {
  it('gives back what was packed to a twentieth of a call, quantiles in order', () => {
    fc.assert(
      fc.property(forecasts, (intervals) => {
        const kept = unpackForecast(packForecast(intervals));
        expect(kept.levels).toEqual(LEVELS);
        expect(kept.intervals.map(({ startMs }) => startMs)).toEqual(
          intervals.map(({ start }) => Date.parse(start)),
        );
        for (const [n, each] of kept.intervals.entries()) {
          const given = intervals[n] as IntervalForecast;
          expect(Math.abs(each.ordinary - given.ordinary)).toBeLessThan(0.026);
          expect(Math.abs(each.extra - given.surge)).toBeLessThan(0.026);
          for (const [k, value] of each.quantiles.entries()) {
            const wanted = given.quantiles[String(LEVELS[k])] ?? 0;
            expect(Math.abs(value - wanted)).toBeLessThan(0.026);
            expect(value).toBeGreaterThanOrEqual(each.quantiles[k - 1] ?? 0);
          }
        }
      }),
    );
  });

  it('refuses bytes it has not made', () => {
    expect(() => unpackForecast(Uint8Array.of(9))).toThrow('forecast packed as -5');
    expect(() => unpackForecast(packForecast(ahead('q', T0, [3])).subarray(0, 12))).toThrow(
      'ends too early',
    );
  });
});

describe('scoreInterval', () => {
  const forecast = {
    levels: [0.025, 0.1, 0.5, 0.9, 0.975],
    intervals: [
      {
        startMs: T0,
        intervalSeconds: 900,
        ordinary: 40,
        extra: 0,
        quantiles: [20, 30, 40, 50, 60],
      },
    ],
  };

  it.each([
    [40, true, true, (0.1 * 10 + 0 + 0.1 * 10) / 3],
    [50, true, true, (0.1 * 20 + 0.5 * 10 + 0) / 3],
    [55, false, true, (0.1 * 25 + 0.5 * 15 + 0.9 * 5) / 3],
    [10, false, false, (0.9 * 20 + 0.5 * 30 + 0.1 * 40) / 3],
  ])('of %i calls', (actual, isWithin80, isWithin95, pinball) => {
    expect(scoreInterval(forecast, T0, actual)).toEqual({
      median: 40,
      isWithin80,
      isWithin95,
      pinball: expect.closeTo(pinball, 9),
    });
  });

  it('knows nothing of an interval that was not forecast', () => {
    expect(scoreInterval(forecast, T0 + 900_000, 1)).toBeUndefined();
  });

  it.each([
    [40, 1.9, false],
    [40, 2, true],
    [2, 0.9, false],
    [0, 1, true],
  ])('ordinary %d and %d of incidents: in an incident %s', (ordinary, extra, expected) => {
    const interval = { startMs: T0, intervalSeconds: 900, ordinary, extra, quantiles: [] };
    expect(isInIncident(interval)).toBe(expected);
  });
});
