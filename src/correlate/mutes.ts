import type { ResourceSpace } from './resource-space.js';

/** An operator's order that nothing opens and nobody is told because of a resource for a while. */
export interface Mute {
  /** epoch ms */
  readonly untilMs: number;
  readonly actor: string;
  readonly why: string;
  /** the incident that was silenced, when no resource was named */
  readonly incidentId?: string;
}

/** A mute with the key of its resource. */
export type StoredMute = readonly [string, Mute];

/** What operators silenced, by resource; what depends on a silenced resource is silenced with it. */
export class Mutes {
  readonly #space: ResourceSpace;
  readonly #byResource = new Map<number, Mute>();

  constructor(space: ResourceSpace) {
    this.#space = space;
  }

  /** Silences a resource; a later order replaces an earlier one. */
  put(resource: number, mute: Mute): void {
    this.#byResource.set(resource, mute);
  }

  /**
   * The mute that ends first among those that hold all of the resources at `nowMs`; undefined when
   * one of them is not silenced, or there is none.
   */
  over(resources: readonly number[], nowMs: number): Mute | undefined {
    if (this.#byResource.size === 0) return undefined;
    let first: Mute | undefined;
    for (const resource of resources) {
      const mute = this.#longestOn(resource, nowMs);
      if (mute === undefined) return undefined;
      if (first === undefined || mute.untilMs < first.untilMs) first = mute;
    }
    return first;
  }

  /** Ends what was silenced with an incident, also where that has let go of it since. */
  endOf(incidentId: string): void {
    for (const [resource, mute] of this.#byResource)
      if (mute.incidentId === incidentId) this.#byResource.delete(resource);
  }

  /** Forgets what ended before `atMs`. */
  forget(atMs: number): void {
    for (const [resource, { untilMs }] of this.#byResource)
      if (untilMs <= atMs) this.#byResource.delete(resource);
  }

  /** For storing. */
  stored(): StoredMute[] {
    return [...this.#byResource].map(([resource, mute]) => [this.#space.keyOf(resource), mute]);
  }

  restore(stored: readonly StoredMute[]): void {
    for (const [key, mute] of stored) this.#byResource.set(this.#space.fromKey(key), mute);
  }

  #longestOn(resource: number, nowMs: number): Mute | undefined {
    let longest: Mute | undefined;
    for (const [silenced, mute] of this.#byResource) {
      if (mute.untilMs <= nowMs || mute.untilMs <= (longest?.untilMs ?? 0)) continue;
      if (this.#space.isUnder(resource, silenced)) longest = mute;
    }
    return longest;
  }
}
