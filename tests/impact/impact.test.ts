import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cellLosses, lossAfterNeighbours } from '../../src/impact/cell-loss.js';
import { affectedProbability, sightingWeight } from '../../src/impact/probability.js';
import { type ImpactCounts, rankParts, summarise } from '../../src/impact/rank.js';
import { incident, MINUTE, resolved, impactRules as rules, T0 } from '../services/customers.js';

const share = fc.double({ min: 0, max: 1, noNaN: true });
const age = fc.double({ min: 0, max: 1000, noNaN: true });

describe('probability of being affected', () => {
  const evidence = fc.record(
    {
      seen: fc.record({ isAffected: fc.boolean(), ageMinutes: age }),
      usualShare: share,
      homeShare: share,
    },
    { requiredKeys: [] },
  );

  it('is a probability, nil without evidence', () => {
    fc.assert(
      fc.property(evidence, (given) => {
        const p = affectedProbability(given, rules);
        expect(p).toBeGreaterThanOrEqual(0);
        expect(p).toBeLessThanOrEqual(1);
      }),
      { seed: 1 },
    );
    expect(affectedProbability({}, rules)).toBe(0);
  });

  it('lies between the last sighting and the usual places, nearer to the sighting when it is fresh', () => {
    fc.assert(
      fc.property(age, share, fc.boolean(), (ageMinutes, usualShare, isAffected) => {
        const p = affectedProbability({ seen: { isAffected, ageMinutes }, usualShare }, rules);
        const seen = isAffected ? 1 : 0;
        expect(p).toBeGreaterThanOrEqual(Math.min(seen, usualShare) - 1e-12);
        expect(p).toBeLessThanOrEqual(Math.max(seen, usualShare) + 1e-12);
        const later = { seen: { isAffected, ageMinutes: ageMinutes + 10 }, usualShare };
        expect(Math.abs(affectedProbability(later, rules) - seen)).toBeGreaterThanOrEqual(
          Math.abs(p - seen) - 1e-12,
        );
      }),
      { seed: 1 },
    );
  });

  it('follows the half-life and forgets beyond the greatest age', () => {
    const { halfLifeMinutes, maxAgeMinutes } = rules.presence;
    expect(sightingWeight(0, rules)).toBe(1);
    expect(sightingWeight(-3, rules)).toBe(1);
    expect(sightingWeight(halfLifeMinutes, rules)).toBeCloseTo(0.5, 12);
    expect(sightingWeight(maxAgeMinutes + 1, rules)).toBe(0);
  });

  it('puts usual cells before the home site', () => {
    expect(affectedProbability({ usualShare: 0, homeShare: 1 }, rules)).toBe(0);
    expect(affectedProbability({ homeShare: 1 }, rules)).toBe(rules.homeWeight);
  });
});

describe('loss at a cell', () => {
  it('is never more than the cell lost, and less the more neighbours help', () => {
    fc.assert(
      fc.property(share, fc.double({ min: 0, max: 20, noNaN: true }), (degree, overlap) => {
        const loss = lossAfterNeighbours(degree, overlap, rules);
        expect(loss).toBeLessThanOrEqual(degree);
        expect(loss).toBeGreaterThanOrEqual(degree * (1 - rules.absorption.max) - 1e-12);
        expect(lossAfterNeighbours(degree, overlap + 1, rules)).toBeLessThanOrEqual(loss);
      }),
      { seed: 1 },
    );
  });

  it('is worked out for every cell of the incident', () => {
    const losses = cellLosses(incident(['S1-1', 'S1-2']), new Map([['S1-2', 2]]), rules);
    expect(losses.map((cell) => cell.degree)).toEqual([1, 1 - 2 * rules.absorption.perNeighbour]);
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
