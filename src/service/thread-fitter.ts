import { fileURLToPath, pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { Logger } from 'pino';
import { fitShapes } from '../detect/shapes/fit-shapes.js';
import type { ShapeFitter } from '../detect/shapes/ports.js';
import type { ShapeFit, ShapeFitResult, ShapeSample } from '../detect/shapes/shape-model.js';

interface Waiting {
  readonly sample: ShapeSample;
  readonly done: (result: ShapeFitResult) => void;
  readonly fail: (error: unknown) => void;
}

/**
 * Works shapes out in a thread of its own, one fit after the other. When the thread breaks, what it
 * owes is worked out here: a fit depends on its sample alone, so the answer is the same.
 */
export class ThreadFitter implements ShapeFitter {
  readonly #log: Logger;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #lastId = 0;

  constructor(log: Logger) {
    this.#log = log;
  }

  begin(sample: ShapeSample): ShapeFit {
    let result: ShapeFitResult | undefined;
    const id = ++this.#lastId;
    const settled = new Promise<void>((resolve, fail) => {
      const done = (fitted: ShapeFitResult): void => {
        result = fitted;
        resolve();
      };
      this.#waiting.set(id, { sample, done, fail });
    });
    this.#thread().postMessage({ id, sample });
    return {
      get result() {
        return result;
      },
      settled,
    };
  }

  /** Ends the thread; fits that were not waited for are begun again from a checkpoint. */
  async close(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    this.#waiting.clear();
    await worker?.terminate();
  }

  #thread(): Worker {
    if (this.#worker) return this.#worker;
    const own = fileURLToPath(import.meta.url);
    const path = own.replace(/thread-fitter\.(ts|js)$/, 'shape-worker.$1');
    const worker = path.endsWith('.ts') ? fromSource(path) : new Worker(path);
    worker.on('message', ({ id, result }: { id: number; result: ShapeFitResult }) => {
      this.#answer(id, result);
    });
    worker.on('error', (error) => this.#broke(worker, error));
    worker.unref();
    this.#worker = worker;
    return worker;
  }

  #answer(id: number, result: ShapeFitResult): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    waiting?.done(result);
  }

  #broke(worker: Worker, error: unknown): void {
    if (this.#worker !== worker) return;
    this.#log.warn({ err: error }, 'the thread that fits shapes broke; fitting without it');
    this.#worker = undefined;
    for (const [id, { sample, fail }] of [...this.#waiting]) {
      try {
        this.#answer(id, fitShapes(sample));
      } catch (cause) {
        this.#waiting.delete(id);
        fail(cause);
      }
    }
  }
}

/** In a checkout the thread must learn to read TypeScript first. */
function fromSource(path: string): Worker {
  const names = [pathToFileURL(path).href, import.meta.url].map((name) => JSON.stringify(name));
  const code = `import('tsx/esm/api').then(({ tsImport }) => tsImport(${names.join(', ')}))`;
  return new Worker(code, { eval: true });
}
