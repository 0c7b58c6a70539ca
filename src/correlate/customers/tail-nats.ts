import { logGamma } from '../repair/log-gamma.js';

/** A term this much smaller than the sum so far no longer matters. */
const NEGLIGIBLE = 1e-12;
/** Beyond a mean of this size terms are many and the distribution is smooth. */
const MANY = 20_000;

/**
 * How improbable so many or more are, `-ln P(Y >= count)` in nats, where Y is negative binomial with
 * that mean and variance `mean + dispersion * mean²` (Hilbe, Negative Binomial Regression, 2011,
 * section 8.2: NB2). Summed from the tail, so that it is exact where it is small. 0 up to the mean.
 * @param count rounded to a whole number
 * @param dispersion above 0
 */
export function tailNats(count: number, mean: number, dispersion: number): number {
  const from = Math.round(count);
  if (from <= mean || mean <= 0) return 0;
  if (mean > MANY) return normalTailNats(from, mean, dispersion);
  const size = 1 / dispersion;
  const success = mean / (mean + size);
  const first =
    logGamma(from + size) -
    logGamma(size) -
    logGamma(from + 1) +
    size * Math.log(size / (mean + size)) +
    from * Math.log(success);
  let term = 1;
  let sum = 1;
  for (let k = from; term > NEGLIGIBLE * sum; k++) {
    term *= ((k + size) / (k + 1)) * success;
    sum += term;
  }
  return Math.max(0, -(first + Math.log(sum)));
}

/** Mills' ratio bound of the normal tail (Feller I, VII.1, lemma 2), within half a nat from 2 sigma on. */
function normalTailNats(count: number, mean: number, dispersion: number): number {
  const z = (count - mean) / Math.sqrt(mean + dispersion * mean * mean);
  return z < 1 ? 0 : z ** 2 / 2 + Math.log(z * Math.sqrt(2 * Math.PI));
}
