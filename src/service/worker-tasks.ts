import { fileURLToPath, pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { Logger } from 'pino';

interface Waiting<Question, Answer> {
  readonly question: Question;
  readonly done: (answer: Answer) => void;
  readonly fail: (error: unknown) => void;
}

/** What a thread of this kind does. */
export interface WorkerTasksOptions<Question, Answer> {
  /** file beside this one, without its ending: takes `{id, question}`, posts `{id, answer}` */
  readonly file: string;
  /** in words, for the log: `fits shapes` */
  readonly does: string;
  /** the same here, when the thread broke */
  readonly here: (question: Question) => Answer;
  readonly log: Logger;
}

/**
 * Answers questions in a thread of its own, one after the other. When the thread breaks, what it owes
 * is worked out here: an answer depends on its question alone, so it is the same.
 */
export class WorkerTasks<Question, Answer> {
  readonly #options: WorkerTasksOptions<Question, Answer>;
  readonly #waiting = new Map<number, Waiting<Question, Answer>>();
  #worker: Worker | undefined;
  #lastId = 0;

  constructor(options: WorkerTasksOptions<Question, Answer>) {
    this.#options = options;
  }

  /** @returns rejects when the question can't be answered here either; never settles once closed */
  ask(question: Question): Promise<Answer> {
    const id = ++this.#lastId;
    const answer = new Promise<Answer>((done, fail) => {
      this.#waiting.set(id, { question, done, fail });
    });
    this.#thread().postMessage({ id, question });
    return answer;
  }

  /** Ends the thread in the middle of its work; what it still owes fails with the error. */
  cutOff(error: Error): void {
    const worker = this.#worker;
    this.#worker = undefined;
    const owed = [...this.#waiting.values()];
    this.#waiting.clear();
    void worker?.terminate();
    for (const { fail } of owed) fail(error);
  }

  /** Ends the thread; what it still owes is not answered any more. */
  async close(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    this.#waiting.clear();
    await worker?.terminate();
  }

  #thread(): Worker {
    if (this.#worker) return this.#worker;
    const own = fileURLToPath(import.meta.url);
    const path = own.replace(/worker-tasks\.(ts|js)$/, `${this.#options.file}.$1`);
    const worker = path.endsWith('.ts') ? fromSource(path) : new Worker(path);
    worker.on('message', ({ id, answer }: { id: number; answer: Answer }) => {
      this.#answer(id, answer);
    });
    worker.on('error', (error) => this.#broke(worker, error));
    worker.unref();
    this.#worker = worker;
    return worker;
  }

  #answer(id: number, answer: Answer): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    waiting?.done(answer);
  }

  #broke(worker: Worker, error: unknown): void {
    if (this.#worker !== worker) return;
    const { log, does, here } = this.#options;
    log.warn({ err: error }, `the thread that ${does} broke; going on without it`);
    this.#worker = undefined;
    for (const [id, { question, fail }] of [...this.#waiting]) {
      try {
        this.#answer(id, here(question));
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
