// Entry of the thread that works shapes out, so that a fit holds up no report.
import { parentPort } from 'node:worker_threads';
import { fitShapes } from '../detect/shapes/fit-shapes.js';
import type { ShapeSample } from '../detect/shapes/shape-model.js';

/** What the thread is asked: a sample, under a number of the asker's. */
export interface ShapeQuestion {
  readonly id: number;
  readonly question: ShapeSample;
}

parentPort?.on('message', ({ id, question }: ShapeQuestion) => {
  parentPort?.postMessage({ id, answer: fitShapes(question) });
});
