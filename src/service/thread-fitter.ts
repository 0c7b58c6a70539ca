import type { Logger } from 'pino';
import { fitShapes } from '../detect/shapes/fit-shapes.js';
import type { ShapeFitter } from '../detect/shapes/ports.js';
import type { ShapeFit, ShapeFitResult, ShapeSample } from '../detect/shapes/shape-model.js';
import { WorkerTasks } from './worker-tasks.js';

/** Works shapes out in a thread of its own, one fit after the other, or here when that breaks. */
export class ThreadFitter implements ShapeFitter {
  readonly #tasks: WorkerTasks<ShapeSample, ShapeFitResult>;

  constructor(log: Logger) {
    this.#tasks = new WorkerTasks({
      file: 'shape-worker',
      does: 'fits shapes',
      here: fitShapes,
      log,
    });
  }

  begin(sample: ShapeSample): ShapeFit {
    let result: ShapeFitResult | undefined;
    const settled = this.#tasks.ask(sample).then((fitted) => {
      result = fitted;
    });
    return {
      get result() {
        return result;
      },
      settled,
    };
  }

  /** Ends the thread; fits that were not waited for are begun again from a checkpoint. */
  close(): Promise<void> {
    return this.#tasks.close();
  }
}
