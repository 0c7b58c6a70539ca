const Z95 = 1.959963984540054;

/**
 * Wilson's score interval for a share (Wilson, JASA 22 (1927)); [0,1] when nothing was tried.
 * @param z standard normal quantile of the wanted coverage
 */
export function wilson(successes: number, tries: number, z = Z95): [number, number] {
  if (tries === 0) return [0, 1];
  const share = successes / tries;
  const wide = 1 + z ** 2 / tries;
  const middle = share + z ** 2 / (2 * tries);
  const half = z * Math.sqrt((share * (1 - share)) / tries + z ** 2 / (4 * tries ** 2));
  return [Math.max(0, (middle - half) / wide), Math.min(1, (middle + half) / wide)];
}
