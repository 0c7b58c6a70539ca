import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type CoverModel,
  coverFailures,
  type Failure,
  type Group,
} from '../../src/correlate/cover.js';

/** Cells 0…11 under sites 20…23 (three each), sites under lines 30, 31, lines under node 40. */
const PARENTS = new Map<number, number[]>();
for (let cell = 0; cell < 12; cell++) {
  const site = Math.floor(cell / 3);
  PARENTS.set(cell, [20 + site, 30 + Math.floor(site / 2), 40]);
}
for (let site = 0; site < 4; site++) PARENTS.set(20 + site, [30 + Math.floor(site / 2), 40]);
for (const line of [30, 31]) PARENTS.set(line, [40]);

const SIZE = (resource: number): number =>
  resource < 20 ? 1 : resource < 30 ? 3 : resource < 40 ? 6 : 12;
const PRIOR = -9;
const AGAINST = 2.3;
const WINDOW = 1000;

const MODEL: CoverModel = {
  resourceCount: 41,
  ancestorsOf: (resource) => Int32Array.from(PARENTS.get(resource) ?? []),
  isCell: (resource) => resource < 20,
  sizeOf: SIZE,
  priorNats: () => PRIOR,
  windowMs: () => WINDOW,
  contradiction: (resource, neutral) => AGAINST * Math.max(0, SIZE(resource) - neutral),
  isObserved: () => true,
  marginNats: 1,
};

function fail(resource: number, nats = 12, onsetMs = 0, latestMs = onsetMs): Failure {
  return { resource, nats, onsetMs, latestMs };
}

function causes(failures: readonly Failure[]): number[] {
  return coverFailures(failures, MODEL).groups.map(({ cause }) => cause);
}

describe('coverFailures', () => {
  it('takes the most specific cause that explains all', () => {
    expect(causes([fail(0)])).toEqual([0]);
    expect(causes([fail(0), fail(1), fail(2)])).toEqual([20]);
    expect(causes([0, 1, 2, 3, 4, 5].map((cell) => fail(cell)))).toEqual([30]);
    expect(causes(Array.from({ length: 12 }, (_, cell) => fail(cell)))).toEqual([40]);
  });

  it('keeps unrelated failures apart that a large cause could explain at once', () => {
    expect(causes([0, 1, 2, 9, 10, 11].map((cell) => fail(cell)))).toEqual([20, 23]);
  });

  it('finds nothing where there is too little evidence, and one cause where it adds up', () => {
    expect(causes([fail(0, 5)])).toEqual([]);
    expect(causes([fail(0, 5), fail(1, 5), fail(2, 5)])).toEqual([20]);
  });

  it('counts neutral objects neither for nor against', () => {
    expect(causes([fail(0), fail(1, 0), fail(2, 0)])).toEqual([0]);
    const five = [0, 1, 2, 3, 4].map((cell) => fail(cell));
    expect(causes([...five, fail(5, 0)])).toEqual([30]);
  });

  it('does not join what is farther apart than the window', () => {
    const early = [0, 1, 2].map((cell) => fail(cell));
    const late = [3, 4, 5].map((cell) => fail(cell, 12, WINDOW + 1));
    expect(causes([...early, ...late])).toEqual([20, 21]);
  });

  it('joins what may have begun within the window, as far as counters can say', () => {
    const early = [0, 1, 2].map((cell) => fail(cell, 12, 0, 3 * WINDOW));
    const late = [3, 4, 5].map((cell) => fail(cell, 12, 3 * WINDOW));
    expect(causes([...early, ...late])).toEqual([30]);
  });

  it('takes failed objects that are no cells', () => {
    expect(causes([fail(20, 17)])).toEqual([20]);
    expect(causes([fail(20, 17), fail(23, 17)])).toEqual([20, 23]);
    expect(causes([fail(30, 14), ...[0, 1, 2, 3, 4, 5].map((cell) => fail(cell))])).toEqual([30]);
  });

  it('is empty without failures', () => {
    expect(coverFailures([], MODEL).groups).toEqual([]);
  });

  const some = fc.uniqueArray(fc.nat(11), { maxLength: 12 });

  it('explains each failure at most once and never by what it does not depend on', () => {
    fc.assert(
      fc.property(some, (cells) => {
        const failures = cells.sort((a, b) => a - b).map((cell) => fail(cell));
        const { groups } = coverFailures(failures, MODEL);
        const members = groups.flatMap((group) => [...group.members]);
        expect(new Set(members).size).toBe(members.length);
        for (const { cause, members: of } of groups) {
          for (const index of of) {
            const { resource } = failures[index] ?? fail(-1);
            expect([resource, ...(PARENTS.get(resource) ?? [])]).toContain(cause);
          }
        }
      }),
      { seed: 7 },
    );
  });

  it('is as good as the best of all explanations by a search through them', () => {
    fc.assert(
      fc.property(some, (cells) => {
        const failures = cells.sort((a, b) => a - b).map((cell) => fail(cell));
        const total = (groups: readonly Group[]): number =>
          groups.reduce((sum, { gain }) => sum + gain, 0);
        const found = total(coverFailures(failures, MODEL).groups);
        expect(found).toBeGreaterThanOrEqual(bestOf(cells, 40) - 3 * MODEL.marginNats);
      }),
      { seed: 11 },
    );
  });
});

/** Best explanation of the failed cells under a resource: by itself, or by what is below it. */
function bestOf(cells: readonly number[], resource: number): number {
  const under = cells.filter(
    (cell) => cell === resource || (PARENTS.get(cell) ?? []).includes(resource),
  );
  if (under.length === 0) return 0;
  const self = 12 * under.length + PRIOR - AGAINST * (SIZE(resource) - under.length);
  if (resource < 20) return Math.max(0, self);
  const below = [...PARENTS].filter(([, [parent]]) => parent === resource).map(([each]) => each);
  const apart = below.reduce((sum, each) => sum + bestOf(cells, each), 0);
  return Math.max(self, apart, 0);
}
