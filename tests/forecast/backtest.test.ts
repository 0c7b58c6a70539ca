import { describe, expect, it } from 'vitest';
import { backtest, poissonMeanDeviation } from '../../src/forecast/backtest.js';
import { dayMatrix, type LocalCount } from '../../src/forecast/day-matrix.js';
import { hasData } from '../services/shared-data.js';

const HOUR = 3600;
const DAY = 86_400;

/** Seeded noise in [0,1): Lehmer generator. */
function noise(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

function weeks(count: number, seed = 7): LocalCount[] {
  const random = noise(seed);
  const counts: LocalCount[] = [];
  for (let hour = 0; hour < count * 168; hour++) {
    const ofDay = hour % 24;
    const day = Math.floor(hour / 24) % 7;
    const mean = 60 * (day > 4 ? 0.5 : 1) * (1 + Math.sin((Math.PI * (ofDay - 6)) / 12));
    counts.push({ localSeconds: hour * HOUR, calls: Math.round(mean * (0.8 + 0.4 * random())) });
  }
  return counts;
}

describe('backtest', () => {
  it('beats seasonal naive and keeps its bands on a noisy weekly pattern', () => {
    const { model, seasonalNaive, points, origins } = backtest(
      dayMatrix(weeks(16), HOUR, HOUR),
      DAY,
    );
    expect(origins).toBe(28);
    expect(points).toBe(28 * 24);
    expect(model.wape).toBeLessThan(Number(seasonalNaive.wape));
    expect(model.coverage80).toBeGreaterThan(0.7);
    expect(model.coverage95).toBeGreaterThan(0.88);
  });

  it('sees nothing at or after an origin', () => {
    const counts = weeks(8);
    const from = 6 * 7;
    const changed = counts.map((each) =>
      each.localSeconds >= (from + 1) * DAY ? { ...each, calls: each.calls * 9 } : each,
    );
    const forecastOf = (all: LocalCount[]) => {
      const matrix = dayMatrix(
        all.filter((each) => each.localSeconds < (from + 1) * DAY),
        HOUR,
        HOUR,
      );
      return backtest(matrix, DAY, from);
    };
    expect(forecastOf(changed)).toEqual(forecastOf(counts));
  });

  it('drops intervals that are not fully covered', () => {
    const halfHours = [0, 1800, 3600].map((localSeconds) => ({ localSeconds, calls: 5 }));
    const row = dayMatrix(halfHours, 1800, HOUR).rows[0] ?? new Float64Array();
    expect([...row.slice(0, 3)]).toEqual([10, Number.NaN, Number.NaN]);
  });

  it('takes the mean of the hour that the clock repeats in autumn', () => {
    const twice = [6, 10].map((calls) => ({ localSeconds: 2 * HOUR, calls }));
    const row = dayMatrix(twice, HOUR, HOUR).rows[0] ?? new Float64Array();
    expect(row[2]).toBe(8);
  });

  it('says null where nothing defines a figure, never that it is perfect', () => {
    const all = backtest(dayMatrix(weeks(3), HOUR, HOUR), DAY, 0);
    expect(all.points).toBeGreaterThan(0);
    expect([all.model.mase, all.seasonalNaive.mase]).toEqual([null, null]);
    expect(all.model.wape).toBeGreaterThan(0);
    const silent = weeks(3).map((each) => ({ ...each, calls: 0 }));
    const { model, seasonalNaive, poissonFloorWape } = backtest(
      dayMatrix(silent, HOUR, HOUR),
      DAY,
      14,
    );
    expect(model).toMatchObject({ wape: null, mase: null, pinball: null });
    expect([seasonalNaive.wape, seasonalNaive.mase, poissonFloorWape]).toEqual([null, null, null]);
  });

  it('has the closed form of the Poisson floor', () => {
    // E|X − 1| for mean 1 is 2/e.
    expect(poissonMeanDeviation(1)).toBeCloseTo(2 / Math.E, 12);
    expect(poissonMeanDeviation(0)).toBe(0);
  });
});

const realCalls = new URL('../../../shared/data/calls-5min/calls.csv', import.meta.url);

describe.skipIf(!hasData(realCalls))('on a real call history', () => {
  it('beats seasonal naive by more than a third', async () => {
    const { readFile } = await import('node:fs/promises');
    const lines = (await readFile(realCalls, 'utf8')).trim().split('\n').slice(1);
    const counts = lines.map((line) => {
      const [time = '', calls] = line.split(',');
      return {
        localSeconds: Date.parse(`${time.replace(' ', 'T')}Z`) / 1000,
        calls: Number(calls),
      };
    });
    const { model, seasonalNaive } = backtest(dayMatrix(counts, 300, 1800), DAY);
    expect(Number(model.wape) / Number(seasonalNaive.wape)).toBeLessThan(0.65);
    expect(Math.abs(Number(model.coverage80) - 0.8)).toBeLessThan(0.05);
  });
});
