import { fitShapes } from './fit-shapes.js';
import type { ShapeFitter } from './ports.js';

/** Fits at once, in the caller's thread: for replay, simulation and tests. */
export const inlineFitter: ShapeFitter = {
  begin: (sample) => ({ result: fitShapes(sample), settled: Promise.resolve() }),
};
