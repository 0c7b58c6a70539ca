import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { caughtShare, cellLosses, lossAt } from '../../src/impact/cell-loss.js';
import { incident, MINUTE, impactRules as rules, T0 } from '../services/customers.js';

const share = fc.double({ min: 0, max: 1, noNaN: true });

describe('loss at a cell', () => {
  const overlap = fc.double({ min: 0, max: 20, noNaN: true });

  it('is never more than the cell lost, and less the more neighbours help', () => {
    fc.assert(
      fc.property(share, overlap, (degree, healthy) => {
        const loss = lossAt(degree, healthy, rules);
        const better = lossAt(degree, healthy + 1, rules);
        expect(loss.degree).toBeLessThanOrEqual(degree >= rules.noneAtDegree ? 1 : degree);
        expect(loss.none).toBeLessThanOrEqual(loss.degree);
        expect(better.degree).toBeLessThanOrEqual(loss.degree);
        expect(better.none).toBeLessThanOrEqual(loss.none);
      }),
      { seed: 1 },
    );
  });

  it('leaves nobody without service where the cell is worse only, and some caught where it is out', () => {
    expect(lossAt(0.6, 3, rules)).toEqual({ degree: 0.6, none: 0 });
    expect(lossAt(1, 0, rules)).toEqual({ degree: 1, none: 1 });
    expect(lossAt(1, 50, rules).none).toBeCloseTo(1 - rules.absorption.max, 6);
    expect(caughtShare(-1, rules)).toBe(0);
  });

  it('is worked out for every cell of the incident', () => {
    const losses = cellLosses(incident(['S1-1', 'S1-2']), new Map([['S1-2', 2]]), rules);
    expect(losses.map((cell) => cell.none)).toEqual([1, 1 - caughtShare(2, rules)]);
    expect(losses[0]?.sinceMs).toBe(T0 - 5 * MINUTE);
  });
});
