import type { WhereaboutsRules } from './whereabouts-rules.js';

/**
 * Learns where somebody usually is in one part of the week from one day's sightings: what was known
 * counts less by the half-life, the day's shares of the hours in which they were seen make up for it.
 * The first time the declared place stands for what is known and counts as much as the day. Days are
 * given in order; days without sightings change nothing.
 *
 * @param known weights by cell as they stand, sum 1; empty when nothing is learnt yet
 * @param hours distinct hours of the day's part in which they were seen, by cell
 * @param declared shares of the declared place's cells, sum at most 1; empty when none is known
 * @returns the new weights by cell, sum 1; those below `minWeight` are forgotten
 */
export function learnDay<Cell>(
  known: ReadonlyMap<Cell, number>,
  hours: ReadonlyMap<Cell, number>,
  declared: ReadonlyMap<Cell, number>,
  { halfLifeDays, minWeight }: WhereaboutsRules,
): Map<Cell, number> {
  const total = [...hours.values()].reduce((sum, count) => sum + count, 0);
  if (total <= 0) return new Map(known);
  const isFirst = known.size === 0;
  const keep = isFirst ? 0.5 : 0.5 ** (1 / halfLifeDays);
  const learnt = new Map<Cell, number>();
  for (const [cell, weight] of isFirst ? declared : known) learnt.set(cell, weight * keep);
  for (const [cell, count] of hours) {
    learnt.set(cell, (learnt.get(cell) ?? 0) + ((1 - keep) * count) / total);
  }
  for (const [cell, weight] of learnt) if (weight < minWeight) learnt.delete(cell);
  return summingToOne(learnt);
}

function summingToOne<Cell>(weights: ReadonlyMap<Cell, number>): Map<Cell, number> {
  const total = [...weights.values()].reduce((sum, weight) => sum + weight, 0);
  return new Map([...weights].map(([cell, weight]) => [cell, weight / total]));
}
