import { describe, expect, it } from 'vitest';
import { logGamma } from '../../../src/correlate/repair/log-gamma.js';
import { fitStrength, shrunk } from '../../../src/correlate/repair/shrinkage.js';

describe('shrinkage', () => {
  it('draws levels together that differ by chance only, and leaves those that truly differ', () => {
    const expected = Float64Array.from({ length: 12 }, () => 50);
    const alike = { ends: Float64Array.from({ length: 12 }, (_, i) => 50 + (i % 3) - 1), expected };
    const apart = {
      ends: Float64Array.from({ length: 12 }, (_, i) => (i % 2 ? 120 : 12)),
      expected,
    };
    expect(fitStrength(alike)).toBeGreaterThan(1000);
    expect(fitStrength(apart)).toBeLessThan(8);
  });

  it('leaves half of the deviation to a level with as many expected ends as the strength', () => {
    expect(shrunk(30, 10, 10)).toBeCloseTo(2, 12);
    expect(shrunk(0, 0, 5)).toBe(1);
  });

  it('knows the logarithm of the gamma function', () => {
    expect(logGamma(1)).toBeCloseTo(0, 9);
    expect(logGamma(0.5)).toBeCloseTo(Math.log(Math.sqrt(Math.PI)), 9);
    expect(logGamma(11)).toBeCloseTo(Math.log(3_628_800), 9);
    expect(logGamma(150)).toBeCloseTo(600.009_470_555_3, 6);
  });
});
