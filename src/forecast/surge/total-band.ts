import { probit } from 'simple-statistics';
import { LEVELS } from '../ordinary/levels.js';

const Z = LEVELS.map((level) => probit(level));

/** Quantile keys of a forecast, in order of `LEVELS`. */
export const LEVEL_KEYS: readonly string[] = LEVELS.map(String);

/**
 * Quantiles of ordinary calls plus a surge of a given mean and variance. The surge is taken as a
 * gamma distribution (Wilson & Hilferty's approximation, PNAS 1931); distances of both from their
 * centres are added as variances are, with their signs, which is exact for normal distributions and
 * where either is alone, keeps skewness, and never lets the band cross itself.
 *
 * @param ordinary quantiles at `LEVELS`, never falling
 * @returns quantiles at `LEVELS`, never falling, never below 0
 */
export function totalBand(
  ordinary: { readonly median: number; readonly quantiles: readonly number[] },
  surge: { readonly mean: number; readonly variance: number },
): number[] {
  if (surge.mean <= 0) return LEVELS.map((_, k) => ordinary.quantiles[k] ?? 0);
  const shape = surge.mean ** 2 / Math.max(surge.variance, 1e-9);
  const centre = ordinary.median + surge.mean;
  let floor = 0;
  return Z.map((z, k) => {
    const root = Math.max(0, 1 - 1 / (9 * shape) + z / (3 * Math.sqrt(shape)));
    const bySurge = surge.mean * (root ** 3 - 1);
    const byOrdinary = (ordinary.quantiles[k] ?? 0) - ordinary.median;
    const square = bySurge * Math.abs(bySurge) + byOrdinary * Math.abs(byOrdinary);
    floor = Math.max(floor, centre + Math.sign(square) * Math.sqrt(Math.abs(square)));
    return floor;
  });
}
