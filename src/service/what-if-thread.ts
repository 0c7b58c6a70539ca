import type { Logger } from 'pino';
import type { WhatIfAnswer } from '../api/ports.js';
import { TocsinError } from '../domain/errors.js';
import { answerWhatIf, type WhatIfQuestion } from './what-if-answer.js';
import { WorkerTasks } from './worker-tasks.js';

/** A planner waits no longer than this. */
const LIMIT_MS = 15_000;
/** More at once would only wait for each other. */
const MOST_ASKED = 6;

/** An answer, or why there can be none. */
export type WhatIfOutcome =
  | { readonly status: 'answered'; readonly answer: WhatIfAnswer }
  | { readonly status: 'refused'; readonly message: string };

/** What a question comes to; a mistake in it is an outcome and breaks no thread. */
export function outcomeOf(question: WhatIfQuestion): WhatIfOutcome {
  try {
    return { status: 'answered', answer: answerWhatIf(question) };
  } catch (error) {
    if (!(error instanceof TocsinError) || error.code !== 'input.payload') throw error;
    return { status: 'refused', message: error.message };
  }
}

/** Compares courses of action in a thread of its own, within a limit of time. */
export class WhatIfThread {
  readonly #tasks: WorkerTasks<WhatIfQuestion, WhatIfOutcome>;
  readonly #limitMs: number;
  #asked = 0;

  constructor(log: Logger, limitMs = LIMIT_MS) {
    const does = 'compares courses of action';
    this.#tasks = new WorkerTasks({ file: 'what-if-worker', does, here: outcomeOf, log });
    this.#limitMs = limitMs;
  }

  /**
   * @throws TocsinError `input.payload` for an incident or a queue that the forecast does not hold;
   *   `overloaded` after the limit, and while too many are being compared
   */
  async ask(question: WhatIfQuestion): Promise<WhatIfAnswer> {
    if (this.#asked >= MOST_ASKED) {
      throw new TocsinError(
        'overloaded',
        `${MOST_ASKED} comparisons are being worked out already: try again in some seconds`,
      );
    }
    this.#asked++;
    const timer = setTimeout(() => this.#cutOff(question), this.#limitMs);
    try {
      const outcome = await this.#tasks.ask(question);
      if (outcome.status === 'refused') throw new TocsinError('input.payload', outcome.message);
      return outcome.answer;
    } finally {
      clearTimeout(timer);
      this.#asked--;
    }
  }

  /** Ends the thread; what it still owes is not answered any more. */
  close(): Promise<void> {
    return this.#tasks.close();
  }

  /** Those that wait behind it go with it: the thread cannot be stopped otherwise. */
  #cutOff({ asked }: WhatIfQuestion): void {
    const { scenarios, hours } = asked;
    const seconds = this.#limitMs / 1000;
    this.#tasks.cutOff(
      new TocsinError(
        'overloaded',
        `comparing ${scenarios.length} courses of action over ${hours} h took more than ${seconds} s and was cut off: ask for fewer at once, or try again when the machine is less busy`,
      ),
    );
  }
}
