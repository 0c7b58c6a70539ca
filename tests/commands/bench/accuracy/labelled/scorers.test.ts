import { describe, expect, it } from 'vitest';
import { Random } from '../../../../../simulators/random.js';
import { compareOn } from '../../../../../src/commands/bench/accuracy/labelled/compare-scorers.js';
import { gaussianWindow } from '../../../../../src/commands/bench/accuracy/labelled/gaussian-window.js';
import type { LabelledSeries } from '../../../../../src/commands/bench/accuracy/labelled/labelled-series.js';
import {
  leftMatrixProfile,
  leftProfile,
} from '../../../../../src/commands/bench/accuracy/labelled/left-matrix-profile.js';
import { twoSidedNormal } from '../../../../../src/commands/bench/accuracy/labelled/scorer.js';
import {
  criticalEsd,
  seasonalEsd,
} from '../../../../../src/commands/bench/accuracy/labelled/seasonal-esd.js';
import { seasonalZ } from '../../../../../src/commands/bench/accuracy/labelled/seasonal-z.js';

const PER_DAY = 48;
const DAYS = 16;

/** A daily season with noise; labelled rows are far off. */
function madeSeries(spikes: readonly number[], size: number): LabelledSeries {
  const random = new Random(11, 'labelled');
  const values = Float64Array.from({ length: DAYS * PER_DAY }, (_, row) => {
    const season = 10 * Math.sin((2 * Math.PI * row) / PER_DAY);
    return season + random.normal() + (spikes.includes(row) ? size : 0);
  });
  return {
    name: 'made',
    timesMs: values.map((_, row) => row * 1_800_000),
    values,
    isAnomalous: Array.from(values, (_, row) => spikes.includes(row)),
    rowsPerDay: PER_DAY,
  };
}

describe.each([gaussianWindow, seasonalZ, seasonalEsd, leftMatrixProfile])('$name', (scorer) => {
  it('gives the same scores whatever comes later', () => {
    const whole = madeSeries([], 0);
    const rows = 11 * PER_DAY + 7;
    const values = whole.values.slice(0, rows);
    const cut = { ...whole, values, timesMs: whole.timesMs.slice(0, rows) };
    expect(scorer.score(cut)).toEqual(scorer.score(whole).slice(0, rows));
  });

  it('leaves the series as it is, and a constant one without a flag', () => {
    const made = madeSeries([500], 30);
    const before = made.values.slice();
    scorer.score(made);
    expect(made.values).toEqual(before);
    const constant = { ...made, values: made.values.map(() => 3) };
    expect(scorer.score(constant).every((score) => score <= scorer.threshold)).toBe(true);
  });
});

describe.each([seasonalZ, seasonalEsd])('$name', (scorer) => {
  it('finds far-off rows in a season at its own threshold', () => {
    const { own } = compareOn(madeSeries([400, 401, 555, 700], 25), scorer);
    expect(own.event.recall).toBe(1);
  });
});

describe('left matrix profile', () => {
  it('is the distance from the nearest earlier subsequence, as brute force has it', () => {
    const { values } = madeSeries([100], 6);
    const series = values.slice(0, 160);
    const m = 8;
    const normal = (end: number): number[] => {
      const part = [...series.slice(end - m + 1, end + 1)];
      const mean = part.reduce((a, b) => a + b) / m;
      const spread = Math.sqrt(part.reduce((a, b) => a + (b - mean) ** 2, 0) / m);
      return part.map((value) => (value - mean) / spread);
    };
    const brute = (end: number): number => {
      let least = Number.POSITIVE_INFINITY;
      for (let other = m - 1; other <= end - m; other++) {
        const there = normal(other);
        least = Math.min(least, Math.hypot(...normal(end).map((v, at) => v - (there[at] ?? 0))));
      }
      return least;
    };
    const profile = leftProfile(series, m);
    for (const end of [20, 40, 99, 103, 159]) expect(profile[end]).toBeCloseTo(brute(end), 6);
  });
});

describe('critical value of the generalised ESD test', () => {
  // NIST/SEMATECH e-Handbook 1.3.5.17.3, Rosner's data: n = 54, α = 0.05.
  it.each([
    [1, 3.158],
    [5, 3.12],
    [10, 3.077],
  ])('is the published one for outlier %i', (i, published) => {
    const quantile = twoSidedNormal(0.05 / (54 - i + 1));
    expect(criticalEsd(54, i, quantile)).toBeCloseTo(published, 1);
  });
});

describe('comparison', () => {
  it('never finds the best threshold worse than the own one, and leaves the first week out', () => {
    const compared = compareOn(madeSeries([10, 400, 600], 12), seasonalZ);
    expect(compared.events).toBe(2);
    expect(compared.best.event.f1).toBeGreaterThanOrEqual(compared.own.event.f1);
    expect(compared.best.range.f1).toBeGreaterThanOrEqual(compared.own.range.f1);
  });
});
