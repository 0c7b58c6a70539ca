import { describe, expect, it } from 'vitest';
import { Random } from '../../../simulators/random.js';
import {
  IDENTITY,
  learnCalibration,
  natsWhere,
  survives,
} from '../../../src/correlate/repair/calibration.js';

const random = new Random(5);
const draws = Array.from({ length: 4000 }, () => random.next());

describe('the correction of probabilities', () => {
  it('corrects nothing while nothing is known', () => {
    for (const [i, knot] of learnCalibration([]).entries()) expect(knot).toBeCloseTo(i / 40, 9);
    expect(survives(IDENTITY, 0.7)).toBeCloseTo(Math.exp(-0.7), 12);
  });

  it('finds that a model is too hopeful, from ends seen exactly', () => {
    const late = draws.map(Math.sqrt).map((u) => ({ from: u, to: u }));
    expect(learnCalibration(late)[20]).toBeCloseTo(0.25, 1);
  });

  it('finds the same when half of the ends were not seen', () => {
    const late = draws.map((draw, i) => {
      const u = Math.sqrt(draw);
      const seenUntil = i % 2 === 0 ? 1 : 0.8;
      return u < seenUntil ? { from: u, to: u } : { from: seenUntil, to: 1 };
    });
    const found = learnCalibration(late);
    for (const at of [0.25, 0.5, 0.75]) expect(found[at * 40]).toBeCloseTo(at * at, 1);
  });

  it('is undone by its inverse, far into the tail too', () => {
    const found = learnCalibration(draws.map((u) => ({ from: u * u, to: u * u })));
    for (const nats of [0.001, 0.1, 1, 5, 40, 300]) {
      expect(natsWhere(found, survives(found, nats))).toBeCloseTo(nats, 6);
    }
  });

  it('rises from 0 to 1', () => {
    const found = learnCalibration([{ from: 0.5, to: 0.5 }]);
    expect(found[0]).toBe(0);
    expect(found.at(-1)).toBe(1);
    for (const [i, knot] of found.slice(1).entries()) expect(knot).toBeGreaterThan(found[i] ?? 1);
  });
});
