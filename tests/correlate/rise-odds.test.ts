import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countedRise, fewRisenNats, Rest, toldShare } from '../../src/correlate/rise-odds.js';

function atLeast(k: number, n: number, p: number): number {
  let sum = 0;
  let term = (1 - p) ** n;
  for (let i = 0; i <= n; i++) {
    if (i >= k) sum += term;
    term *= ((n - i) / (i + 1)) * (p / (1 - p));
  }
  return sum;
}

const moment = (rises: readonly number[]) => ({
  atMs: 0,
  byCell: new Map(rises.map((z, cell) => [cell, z])),
});

describe('what cells at rest do', () => {
  it('has the mean and variance of a normal deviation that counts from 1 to 3 in a tiny network', () => {
    const rest = new Rest(moment([]), 1);
    expect(rest.mean).toBeCloseTo(0.2, 1);
    expect(rest.variance).toBeCloseTo(0.31, 1);
  });

  it('is what the whole network does where that is large', () => {
    const rest = new Rest(moment(Array.from({ length: 5000 }, () => 2)), 10_000);
    expect(rest.mean).toBeCloseTo(1, 1);
    expect(rest.variance).toBeCloseTo(1, 1);
  });

  it('bounds how improbable a joint rise is, never claiming more than is so', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 20, max: 900 }),
        fc.integer({ min: 3, max: 20 }),
        fc.integer({ min: 3, max: 20 }),
        (told, cells, risen) => {
          const rest = new Rest(moment(Array.from({ length: told * 100 }, () => 3)), 100_000);
          const weights = Array.from({ length: cells }, () => 0.2);
          const k = Math.min(cells, risen);
          const nats = rest.natsOf(weights, 0.2 * 3 * k);
          const exact = -Math.log(atLeast(k, cells, told / 1000));
          expect(nats).toBeLessThanOrEqual(exact + 0.3);
          expect(nats).toBeGreaterThanOrEqual(Math.min(0, exact - 4));
        },
      ),
      { seed: 7, numRuns: 60 },
    );
  });

  it('weighs by overlap: the same rise where little overlaps says less', () => {
    const rest = new Rest(moment([]), 1000);
    const weights = [1, 0.1, 0.1, 0.1, 0.1];
    expect(rest.natsOf(weights, 3 + 0.1)).toBeGreaterThan(rest.natsOf(weights, 0.4 * 3));
  });

  it('finds nothing in a sum that is no more than usual', () => {
    const rest = new Rest(moment([1.5, 1.5]), 4);
    expect(rest.natsOf([1, 1, 1], 0.3)).toBe(0);
    expect(rest.natsOf([], 0)).toBe(0);
  });
});

describe('few that have risen', () => {
  it('are as improbable as the Poisson binomial distribution has it', () => {
    expect(fewRisenNats(new Array(10).fill(0.5), 0)).toBeCloseTo(10 * Math.log(2), 9);
    expect(fewRisenNats([0.2, 0.5, 0.9], 1)).toBeCloseTo(
      -Math.log(0.8 * 0.5 * 0.1 + 0.2 * 0.5 * 0.1 + 0.8 * 0.5 * 0.1 + 0.8 * 0.5 * 0.9),
      9,
    );
    expect(fewRisenNats([0.3, 0.4], 2)).toBeCloseTo(0, 9);
  });

  it('are told from one deviation on', () => {
    expect(toldShare(1)).toBeCloseTo(0.5, 6);
    expect(toldShare(0)).toBeCloseTo(0.158655, 5);
    expect([countedRise(undefined), countedRise(1.5), countedRise(9)]).toEqual([0, 1.5, 3]);
  });
});
