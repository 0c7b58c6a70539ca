/**
 * Anscombe's transform (Biometrika 1948): makes counts of any size equally variable, a Poisson count by
 * a standard deviation of 1/2.
 * @param calls 0 or more
 */
export function stabilise(calls: number): number {
  return Math.sqrt(calls + 0.375);
}

/** Back from `stabilise`; never below 0. */
export function destabilise(value: number): number {
  return Math.max(0, Math.max(0, value) ** 2 - 0.375);
}
