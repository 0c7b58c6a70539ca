import type { Logger } from 'pino';
import type { PatternFit } from '../forecast/ordinary/pattern-fit.js';
import { fitPattern, type PatternSample } from '../forecast/ordinary/ports.js';
import { WorkerTasks } from './worker-tasks.js';

/** Learns ordinary call patterns in a thread of its own. */
export class PatternThread {
  readonly #tasks: WorkerTasks<PatternSample, PatternFit>;

  constructor(log: Logger) {
    const does = 'learns ordinary call patterns';
    this.#tasks = new WorkerTasks({ file: 'pattern-worker', does, here: fitPattern, log });
  }

  fit(sample: PatternSample): Promise<PatternFit> {
    return this.#tasks.ask(sample);
  }

  close(): Promise<void> {
    return this.#tasks.close();
  }
}
