import { describe, expect, it } from 'vitest';
import { poissonInterval } from '../../../../../src/commands/bench/accuracy/false-rate/poisson-interval.js';

describe('interval of a Poisson mean', () => {
  // Garwood's table as reprinted in Johnson, Kotz & Kemp, Univariate Discrete Distributions, 95 %.
  it.each([
    [0, 0, 3.689],
    [1, 0.0253, 5.572],
    [5, 1.623, 11.668],
    [10, 4.795, 18.39],
    [50, 37.11, 65.92],
  ])('has the published ends for a count of %i', (count, lo, hi) => {
    const found = poissonInterval(count);
    expect(found.lo).toBeCloseTo(lo, 2);
    expect(found.hi).toBeCloseTo(hi, 2);
  });

  it('grows with the level and stays finite for thousands', () => {
    const narrow = poissonInterval(4000, 0.5);
    const wide = poissonInterval(4000, 0.99);
    expect(wide.lo).toBeLessThan(narrow.lo);
    expect(wide.hi).toBeGreaterThan(narrow.hi);
    expect(wide.hi).toBeLessThan(4200);
  });
});
