/**
 * Leaves out counts that are too small to be told, and so many of the next smallest that none of those
 * left out can be worked out from the total and the rest (complementary suppression: Hundepool et al.,
 * Statistical Disclosure Control, 2012, section 4.2). Zeros are told: they are nobody.
 * @param counts whole numbers, at least 0, of groups that do not overlap
 * @param fewest smallest count that may be told
 * @returns by the same keys; null: left out
 */
export function suppressSmall(
  counts: Readonly<Record<string, number>>,
  fewest: number,
): Record<string, number | null> {
  const told: Record<string, number | null> = { ...counts };
  const rising = Object.entries(counts)
    .filter(([, count]) => count > 0)
    .sort((a, b) => a[1] - b[1] || (a[0] < b[0] ? -1 : 1));
  let hidden = 0;
  let people = 0;
  for (const [key, count] of rising) {
    const isEnough = hidden === 0 || (hidden > 1 && people >= fewest);
    if (count >= fewest && isEnough) break;
    told[key] = null;
    hidden += 1;
    people += count;
  }
  return told;
}

/** One count alone; null: too small. */
export function tellable(count: number, fewest: number): number | null {
  return count > 0 && count < fewest ? null : count;
}
