import type { Logger } from 'pino';
import type { PatternFit } from '../forecast/ordinary/pattern-fit.js';
import {
  fitPattern,
  type PatternFitter,
  type PatternJob,
  type PatternSample,
} from '../forecast/ordinary/ports.js';
import { WorkerTasks } from './worker-tasks.js';

/** Learns ordinary call patterns in a thread of its own; what fails there is tried where it is needed. */
export class PatternThread implements PatternFitter {
  readonly #tasks: WorkerTasks<PatternSample, PatternFit>;
  readonly #log: Logger;

  constructor(log: Logger) {
    this.#log = log;
    const does = 'learns ordinary call patterns';
    this.#tasks = new WorkerTasks({ file: 'pattern-worker', does, here: fitPattern, log });
  }

  fit(sample: PatternSample): Promise<PatternFit> {
    return this.#tasks.ask(sample);
  }

  begin(sample: PatternSample): PatternJob {
    let result: PatternFit | undefined;
    let isRunning = true;
    this.fit(sample).then(
      (fit) => {
        result = fit;
        isRunning = false;
      },
      (error: unknown) => {
        isRunning = false;
        this.#log.error({ err: error }, 'an ordinary call pattern could not be learnt');
      },
    );
    return {
      get isRunning() {
        return isRunning;
      },
      get result() {
        return result;
      },
    };
  }

  close(): Promise<void> {
    return this.#tasks.close();
  }
}
