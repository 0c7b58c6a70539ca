/** Spread of a Poisson count on the stabilised scale, whatever its mean (Anscombe 1948). */
export const POISSON_SPREAD = 0.5;

/** Anscombe's transform: makes counts of any size equally variable. @param calls 0 or more */
export function stabilise(calls: number): number {
  return Math.sqrt(calls + 0.375);
}

/** Back from `stabilise`; never below 0. */
export function destabilise(value: number): number {
  return Math.max(0, Math.max(0, value) ** 2 - 0.375);
}
