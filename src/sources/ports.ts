import type { DeadLetter, Fact, SourcePosition } from '../domain/facts.js';

/** Where sources put what they read. */
export interface Intake {
  /**
   * Makes facts durable, in order, in one transaction with the source's new position.
   * @throws TocsinError `unavailable.postgres` or `overloaded`, retryable: nothing was stored
   */
  accept(facts: readonly Fact[], position?: SourcePosition): Promise<void>;
  /** @returns what was stored with the last accepted batch of this source, or undefined */
  position(source: string): Promise<unknown>;
}

/** Where unreadable input goes. Never throws and never blocks: beyond its bound it only counts. */
export interface DeadLetters {
  record(letter: DeadLetter): void;
}

/** What other systems call our objects. */
export interface AliasResolver {
  /** changes whenever an answer may; absent: answers are never to be remembered */
  readonly version?: number;
  /** @returns the inventory id valid at that time, or undefined when the alias is unknown */
  resolve(system: string, alias: string, atMs: number): string | undefined;
  /** Whether the inventory has this object now; true for everything while it is empty. */
  isKnown(objectType: 'cell' | 'site' | 'link' | 'function', objectId: string): boolean;
}
