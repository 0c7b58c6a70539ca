import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  addSums,
  type ClusterCalls,
  contrastSums,
  isMeasurable,
  pooledRatio,
  rateRatio,
} from '../../../src/notify/effect/contrast.js';
import { studentQuantile } from '../../../src/notify/effect/student-quantile.js';

/** Calls of clusters of their own. */
function single(cell: number, isTold: boolean, count: number, first = 0): ClusterCalls[] {
  return Array.from({ length: count }, (_, n) => ({ cell, cluster: first + n, isTold, calls: 1 }));
}

test('is the plain ratio of rates in one cell, with the variance of two Poisson counts', () => {
  const cells = [{ toldExposure: 11_000 * 0.9, untoldExposure: 11_000 * 0.1 }];
  const sums = contrastSums(cells, [...single(0, true, 554), ...single(0, false, 88, 1000)]);
  const found = rateRatio(sums);
  expect(sums.told / sums.untold).toBeCloseTo(554 / 9900 / (88 / 1100), 12);
  expect(found?.logError).toBeCloseTo(Math.sqrt(1 / 554 + 1 / 88), 12);
});

test('a difference between cells is no effect', () => {
  // rates of 0.1 and 0.4 in both arms, told where calls are rare
  const cells = [
    { toldExposure: 900, untoldExposure: 100 },
    { toldExposure: 100, untoldExposure: 900 },
  ];
  const sums = contrastSums(cells, [
    ...single(0, true, 90, 0),
    ...single(0, false, 10, 100),
    ...single(1, true, 40, 200),
    ...single(1, false, 360, 300),
  ]);
  expect(sums.told / sums.untold).toBeCloseTo(1, 12);
});

test('calls of one account are worth less than those of several', () => {
  const cells = [{ toldExposure: 500, untoldExposure: 500 }];
  const several = contrastSums(cells, [...single(0, true, 50), ...single(0, false, 60, 100)]);
  const one = contrastSums(cells, [
    { cell: 0, cluster: 1, isTold: true, calls: 50 },
    ...single(0, false, 60, 100),
  ]);
  expect(one.told).toBe(several.told);
  expect(rateRatio(one)?.logError).toBeGreaterThan(3 * (rateRatio(several)?.logError ?? 0));
});

test('large clusters are held against what their exposure lets expect', () => {
  const cells = [{ toldExposure: 100, untoldExposure: 100 }];
  const calls: ClusterCalls[] = [0, 1, 2, 3].flatMap((cluster) => [
    { cell: 0, cluster, isTold: true, calls: 20 },
    { cell: 0, cluster, isTold: false, calls: 30 },
  ]);
  const exposures = [0, 1, 2, 3].map((cluster) => ({
    cell: 0,
    cluster,
    toldExposure: 25,
    untoldExposure: 25,
  }));
  const sums = contrastSums(cells, calls, exposures);
  expect(sums.toldSquares).toBeCloseTo(0, 12);
  expect(sums.untoldSquares).toBeCloseTo(0, 12);
  expect(contrastSums(cells, calls).toldSquares).toBeGreaterThan(0);
});

test('needs as much as would show 30 % four times out of five: 1,100 of 11,000 held out at 8 % calling', () => {
  const measurable = (people: number): boolean => {
    const cells = [{ toldExposure: people * 0.9, untoldExposure: people * 0.1 }];
    const told = single(0, true, Math.round(people * 0.9 * 0.056));
    const untold = single(0, false, Math.round(people * 0.1 * 0.08), 100_000);
    return isMeasurable(contrastSums(cells, [...told, ...untold]));
  };
  expect(measurable(11_000)).toBe(true);
  expect(measurable(6_000)).toBe(false);
});

test('says nothing where one side is missing', () => {
  const cells = [{ toldExposure: 100, untoldExposure: 0 }];
  const sums = contrastSums(cells, single(0, true, 20));
  expect(rateRatio(sums)).toBeUndefined();
  expect(isMeasurable(sums)).toBe(false);
  expect(pooledRatio([])).toBeUndefined();
  expect(pooledRatio([sums])).toBeUndefined();
});

test('several incidents are told apart: how much they differ widens the interval', () => {
  const incident = (told: number, untold: number, first: number) =>
    contrastSums(
      [{ toldExposure: 1000, untoldExposure: 1000 }],
      [...single(0, true, told, first), ...single(0, false, untold, first + 5000)],
    );
  const alike = Array.from({ length: 12 }, (_, n) => incident(70, 100, n * 10_000));
  const unlike = Array.from({ length: 12 }, (_, n) => incident(n % 2 ? 40 : 100, 100, n * 10_000));
  expect(pooledRatio(alike)?.ratio).toBeCloseTo(0.7, 12);
  expect(pooledRatio(unlike)?.ratio).toBeCloseTo(0.7, 12);
  expect(pooledRatio(unlike)?.logError).toBeGreaterThan(10 * (pooledRatio(alike)?.logError ?? 1));
});

test('sums of two incidents are those of both', () => {
  const incident = fc.record({ told: fc.nat(40), untold: fc.nat(40) });
  fc.assert(
    fc.property(incident, incident, (a, b) => {
      const cells = [{ toldExposure: 60, untoldExposure: 40 }];
      const of = (each: { told: number; untold: number }, first: number) =>
        contrastSums(cells, [
          ...single(0, true, each.told, first),
          ...single(0, false, each.untold, first + 100),
        ]);
      const both = addSums(of(a, 0), of(b, 1000));
      expect(both.told).toBeCloseTo(of(a, 0).told + of(b, 0).told, 9);
      expect(both.toldCalls).toBe(a.told + b.told);
    }),
  );
});

test('quantiles of Student’s t are those of the tables', () => {
  // Abramowitz and Stegun, table 26.10
  for (const [freedom, quantile] of [
    [5, 2.571],
    [10, 2.228],
    [19, 2.093],
    [60, 2.0],
  ] as const) {
    expect(Math.abs(studentQuantile(0.975, freedom) / quantile - 1)).toBeLessThan(0.005);
  }
});
