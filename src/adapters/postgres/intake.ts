import { TocsinError } from '../../domain/errors.js';
import type { Fact, SourcePosition } from '../../domain/facts.js';
import type { Journal } from '../../runtime/ports.js';
import type { Intake } from '../../sources/ports.js';
import { isRetryable } from './pool.js';
import { routeFacts } from './route-facts.js';

/** Settings of the intake. */
export interface IntakeOptions {
  /** telemetry streams, at least 1; fixed for the life of a deployment */
  readonly shards: number;
  /**
   * Bytes that may wait for the database (default 64 MB); beyond it `accept` throws `overloaded`.
   * Raising it rides out longer bursts and costs that much memory. A lone batch always passes.
   */
  readonly maxQueuedBytes?: number;
  /** whether sightings of people may be kept; default true, else they are dropped unread */
  readonly keepsSightings?: boolean;
}

interface Waiting {
  readonly facts: readonly Fact[];
  readonly position: SourcePosition | undefined;
  readonly bytes: number;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

/** A journal that also keeps source positions. */
export interface PositionedJournal extends Journal {
  position(source: string): Promise<unknown>;
}

/**
 * Journals facts. Whatever is handed in while a transaction runs goes into the next one together,
 * so that many small pushes cost few commits; facts keep the order in which they were handed in.
 */
export class JournalIntake implements Intake {
  readonly #journal: PositionedJournal;
  readonly #shards: number;
  readonly #maxBytes: number;
  readonly #keepsSightings: boolean;
  #waiting: Waiting[] = [];
  #queuedBytes = 0;
  #flushing: Promise<void> | undefined;

  constructor(journal: PositionedJournal, options: IntakeOptions) {
    this.#journal = journal;
    this.#shards = options.shards;
    this.#keepsSightings = options.keepsSightings ?? true;
    this.#maxBytes = options.maxQueuedBytes ?? 64 * 1024 * 1024;
  }

  /** Bytes handed in and not yet durable, as estimated. */
  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  accept(facts: readonly Fact[], position?: SourcePosition): Promise<void> {
    const bytes = facts.reduce((sum, fact) => sum + estimate(fact), 0);
    if (this.#queuedBytes > 0 && this.#queuedBytes + bytes > this.#maxBytes) {
      const text = `the database is slower than the input: ${this.#queuedBytes} bytes wait, allowed: ${this.#maxBytes}`;
      return Promise.reject(new TocsinError('overloaded', text));
    }
    this.#queuedBytes += bytes;
    return new Promise((done, failed) => {
      this.#waiting.push({ facts, position, bytes, done, failed });
      this.#flushing ??= this.#flush();
    });
  }

  position(source: string): Promise<unknown> {
    return this.#journal.position(source);
  }

  /** Resolves when everything handed in so far is durable or refused. */
  async drain(): Promise<void> {
    await this.#flushing;
  }

  async #flush(): Promise<void> {
    // a turn of the event loop gathers what arrives together
    await new Promise(setImmediate);
    while (this.#waiting.length > 0) {
      const group = this.#waiting;
      this.#waiting = [];
      await this.#store(group);
      for (const { bytes } of group) this.#queuedBytes -= bytes;
    }
    this.#flushing = undefined;
  }

  async #store(group: readonly Waiting[]): Promise<void> {
    try {
      await this.#write(group);
      for (const each of group) each.done();
    } catch (error) {
      // one caller's unstorable batch must not take the others down with it
      if (group.length > 1 && !isRetryable(error)) {
        for (const each of group) await this.#store([each]);
      } else for (const each of group) each.failed(error);
    }
  }

  async #write(group: readonly Waiting[]): Promise<void> {
    const facts = group
      .flatMap((each) => each.facts)
      .filter(({ kind }) => this.#keepsSightings || kind !== 'presence');
    const positions = group.flatMap(({ position }) => (position === undefined ? [] : [position]));
    await this.#journal.appendAll(routeFacts(facts, this.#shards), newest(positions));
  }
}

/** The last position of each source, sources in order so that writers cannot wait for each other. */
function newest(positions: readonly SourcePosition[]): SourcePosition[] {
  const bySource = new Map(positions.map((each) => [each.source, each]));
  return [...bySource.values()].sort((a, b) => (a.source < b.source ? -1 : 1));
}

function estimate(fact: Fact): number {
  if (fact.kind === 'tick') return 16;
  if (fact.kind === 'reports') return fact.block.rows * (48 + 16 * fact.block.kpis.length);
  return fact.items.length * 300;
}
