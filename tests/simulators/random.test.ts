import { describe, expect, it } from 'vitest';
import { Random } from '../../simulators/random.js';

const DRAWS = 40_000;

function moments(draw: () => number): { mean: number; variance: number } {
  const drawn = Array.from({ length: DRAWS }, draw);
  const mean = drawn.reduce((sum, x) => sum + x, 0) / DRAWS;
  const variance = drawn.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (DRAWS - 1);
  return { mean, variance };
}

describe('seeded random numbers', () => {
  it('gives the same numbers for a seed and purpose, others for another', () => {
    const draw = (seed: number, purpose: string): number[] => {
      const random = new Random(seed, purpose);
      return Array.from({ length: 8 }, () => random.next());
    };
    expect(draw(1, 'a')).toEqual(draw(1, 'a'));
    expect(draw(1, 'a')).not.toEqual(draw(1, 'b'));
    expect(draw(1, 'a')).not.toEqual(draw(2, 'a'));
  });

  it('is uniform with mean one half and variance one twelfth', () => {
    const random = new Random(3, 'uniform');
    const { mean, variance } = moments(() => random.next());
    expect(mean).toBeCloseTo(0.5, 2);
    expect(variance).toBeCloseTo(1 / 12, 2);
  });

  it.each([
    ['normal', (r: Random) => r.normal(), 0, 1],
    ['exponential', (r: Random) => r.exponential(3), 3, 9],
    ['gamma of shape 4', (r: Random) => r.gamma(4, 2), 2, 1],
    ['gamma of shape one half', (r: Random) => r.gamma(0.5, 2), 2, 8],
    ['Poisson of a small mean', (r: Random) => r.poisson(3), 3, 3],
    ['Poisson of a large mean', (r: Random) => r.poisson(400), 400, 400],
    ['negative binomial', (r: Random) => r.negativeBinomial(20, 10), 20, 60],
    ['binomial of few trials', (r: Random) => r.binomial(10, 0.3), 3, 2.1],
    ['binomial of rare success', (r: Random) => r.binomial(2_000, 0.002), 4, 4],
    ['binomial of frequent success', (r: Random) => r.binomial(800, 0.9), 720, 72],
  ] as const)('%s has the mean and variance it should have', (name, draw, mean, variance) => {
    const random = new Random(11, name);
    const found = moments(() => draw(random));
    expect(Math.abs(found.mean - mean)).toBeLessThan(5 * Math.sqrt(variance / DRAWS) + 1e-9);
    expect(found.variance / variance).toBeGreaterThan(0.93);
    expect(found.variance / variance).toBeLessThan(1.07);
  });
});
