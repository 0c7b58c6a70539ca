// Entry of the thread that learns ordinary call patterns, so that it holds up no decision.
import { parentPort } from 'node:worker_threads';
import { fitPattern, type PatternSample } from '../forecast/ordinary/ports.js';

/** What the thread is asked: a sample, under a number of the asker's. */
interface PatternQuestion {
  readonly id: number;
  readonly question: PatternSample;
}

parentPort?.on('message', ({ id, question }: PatternQuestion) => {
  parentPort?.postMessage({ id, answer: fitPattern(question) });
});
