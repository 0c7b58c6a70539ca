// Entry of the thread that compares courses of action, so that it holds up no request.
import { parentPort } from 'node:worker_threads';
import type { WhatIfQuestion } from './what-if-answer.js';
import { outcomeOf } from './what-if-thread.js';

/** What the thread is asked: a comparison, under a number of the asker's. */
interface NumberedQuestion {
  readonly id: number;
  readonly question: WhatIfQuestion;
}

parentPort?.on('message', ({ id, question }: NumberedQuestion) => {
  parentPort?.postMessage({ id, answer: outcomeOf(question) });
});
