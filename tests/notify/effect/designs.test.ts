import fc from 'fast-check';
import { expect, test } from 'vitest';
import { scoreEffects } from '../../../src/commands/bench/effect/score-effects.js';
import { simulateEffect } from '../../../src/commands/bench/effect/simulated-incident.js';
import { contrastSums } from '../../../src/notify/effect/contrast.js';
import { controlContrast } from '../../../src/notify/effect/control-group.js';
import { estimateEffect, poolEffects } from '../../../src/notify/effect/estimate.js';
import {
  clusterExposures,
  orderContrast,
  type SendingStratum,
  turnOf,
} from '../../../src/notify/effect/sending-order.js';

const HOUR_MS = 3_600_000;

const rising = fc
  .array(fc.integer({ min: 0, max: HOUR_MS }), { minLength: 1, maxLength: 200 })
  .map((times) => Float64Array.from(times.sort((a, b) => a - b)));

test('time told and time not told add up to everybody’s time while sending lasts', () => {
  fc.assert(
    fc.property(rising, fc.integer({ min: 0, max: 100 }), (turns, silent) => {
      const stratum: SendingStratum = { people: turns.length + silent, turns };
      const { cells } = orderContrast([stratum], [], HOUR_MS);
      const lasting = ((turns.at(-1) ?? 0) - (turns[0] ?? 0)) / 60_000;
      const sum = cells.reduce((all, each) => all + each.toldExposure + each.untoldExposure, 0);
      expect(sum).toBeCloseTo(stratum.people * lasting, 6);
      for (const each of cells) expect(each.toldExposure).toBeGreaterThanOrEqual(0);
    }),
  );
});

test('the parts of clusters add up to the whole', () => {
  fc.assert(
    fc.property(rising, (turns) => {
      const stratum: SendingStratum = { people: turns.length, turns };
      const { cells } = orderContrast([stratum], [], HOUR_MS);
      const parts = clusterExposures(0, stratum, (place) => place % 7);
      for (const [cell, whole] of cells.entries()) {
        const told = parts
          .filter((each) => each.cell === cell)
          .reduce((sum, each) => sum + each.toldExposure, 0);
        expect(told).toBeCloseTo(whole.toldExposure, 6);
      }
    }),
  );
});

test('somebody whose message never left has a turn all the same', () => {
  const stratum: SendingStratum = { people: 4, turns: Float64Array.of(1000, 9000) };
  expect([0, 1, 2, 3].map((place) => turnOf(stratum, place))).toEqual([1000, 1000, 9000, 9000]);
});

test('calls before the first turn and after the last say nothing, but those told are counted', () => {
  const stratum: SendingStratum = {
    people: 100,
    turns: Float64Array.from({ length: 100 }, (_, n) => 60_000 * (n + 1)),
  };
  const call = (place: number, minutes: number) => ({
    stratum: 0,
    place,
    cluster: place,
    atMs: minutes * 60_000,
  });
  const found = orderContrast(
    [stratum],
    [call(50, 0.5), call(0, 30), call(90, 30), call(5, 150)],
    3 * HOUR_MS,
  );
  expect(found.calls.map(({ isTold }) => isTold)).toEqual([true, false]);
  expect(found.callsAfterTurn).toBe(2);
});

test('an account that was assigned as one is one cluster', () => {
  const group = (isControl: boolean, accounts: number, people: number, calls: number) => ({
    isControl,
    people,
    calls,
    accounts,
  });
  const { sums, told, untold } = controlContrast([
    group(false, 800, 1, 0),
    group(false, 100, 1, 1),
    group(true, 90, 1, 0),
    group(true, 10, 1, 1),
  ]);
  expect([told, untold]).toEqual([900, 100]);
  expect(sums.told / sums.untold).toBeCloseTo(100 / 900 / (10 / 100), 12);
  const twins = controlContrast([
    group(false, 400, 2, 0),
    group(false, 50, 2, 2),
    group(true, 45, 2, 0),
    group(true, 5, 2, 2),
  ]);
  expect(twins.sums.told).toBeCloseTo(sums.told, 9);
  expect(twins.sums.toldSquares).toBeCloseTo(2 * sums.toldSquares, 9);
});

test('intervals hold the truth and nothing leans, in both designs and where part is delivered', () => {
  for (const [design, seed] of [
    ['controlGroup', 31_000],
    ['sendingOrder', 32_000],
  ] as const) {
    const incidents = Array.from({ length: 24 }, (_, n) =>
      simulateEffect(seed + n, { design, uncovered: 0.3, spillOver: 0 }),
    );
    const { figures } = scoreEffects(incidents);
    expect(Number(figures.coverage95)).toBeGreaterThan(0.8);
    expect(Math.abs(Number(figures.bias))).toBeLessThan(0.04);
  }
});

test('where word gets round a person-wise design finds the direct effect, areas the total one', () => {
  const found = (design: 'sendingOrder' | 'areaOrder') => {
    const incidents = Array.from({ length: 12 }, (_, n) =>
      simulateEffect(33_000 + n, { design, uncovered: 0, spillOver: 0.3 }),
    );
    return scoreEffects(incidents).figures;
  };
  expect(Number(found('sendingOrder').biasAgainstTotalEffect)).toBeLessThan(-0.1);
  expect(Math.abs(Number(found('areaOrder').biasAgainstTotalEffect))).toBeLessThan(0.06);
});

test('too few calls are called not yet measurable, with what was seen', () => {
  const sums = contrastSums(
    [{ toldExposure: 900, untoldExposure: 100 }],
    [{ cell: 0, cluster: 1, isTold: true, calls: 3 }],
  );
  const estimate = estimateEffect({
    design: 'controlGroup',
    sums,
    told: 900,
    untold: 100,
    shareTold: 0.9,
    callsAfterTold: 3,
  });
  expect(estimate.status).toBe('notYetMeasurable');
  expect(estimate.reason).toContain('3 calls of people told and 0 of people not told');
  expect(estimate.reduction).toBeUndefined();
  expect(poolEffects([])).toBeUndefined();
});
