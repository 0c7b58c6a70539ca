import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CHARACTERS,
  simulateQueue,
} from '../../../src/commands/bench/forecast/simulated-queues.js';
import type { DayMatrix } from '../../../src/forecast/day-matrix.js';
import { LEVELS } from '../../../src/forecast/ordinary/levels.js';
import { OrdinaryLearner } from '../../../src/forecast/ordinary/ordinary-learner.js';
import { type DayForecast, OrdinaryPattern } from '../../../src/forecast/ordinary/pattern.js';
import type { PatternFit } from '../../../src/forecast/ordinary/pattern-fit.js';

const MEDIAN = LEVELS.indexOf(0.5);
const HOUR = 3600;

function history(name: string, days: number, seed = 1, intervalSeconds = HOUR): DayMatrix {
  const character = CHARACTERS.find((each) => each.name === name);
  if (!character) throw new RangeError(`no character ${name}`);
  return simulateQueue({ ...character, days }, intervalSeconds, seed);
}

function fitOf(matrix: DayMatrix): PatternFit {
  return OrdinaryLearner.of(matrix).pattern();
}

/** Medians of the days a fit reaches, one after the other. */
function medians(fit: PatternFit, days = 7): number[] {
  const pattern = new OrdinaryPattern(fit);
  return fit.days.slice(0, days).flatMap(({ dayNumber }) => {
    const day = pattern.day(dayNumber);
    return [...(day?.median ?? [])];
  });
}

function expectSound(forecast: DayForecast): void {
  for (const i of forecast.median.keys()) {
    if (Number.isNaN(forecast.median[i] ?? 0)) continue;
    const column = forecast.quantiles.map((row) => row[i] ?? Number.NaN);
    expect(column).toHaveLength(LEVELS.length);
    for (const [k, value] of column.entries()) {
      expect(value).toBeGreaterThanOrEqual(column[k - 1] ?? 0);
      expect(value).toBeLessThan(1e12);
    }
    expect(column[MEDIAN]).toBe(forecast.median[i]);
    expect(forecast.expected[i]).toBeGreaterThanOrEqual(0);
  }
}

describe('OrdinaryLearner', () => {
  it('never crosses its own quantiles, goes below zero or says NaN where open', () => {
    const calls = fc.oneof(
      { weight: 1, arbitrary: fc.constant(Number.NaN) },
      { weight: 3, arbitrary: fc.double({ min: 0, max: 2000, noNaN: true }) },
      { weight: 1, arbitrary: fc.constantFrom(0, 0.3, 1e7) },
    );
    const day = fc.tuple(
      fc.integer({ min: 1, max: 5 }),
      fc.array(calls, { minLength: 4, maxLength: 4 }),
    );
    const today = fc.array(calls, { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(fc.array(day, { minLength: 1, maxLength: 40 }), today, (days, soFar) => {
        let dayNumber = 0;
        const dayNumbers = days.map(([step]) => {
          dayNumber += step;
          return dayNumber;
        });
        const rows = days.map(([, row]) => Float64Array.from(row));
        const fit = fitOf({ intervalSeconds: 21_600, dayNumbers, rows });
        const stored: PatternFit = JSON.parse(JSON.stringify(fit));
        const pattern = new OrdinaryPattern(stored);
        for (const each of stored.days) {
          const running = { dayNumber: each.dayNumber, calls: Float64Array.from(soFar) };
          for (const made of [
            pattern.dayIfOpen(each.dayNumber, running),
            pattern.day(each.dayNumber),
          ])
            if (made) expectSound(made);
        }
      }),
      { numRuns: 20 },
    );
  });

  it('says the same after it was stored as plain JSON', () => {
    const fit = fitOf(history('weekdaysOnly', 40));
    const stored: PatternFit = JSON.parse(JSON.stringify(fit));
    expect(stored).toEqual(fit);
    expect(medians(stored)).toEqual(medians(fit));
  });

  it('learns nothing from a spike of a thousand times', () => {
    const clean = history('roundTheClock', 60);
    const rows = clean.rows.map((row, d) =>
      row.map((value, i) => (d === 45 && i === 12 ? value * 1000 : value)),
    );
    const before = medians(fitOf(clean));
    const after = medians(fitOf({ ...clean, rows }));
    for (const [i, value] of after.entries()) {
      expect(Math.abs(value - (before[i] ?? 0))).toBeLessThan(0.2 * (before[i] ?? 0) + 3);
    }
  });

  it('follows a level that has doubled for good within a week', () => {
    const steady = history('roundTheClock', 63);
    const rows = steady.rows.map((row, d) => (d < 56 ? row : row.map((value) => value * 2)));
    const before = medians(fitOf({ ...steady, rows: steady.rows })).reduce((a, b) => a + b, 0);
    const after = medians(fitOf({ ...steady, rows })).reduce((a, b) => a + b, 0);
    expect(after / before).toBeGreaterThan(1.6);
    expect(after / before).toBeLessThan(2.3);
  });

  it('takes days that are never open for closed, and forecasts none there', () => {
    const fit = fitOf(history('weekdaysOnly', 60));
    const pattern = new OrdinaryPattern(fit);
    const open = fit.days.slice(0, 7).map(({ dayNumber }) => {
      const calls = [...(pattern.day(dayNumber)?.median ?? [])].filter(
        (each) => !Number.isNaN(each),
      );
      return calls.length;
    });
    expect([...open].sort((a, b) => a - b)).toEqual([0, 0, 11, 11, 11, 11, 11]);
  });

  it('forecasts no calls with no band where there were none', () => {
    const silent = history('roundTheClock', 30);
    const fit = fitOf({ ...silent, rows: silent.rows.map((row) => row.map(() => 0)) });
    const day = new OrdinaryPattern(fit).day(fit.days[0]?.dayNumber ?? 0);
    expect(Math.max(...(day?.quantiles[LEVELS.indexOf(0.9)] ?? [1]))).toBeLessThan(0.01);
  });

  it('knows nothing without a history, and little with a day of it', () => {
    const none = new OrdinaryLearner(HOUR).pattern();
    expect(none.days).toEqual([]);
    const one = history('roundTheClock', 1);
    const day = new OrdinaryPattern(fitOf(one)).day((one.dayNumbers[0] ?? 0) + 1);
    expect(day && [...day.median].every((value) => value >= 0)).toBe(true);
  });

  it('shows a drift when errors have become far greater than they were', () => {
    const steady = history('roundTheClock', 90);
    expect(fitOf(steady).record.hasDrifted).toBe(false);
    const rows = steady.rows.map((row, d) =>
      d < 80 ? row : row.map((_, i) => steady.rows[d]?.[(i + 8) % 24] ?? 0),
    );
    expect(fitOf({ ...steady, rows }).record.hasDrifted).toBe(true);
  });
});
