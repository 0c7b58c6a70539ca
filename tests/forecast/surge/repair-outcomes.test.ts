import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { repairOutcomes } from '../../../src/forecast/surge/repair-outcomes.js';
import { loadOf, NOW_MS } from '../basis.js';

const MINUTE = 60_000;
const repair = {
  atMs: NOW_MS + 120 * MINUTE,
  lowMs: NOW_MS + 60 * MINUTE,
  highMs: NOW_MS + 240 * MINUTE,
};
const load = { ...loadOf(20_000, { startedAtMs: NOW_MS }), repair };
const minutes = (nowMinutes: number) =>
  repairOutcomes(load, NOW_MS + nowMinutes * MINUTE).map(({ atMs }) => (atMs - NOW_MS) / MINUTE);

describe('when an incident may end', () => {
  it('is spread over the band of its estimate, the estimate in the middle', () => {
    const [low, , middle, , high] = minutes(0);
    expect(low).toBeCloseTo(60, 6);
    expect(middle).toBeCloseTo(120, 6);
    expect(high).toBeCloseTo(240, 6);
  });

  it('is any moment from now once it is overdue, not never', () => {
    const late = minutes(300);
    expect(late[0]).toBeGreaterThan(300);
    expect(late[0]).toBeLessThan(315);
    expect(late.every(Number.isFinite)).toBe(true);
  });

  it('is not known when a time without a band has passed', () => {
    const given = { ...load, repair: { atMs: NOW_MS - MINUTE, lowMs: null, highMs: null } };
    expect(repairOutcomes(given, NOW_MS)).toEqual([{ atMs: Number.POSITIVE_INFINITY, weight: 1 }]);
  });

  it('never lies in the past, rises, and its weights are one', () => {
    const minute = fc.integer({ min: -1000, max: 1000 });
    fc.assert(
      fc.property(minute, minute, minute, (at, low, high) => {
        const atMs = NOW_MS + at * MINUTE;
        const own = {
          atMs,
          lowMs: Math.min(atMs, NOW_MS + low * MINUTE),
          highMs: Math.max(atMs, NOW_MS + high * MINUTE),
        };
        const all = repairOutcomes({ ...load, repair: own }, NOW_MS);
        expect(all.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(1, 9);
        for (const [k, { atMs: moment }] of all.entries()) {
          expect(moment).toBeGreaterThanOrEqual(Math.max(NOW_MS, all[k - 1]?.atMs ?? NOW_MS));
        }
      }),
    );
  });
});
