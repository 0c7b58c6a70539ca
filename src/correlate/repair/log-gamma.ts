/** From here on the series is exact to 12 digits. */
const LARGE = 8;

/**
 * Natural logarithm of the gamma function, absolute error below 1e-9: Stirling's series (Abramowitz
 * and Stegun 6.1.41), smaller arguments by recurrence (6.1.15).
 * @param x above 0
 */
export function logGamma(x: number): number {
  let product = 1;
  let large = x;
  while (large < LARGE) product *= large++;
  const inverse = 1 / large;
  const square = inverse * inverse;
  const tail = inverse * (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square / 1680)));
  const main = (large - 0.5) * Math.log(large) - large + 0.5 * Math.log(2 * Math.PI);
  return main + tail - Math.log(product);
}
