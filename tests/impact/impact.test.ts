import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { caughtShare, cellLosses, lossAt } from '../../src/impact/cell-loss.js';
import { type ImpactCounts, rankParts, summarise } from '../../src/impact/rank.js';
import { incident, MINUTE, resolved, impactRules as rules, T0 } from '../services/customers.js';

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

describe('rank', () => {
  const counts: ImpactCounts = {
    subscribers: 30,
    machines: 4,
    bySegment: { consumer: 20, business: 10 },
    expectedBySegment: { consumer: 18, business: 9 },
    lossBySegment: { consumer: 9, business: 9 },
    userMinutes: 400,
    vulnerable: 2,
    emergencyServices: 0,
  };

  it('is the sum of its parts, in weighted user-minutes', () => {
    const summary = summarise(counts, incident(['S1-1']), T0, rules);
    expect(summary.rankParts).toEqual({
      soFar: 100,
      toCome: (9 + 9 * 3) * 120,
      vulnerable: 480,
      emergencyServices: 0,
    });
    expect(summary.rankScore).toBe(100 + 4320 + 480);
    expect(summary).toMatchObject({ subscribers: 30, machines: 4, expected: 27, userMinutes: 400 });
  });

  it('counts no minutes to come past the repair or after the end', () => {
    const repair = new Date(T0 + 10 * MINUTE).toISOString();
    const soon = summarise(counts, incident([], { estimatedRepairAt: repair }), T0, rules);
    expect(soon.rankParts.toCome).toBe(360);
    expect(summarise(counts, resolved(incident([])), T0, rules).rankParts.toCome).toBe(0);
  });

  it('puts a lost emergency service before any head count', () => {
    const nation = { ...counts, lossBySegment: { consumer: 1_000_000 }, userMinutes: 1e8 };
    const one = { ...counts, lossBySegment: {}, emergencyServices: 1 };
    const total = (c: ImpactCounts) =>
      Object.values(rankParts(c, 240, rules)).reduce((sum, part) => sum + part, 0);
    expect(total(one)).toBeGreaterThan(total(nation));
  });
});
