const STEPS = 2048;
const ZERO = 40_960;
const GREATEST = 65_535;
/** residuals count for at most this many standard deviations in the scatter */
const CLIP = 5;

/** e^(k / 64) over the range of stored scatters */
const OCTAVES = Float64Array.from({ length: 2048 }, (_, k) => Math.exp((k * 32 - ZERO) / STEPS));

/** Stores a scatter in 16 bits, in steps of 0.05 %. @returns integer in [1, 65535] */
export function encodeSpread(sd: number): number {
  return bounded(Math.round(Math.log(sd) * STEPS) + ZERO);
}

/** Inverse of `encodeSpread`: a table, and the first terms of e^r within its steps of 1/64. */
export function decodeSpread(code: number): number {
  const r = (code & 31) / STEPS;
  return (OCTAVES[code >>> 5] ?? 1) * (1 + r * (1 + r / 2));
}

/**
 * One step of the variance towards a squared residual, on its logarithm. ln(1 + u) is its Padé
 * approximant, within 1 % for -0.5 <= u <= 1; growth is cut at u = 1.
 * @param q residual in standard deviations, any sign
 * @param rate in (0, 0.5]
 */
export function stepSpread(code: number, q: number, rate: number): number {
  const size = q > CLIP || q < -CLIP ? CLIP : q;
  const u = Math.min(1, rate * (size * size - 1));
  return bounded((code + (STEPS / 2) * ((u * (6 + u)) / (6 + 4 * u)) + 0.5) | 0);
}

function bounded(code: number): number {
  return code < 1 ? 1 : code > GREATEST ? GREATEST : code;
}
