import type { Logger } from 'pino';
import {
  fitSample,
  type RepairFit,
  type RepairFitter,
  type RepairSample,
} from '../correlate/repair/ports.js';
import type { RepairModel } from '../correlate/repair/repair-model.js';
import { WorkerTasks } from './worker-tasks.js';

/** Learns times to repair in a thread of its own; what fails there is tried where it is needed. */
export class RepairThread implements RepairFitter {
  readonly #tasks: WorkerTasks<RepairSample, RepairModel | null>;
  readonly #log: Logger;

  constructor(log: Logger) {
    this.#log = log;
    this.#tasks = new WorkerTasks({
      file: 'repair-worker',
      does: 'learns times to repair',
      here: fitSample,
      log,
    });
  }

  begin(sample: RepairSample): RepairFit & { readonly settled: Promise<void> } {
    let result: RepairModel | null | undefined;
    const settled = this.#tasks.ask(sample).then(
      (model) => {
        result = model;
      },
      (error: unknown) => {
        this.#log.error({ err: error }, 'times to repair could not be learnt');
      },
    );
    return {
      get result() {
        return result;
      },
      settled,
    };
  }

  /** Ends the thread; what was being learnt is begun again from a checkpoint. */
  close(): Promise<void> {
    return this.#tasks.close();
  }
}
