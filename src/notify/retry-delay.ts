/**
 * How long a message waits before its next attempt: doubling from one second to five minutes, of
 * which a random half, so that a thousand refused together do not come back together.
 * @param refusals how often it was refused so far, at least 1
 * @param chance in [0,1), the draw
 */
export function retryDelayMs(refusals: number, chance: number): number {
  const ceiling = Math.min(300_000, 1000 * 2 ** Math.min(20, Math.max(0, refusals - 1)));
  return ceiling / 2 + (ceiling / 2) * chance;
}
