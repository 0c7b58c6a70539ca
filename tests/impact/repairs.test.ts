import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type RepairIncident, rankRepairs } from '../../src/impact/repairs.js';

function broken(id: string, lossPerMinute: number, causes: [string, number, number?][]) {
  const candidates = causes.map(([cause, probability, share = 1]) => ({
    kind: 'link',
    id: cause,
    probability,
    share,
  }));
  return { id, lossPerMinute, isEmergencyLost: false, candidates } satisfies RepairIncident;
}

describe('what to repair first', () => {
  it('is what saves most user-minutes an hour, by how probably it is the cause', () => {
    const repairs = rankRepairs([
      broken('I', 100, [
        ['A', 0.7],
        ['B', 0.2, 0.5],
      ]),
      broken('J', 90, [['C', 0.9]]),
    ]);
    expect(repairs.map(({ id, savedPerHour }) => [id, Math.round(savedPerHour)])).toEqual([
      ['C', 4860],
      ['A', 4200],
      ['B', 600],
    ]);
  });

  it('adds up what one repair saves at several incidents', () => {
    const [first] = rankRepairs([
      broken('I', 100, [
        ['A', 0.5],
        ['B', 0.5],
      ]),
      broken('J', 10, [
        ['C', 0.5],
        ['A', 0.5],
      ]),
    ]);
    expect(first).toMatchObject({ id: 'A', savedPerHour: 3300 });
    expect(first?.incidents.map(({ incidentId }) => incidentId)).toEqual(['I', 'J']);
  });

  it('puts what probably brings emergency calling back first, however few it concerns', () => {
    const few = {
      ...broken('I', 1, [
        ['A', 0.8],
        ['B', 0.2],
      ]),
      isEmergencyLost: true,
    };
    const repairs = rankRepairs([few, broken('J', 1_000_000, [['C', 0.9]])]);
    expect(repairs.map(({ id }) => id)).toEqual(['A', 'C', 'B']);
    expect(repairs[0]?.emergency).toBeCloseTo(0.8, 9);
  });

  it('never saves more than is lost, nor less when more is lost', () => {
    const share = fc.double({ min: 0, max: 0.5, noNaN: true });
    const loss = fc.integer({ min: 0, max: 1_000_000 });
    fc.assert(
      fc.property(share, share, loss, loss, (p, q, lost, more) => {
        const saved = (l: number): number =>
          rankRepairs([
            broken('I', l, [
              ['A', p],
              ['B', q],
            ]),
          ]).reduce((s, r) => s + r.savedPerHour, 0);
        expect(saved(lost)).toBeLessThanOrEqual(lost * 60 + 1e-6);
        expect(saved(lost + more)).toBeGreaterThanOrEqual(saved(lost));
      }),
      { seed: 4 },
    );
  });

  it('is nothing where nothing is broken', () => {
    expect(rankRepairs([])).toEqual([]);
  });
});
