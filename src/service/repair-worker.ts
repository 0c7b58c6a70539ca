// Entry of the thread that learns times to repair, so that it holds up no decision.
import { parentPort } from 'node:worker_threads';
import { fitSample, type RepairSample } from '../correlate/repair/ports.js';

/** What the thread is asked: a sample, under a number of the asker's. */
export interface RepairQuestion {
  readonly id: number;
  readonly question: RepairSample;
}

parentPort?.on('message', ({ id, question }: RepairQuestion) => {
  parentPort?.postMessage({ id, answer: fitSample(question) });
});
