import type { DeadLetter } from '../../domain/facts.js';
import type { Condition } from '../loop.js';
import type { DetectEvents } from './ports.js';
import { COUNTED } from './tick-writer.js';

export interface DecisionConditionOptions {
  readonly events: Pick<DetectEvents, 'behind'>;
  readonly shards: () => readonly string[];
  /** network time, epoch ms */
  readonly now: () => number;
  /** how old, in network time, the oldest undecided tick may be before it is said */
  readonly lagMs: number;
}

/** Something left out is shown for so long, in network time. */
const SHOWN_MS = 3_600_000;
const MOST_NAMED = 3;

/** What staff should know of the decisions although they work: that they lag, what was left out. */
export class DecisionCondition {
  readonly #options: DecisionConditionOptions;
  #lag: Condition | undefined;
  #leftOut: Condition | undefined;
  #leftOutMs = Number.NEGATIVE_INFINITY;

  constructor(options: DecisionConditionOptions) {
    this.#options = options;
  }

  now(): Condition | undefined {
    return this.#lag ?? this.#leftOut;
  }

  /**
   * Looks at how far behind decisions are.
   * @param nextTickMs the oldest tick not yet decided, undefined when there is none
   * @param watermarkMs up to which all shards have handed over
   */
  async look(nextTickMs: number | undefined, watermarkMs: number): Promise<void> {
    const { events, shards, now, lagMs } = this.#options;
    const behindMs = nextTickMs === undefined ? 0 : now() - nextTickMs;
    if (nextTickMs === undefined || behindMs <= lagMs) this.#lag = undefined;
    else {
      const waits = nextTickMs > watermarkMs ? await events.behind(shards(), nextTickMs) : [];
      const detail = `${Math.round(behindMs / 1000)} s of network time behind${waitingFor(waits)}`;
      this.#lag = { detail, reason: 'behind' };
    }
  }

  /** A tick is durable without these. */
  wrote(all: readonly DeadLetter[], nowMs: number): void {
    const letters = all.filter(({ reason }) => reason !== COUNTED);
    const [first] = letters;
    if (first) {
      this.#leftOutMs = nowMs;
      const detail = `${letters.length} could not be stored and became dead letters; the first, of ${first.feed}: ${first.detail}`;
      this.#leftOut = { detail, reason: 'input that cannot be stored' };
    } else if (nowMs - this.#leftOutMs >= SHOWN_MS) this.#leftOut = undefined;
  }
}

function waitingFor(shards: readonly string[]): string {
  if (shards.length === 0) return '';
  const named = shards.slice(0, MOST_NAMED).join(', ');
  const more = shards.length > MOST_NAMED ? ` and ${shards.length - MOST_NAMED} more` : '';
  return `, waits for ${named}${more}`;
}
