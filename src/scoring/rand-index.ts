/** Number of unordered pairs among `n` items. */
function pairs(n: number): number {
  return (n * (n - 1)) / 2;
}

/**
 * Adjusted Rand index of two labellings of the same items (Hubert & Arabie 1985, equation 5): 1 when
 * they group alike, about 0 when they agree only by chance, below 0 when less than that. Where the
 * index is undefined (both put every item alone, or all together, or there is at most one item) the
 * labellings agree and it is 1.
 *
 * @param truth label of each item
 * @param found label of the same items in the same order
 */
export function adjustedRandIndex(truth: readonly string[], found: readonly string[]): number {
  const cells = new Map<string, number>();
  const rows = new Map<string, number>();
  const columns = new Map<string, number>();
  const add = (counts: Map<string, number>, label: string): void => {
    counts.set(label, (counts.get(label) ?? 0) + 1);
  };
  truth.forEach((label, i) => {
    const other = found[i] ?? '';
    add(rows, label);
    add(columns, other);
    add(cells, JSON.stringify([label, other]));
  });
  const sum = (counts: ReadonlyMap<string, number>): number =>
    [...counts.values()].reduce((total, n) => total + pairs(n), 0);
  const together = sum(cells);
  const inTruth = sum(rows);
  const inFound = sum(columns);
  const all = pairs(truth.length);
  if (all === 0) return 1;
  const expected = (inTruth * inFound) / all;
  const most = (inTruth + inFound) / 2;
  return most === expected ? 1 : (together - expected) / (most - expected);
}
