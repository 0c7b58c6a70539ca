import type { StateReader, StateWriter } from '../state-codec.js';

/** What is known of an object's cluster; `earlier`: it was taken in, but under other clusters. */
export const TAKEN_IN = { never: 0, now: 1, earlier: 2 } as const;

/** Cluster of every object: 0 for one that has none, since it is new or like no other. */
export class ClusterIds {
  /** by object */
  of = new Uint8Array(0);
  #state = new Uint8Array(0);

  reserve(objects: number): void {
    if (objects <= this.of.length) return;
    let capacity = Math.max(64, this.of.length);
    while (capacity < objects) capacity *= 2;
    const wide = (old: Uint8Array): Uint8Array<ArrayBuffer> => {
      const next = new Uint8Array(capacity);
      next.set(old);
      return next;
    };
    this.of = wide(this.of);
    this.#state = wide(this.#state);
  }

  /** Whether the object was compared with clusters: one of `TAKEN_IN`. */
  stateOf(object: number): number {
    return this.#state[object] ?? TAKEN_IN.never;
  }

  /** @param cluster from 1; 0 for an object that is like none */
  settle(object: number, cluster: number): void {
    this.of[object] = cluster;
    this.#state[object] = TAKEN_IN.now;
  }

  clear(object: number): void {
    this.of[object] = 0;
    this.#state[object] = TAKEN_IN.never;
  }

  /** The clusters have changed: nobody has one for now. */
  reset(): void {
    this.of.fill(0);
    for (const [object, state] of this.#state.entries()) {
      if (state === TAKEN_IN.now) this.#state[object] = TAKEN_IN.earlier;
    }
  }

  save(writer: StateWriter, name: string, objects: number): void {
    writer.array(`${name}.of`, this.of.subarray(0, objects));
    writer.array(`${name}.state`, this.#state.subarray(0, objects));
  }

  load(reader: StateReader, name: string): void {
    this.reserve(reader.length(`${name}.of`));
    reader.into(`${name}.of`, this.of);
    reader.into(`${name}.state`, this.#state);
  }
}
