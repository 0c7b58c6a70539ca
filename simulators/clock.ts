/** Ends something scheduled; harmless when it has already run. */
export type Cancel = () => void;

/** The only way simulators know time; epoch milliseconds. */
export interface SimulatorClock {
  nowMs(): number;
  /** Runs `task` at that time or at once when it is past. */
  at(timeMs: number, task: () => void | Promise<void>): Cancel;
  /** Drops everything scheduled. */
  stop(): void;
}

/** Real time. Timers do not keep the process alive. A task must not throw. */
export class WallClock implements SimulatorClock {
  readonly #timers = new Set<NodeJS.Timeout>();

  nowMs(): number {
    return Date.now();
  }

  at(timeMs: number, task: () => void | Promise<void>): Cancel {
    const timer = setTimeout(
      () => {
        this.#timers.delete(timer);
        void task();
      },
      Math.max(0, timeMs - this.nowMs()),
    );
    timer.unref();
    this.#timers.add(timer);
    return () => {
      clearTimeout(timer);
      this.#timers.delete(timer);
    };
  }

  stop(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }
}

interface Task {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void | Promise<void>;
  cancelled: boolean;
}

function isBefore(a: Task, b: Task): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}

/** Time that moves only when told to: tasks run in order of time, then of scheduling. */
export class LogicalClock implements SimulatorClock {
  #now: number;
  #order = 0;
  /** binary heap, earliest first */
  #heap: Task[] = [];

  constructor(startMs: number) {
    this.#now = startMs;
  }

  nowMs(): number {
    return this.#now;
  }

  at(timeMs: number, run: () => void | Promise<void>): Cancel {
    const atMs = Math.max(timeMs, this.#now);
    const task: Task = { atMs, order: this.#order++, run, cancelled: false };
    this.#push(task);
    return () => {
      task.cancelled = true;
    };
  }

  /** Number of tasks not yet run. */
  get pending(): number {
    return this.#heap.filter((task) => !task.cancelled).length;
  }

  /** Moves time forward and awaits every task that falls due, those it schedules included. */
  async advance(byMs: number): Promise<void> {
    const until = this.#now + byMs;
    for (;;) {
      const next = this.#heap[0];
      if (next === undefined || next.atMs > until) break;
      this.#pop();
      if (next.cancelled) continue;
      this.#now = Math.max(this.#now, next.atMs);
      await next.run();
    }
    this.#now = Math.max(this.#now, until);
  }

  stop(): void {
    this.#heap = [];
  }

  #push(task: Task): void {
    const heap = this.#heap;
    let at = heap.push(task) - 1;
    while (at > 0) {
      const up = (at - 1) >> 1;
      const parent = heap[up];
      if (parent === undefined || !isBefore(task, parent)) break;
      heap[at] = parent;
      at = up;
    }
    heap[at] = task;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      let least = heap[child];
      const right = heap[child + 1];
      if (least !== undefined && right !== undefined && isBefore(right, least)) {
        child++;
        least = right;
      }
      if (least === undefined || !isBefore(least, last)) break;
      heap[at] = least;
      at = child;
    }
    heap[at] = last;
  }
}
