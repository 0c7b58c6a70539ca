import type { DispatchDecision } from './decide-dispatch.js';
import type { DispatchFacts } from './dispatch-facts.js';

/** A message that could leave, with what ties it to others of the same batch. */
export interface Candidate {
  readonly facts: DispatchFacts;
  /** of the number, keyed */
  readonly phoneKey: string;
  /** the lineage it counts for after merges */
  readonly rootLineage: string;
  readonly revision: number;
}

/** What was decided about a candidate. */
export interface BatchVerdict<Row extends Candidate> {
  readonly row: Row;
  readonly decision: DispatchDecision;
}

/**
 * Decides about messages one after the other, each as if those before it had left already: a number
 * gets one of a kind, caps and budgets hold within a batch as between batches. Once `maxSegments` are
 * used up, what would leave is left over and stays as it is.
 * @param rows most urgent first
 */
export function decideBatch<Row extends Candidate>(
  rows: readonly Row[],
  maxSegments: number,
  decide: (facts: DispatchFacts) => DispatchDecision,
): BatchVerdict<Row>[] {
  const verdicts: BatchVerdict<Row>[] = [];
  const batch = new Leaving();
  for (const row of rows) {
    const decision = decide(batch.factsAfter(row));
    if (decision.action === 'send') {
      if (batch.segments >= maxSegments) continue;
      batch.leaves(row, decision.sms.size.segments);
    }
    verdicts.push({ row, decision });
  }
  return verdicts;
}

/** What of a batch leaves, so far. */
class Leaving {
  segments = 0;
  readonly #said = new Set<string>();
  readonly #texts = new Map<string, number>();
  readonly #segmentsOf = new Map<string, number>();

  factsAfter(row: Candidate): DispatchFacts {
    const { facts, phoneKey } = row;
    const texts = this.#texts.get(phoneKey) ?? 0;
    return {
      ...facts,
      isRepeat: facts.isRepeat || this.#said.has(saidBy(row)),
      textsToday: facts.textsToday + texts,
      textsThisWeek: facts.textsThisWeek + texts,
      segmentsOfIncident: facts.segmentsOfIncident + this.#spent(spentBy(row)),
      segmentsOfMonth: facts.segmentsOfMonth + this.#spent(facts.channel),
    };
  }

  leaves(row: Candidate, segments: number): void {
    const { facts, phoneKey } = row;
    this.segments += segments;
    this.#said.add(saidBy(row));
    for (const key of [spentBy(row), facts.channel]) {
      this.#segmentsOf.set(key, this.#spent(key) + segments);
    }
    if (facts.kind !== 'restored') this.#texts.set(phoneKey, (this.#texts.get(phoneKey) ?? 0) + 1);
  }

  #spent(key: string): number {
    return this.#segmentsOf.get(key) ?? 0;
  }
}

/** Budgets are a channel's own. */
function spentBy({ rootLineage, facts }: Candidate): string {
  return `${rootLineage} ${facts.channel}`;
}

function saidBy({ phoneKey, rootLineage, facts, revision }: Candidate): string {
  return `${phoneKey} ${rootLineage} ${facts.kind} ${revision}`;
}
