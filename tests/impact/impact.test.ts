import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allServices, SERVICES, type ServiceShares } from '../../src/domain/services.js';
import {
  type Absorbers,
  caughtShare,
  cellLosses,
  harmAt,
  harmful,
  isCellOut,
  type LossThere,
  lossOf,
  weighServices,
} from '../../src/impact/cell-loss.js';
import { incident, MINUTE, impactRules as rules, T0 } from '../services/customers.js';

const share = fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom(0, 0.95, 1));
/** What somebody loses who is at a cell. */
function lossAt(lost: ServiceShares, absorbers: Absorbers, caught = 1): LossThere {
  return lossOf(harmful(1, harmAt(lost, absorbers, rules)), caught, rules);
}
const shares = fc.record({ voice: share, data: share, sms: share });

describe('loss at a cell', () => {
  const overlap = fc.double({ min: 0, max: 20, noNaN: true });

  it('is never more than the cell lost, and less the more neighbours help', () => {
    fc.assert(
      fc.property(shares, overlap, (lost, healthy) => {
        const loss = lossAt(lost, { overlap: healthy });
        const better = lossAt(lost, { overlap: healthy + 1 });
        const isOut = isCellOut(lost, rules);
        expect(loss.degree).toBeCloseTo(weighServices(loss.lost, rules), 9);
        expect(loss.none).toBeLessThanOrEqual(loss.degree);
        expect(better.degree).toBeLessThanOrEqual(loss.degree);
        expect(better.none).toBeLessThanOrEqual(loss.none);
        for (const service of SERVICES) {
          expect(loss.lost[service]).toBeLessThanOrEqual(isOut ? 1 : lost[service]);
          expect(loss.lost[service]).toBeGreaterThanOrEqual(loss.none);
          expect(better.lost[service]).toBeLessThanOrEqual(loss.lost[service]);
        }
      }),
      { seed: 1 },
    );
  });

  it('leaves nobody without service where the cell is worse only, and some caught where it is out', () => {
    const worse = lossAt(allServices(0.6), { overlap: 3 });
    expect(worse).toMatchObject({ lost: allServices(0.6), none: 0 });
    expect(worse.degree).toBeCloseTo(0.6, 9);
    expect(lossAt(allServices(1), { overlap: 0 })).toMatchObject({ degree: 1, none: 1 });
    const { none } = lossAt(allServices(1), { overlap: 50 });
    expect(none).toBeCloseTo(1 - rules.absorption.max, 6);
    expect(caughtShare({ overlap: -1 }, rules)).toBe(0);
  });

  it('of calls alone leaves data and texts, and counts by the weight of calls', () => {
    const lost = { voice: 1, data: 0, sms: 0 };
    const there = lossAt(lost, { overlap: 3 });
    expect(there).toEqual({ degree: rules.serviceWeights.voice, lost, none: 0 });
  });

  it('is the whole of it for a device that can use none of the neighbours', () => {
    expect(lossAt(allServices(1), { overlap: 2 }, 0)).toMatchObject({ degree: 1, none: 1 });
    const half = lossAt(allServices(1), { overlap: 2 }, 0.5);
    const full = lossAt(allServices(1), { overlap: 2 });
    expect(half.none).toBeCloseTo((1 + full.none) / 2, 9);
  });

  it('goes from what overlap says to what was measured, the more neighbours measured it', () => {
    const byOverlap = caughtShare({ overlap: 1 }, rules);
    fc.assert(
      fc.property(share, fc.integer({ min: 1, max: 500 }), (measured, neighbours) => {
        const at = (n: number): number =>
          caughtShare({ overlap: 1, measured: { share: measured, neighbours: n } }, rules);
        const few = Math.abs(at(neighbours) - measured);
        expect(Math.abs(at(neighbours + 1) - measured)).toBeLessThanOrEqual(few + 1e-12);
        expect(few).toBeLessThanOrEqual(Math.abs(byOverlap - measured) + 1e-12);
      }),
      { seed: 2 },
    );
    expect(caughtShare({ overlap: 0, measured: { share: 0.9, neighbours: 50 } }, rules)).toBe(0);
  });

  it('is worked out for every cell of the incident', () => {
    const losses = cellLosses(incident(['S1-1', 'S1-2']), new Map([['S1-2', 2]]), rules);
    expect(losses.map((cell) => cell.none)).toEqual([1, 1 - caughtShare({ overlap: 2 }, rules)]);
    expect(losses[0]?.sinceMs).toBe(T0 - 5 * MINUTE);
  });
});
