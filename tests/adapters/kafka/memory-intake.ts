import { TocsinError } from '../../../src/domain/errors.js';
import type { DeadLetter, Fact, SourcePosition } from '../../../src/domain/facts.js';
import type { AliasResolver, DeadLetters, Intake } from '../../../src/sources/ports.js';

/** An intake in memory that can be taken away, as Postgres can. */
export class MemoryIntake implements Intake {
  readonly facts: Fact[] = [];
  readonly positions = new Map<string, unknown>();
  isAway = false;
  refusals = 0;
  /** throws for facts that can never be stored */
  refuse: (facts: readonly Fact[]) => void = () => undefined;

  async accept(facts: readonly Fact[], position?: SourcePosition): Promise<void> {
    if (this.isAway) {
      this.refusals++;
      throw new TocsinError('unavailable.postgres', 'Postgres is away');
    }
    this.refuse(facts);
    this.facts.push(...facts);
    if (position) this.positions.set(position.source, position.position);
  }

  async position(source: string): Promise<unknown> {
    if (this.isAway) throw new TocsinError('unavailable.postgres', 'Postgres is away');
    return this.positions.get(source);
  }

  /** Ids of all reports, in order of arrival. */
  get objectIds(): string[] {
    return this.facts.flatMap((fact) => (fact.kind === 'reports' ? fact.block.objectIds : []));
  }
}

export class MemoryDeadLetters implements DeadLetters {
  readonly letters: DeadLetter[] = [];

  record(letter: DeadLetter): void {
    this.letters.push(letter);
  }

  get reasons(): string[] {
    return this.letters.map(({ reason }) => reason).sort();
  }
}

/** Every object is known by its own name. */
export const everythingKnown: AliasResolver = { resolve: () => undefined, isKnown: () => true };
