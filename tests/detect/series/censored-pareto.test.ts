import { describe, expect, it } from 'vitest';
import { type Excesses, fitCensoredPareto } from '../../../src/detect/series/censored-pareto.js';

/** Even quantiles of a generalised Pareto distribution. */
function quantiles(n: number, shape: number, scale: number): number[] {
  return Array.from({ length: n }, (_, i) => {
    const nats = -Math.log(1 - (i + 0.5) / n);
    return (scale * Math.expm1(shape * nats)) / shape;
  });
}

const once = (sizes: readonly number[]): Excesses => ({ sizes, counts: sizes.map(() => 1) });

describe('fitCensoredPareto', () => {
  it('finds shape and scale of a long sample without its greatest fifth', () => {
    for (const shape of [0.06, 0.2, 0.34]) {
      const found = fitCensoredPareto(once(quantiles(20_000, shape, 1.5)));
      expect(found.shape).toBeCloseTo(shape, 1);
      expect(Math.abs(found.scale - 1.5)).toBeLessThan(0.06);
    }
  });

  it('is not led by anomalies, however far out', () => {
    const healthy = quantiles(300, 0.05, 0.5);
    const before = fitCensoredPareto(once(healthy));
    const near = fitCensoredPareto(
      once([...healthy, ...quantiles(30, 0.05, 5).map((x) => x + 10)]),
    );
    const far = fitCensoredPareto(
      once([...healthy, ...quantiles(30, 0.05, 5).map((x) => x + 1e6)]),
    );
    expect(far).toEqual(near);
    expect(far.shape).toBeLessThan(before.shape + 0.15);
    expect(far.scale).toBeLessThan(before.scale * 1.25);
  });

  it('counts a size as often as it came', () => {
    const sizes = quantiles(60, 0.1, 1);
    const thrice = { sizes, counts: sizes.map(() => 3) };
    const spelt = once(sizes.flatMap((size) => [size, size, size]));
    expect(fitCensoredPareto(thrice).shape).toBe(fitCensoredPareto(spelt).shape);
    expect(fitCensoredPareto(thrice).scale).toBeCloseTo(fitCensoredPareto(spelt).scale, 9);
  });

  it('believes the prior where there is nothing', () => {
    const { shape, scale } = fitCensoredPareto(once([]));
    expect(shape).toBeCloseTo(0.1, 2);
    expect(scale).toBeCloseTo(0.8, 2);
  });
});
