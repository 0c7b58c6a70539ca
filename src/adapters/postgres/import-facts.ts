import type { Fact } from '../../domain/facts.js';

const FACT_ITEMS = 2000;

/** What an import tells the decisions, in facts of a size that the journal takes well. */
export function factsOf<Item>(
  items: readonly Item[],
  toFact: (part: readonly Item[]) => Fact,
): Fact[] {
  const facts: Fact[] = [];
  for (let from = 0; from < items.length; from += FACT_ITEMS)
    facts.push(toFact(items.slice(from, from + FACT_ITEMS)));
  return facts;
}
