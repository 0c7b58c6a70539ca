import type { QueueLoad } from '../../src/forecast/staffing/erlang.js';
import { Random } from '../random.js';

/** What a simulated queue gave. */
export interface Simulated {
  readonly serviceLevel: number;
  readonly asaSeconds: number;
  readonly abandonment: number;
}

/** A binary heap of times, least first. */
class Times {
  readonly #heap: number[] = [];

  get least(): number {
    return this.#heap[0] ?? Number.POSITIVE_INFINITY;
  }

  get size(): number {
    return this.#heap.length;
  }

  push(time: number): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(time);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if ((heap[parent] ?? 0) <= time) break;
      heap[at] = heap[parent] ?? 0;
      at = parent;
    }
    heap[at] = time;
  }

  pop(): number {
    const heap = this.#heap;
    const least = this.least;
    const last = heap.pop() ?? 0;
    if (heap.length === 0) return least;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if ((heap[child + 1] ?? Number.POSITIVE_INFINITY) < (heap[child] ?? 0)) child++;
      if ((heap[child] ?? 0) >= last) break;
      heap[at] = heap[child] ?? 0;
      at = child;
    }
    heap[at] = last;
    return least;
  }
}

/**
 * A queue served first come first served, event by event: Poisson arrivals, exponential handle times
 * and patience. Shares no formula with what it checks.
 * @param calls how many are counted, after a tenth of them to warm up
 */
export function simulateQueue(
  load: QueueLoad & { readonly patienceSeconds: number },
  agents: number,
  thresholdSeconds: number,
  { calls, seed }: { readonly calls: number; readonly seed: number },
): Simulated {
  const random = new Random(seed, 'queue');
  const exponential = (mean: number): number => -mean * Math.log(1 - random.next());
  const busy = new Times();
  const skip = calls / 10;
  let [now, inTime, waited, gaveUp] = [0, 0, 0, 0];
  for (let call = 0; call < calls + skip; call++) {
    now += exponential(1 / load.callsPerSecond);
    while (busy.least <= now) busy.pop();
    // Those who wait have agents assigned in order, so the next one is free when the least is.
    const freeAt = busy.size < agents ? now : busy.least;
    const patience = exponential(load.patienceSeconds);
    const wait = freeAt - now;
    const isServed = wait <= patience;
    if (isServed) {
      if (wait > 0) busy.pop();
      busy.push(freeAt + exponential(load.ahtSeconds));
    }
    if (call < skip) continue;
    waited += Math.min(wait, patience);
    if (!isServed) gaveUp++;
    else if (wait <= thresholdSeconds) inTime++;
  }
  return {
    serviceLevel: inTime / calls,
    asaSeconds: waited / calls,
    abandonment: gaveUp / calls,
  };
}
