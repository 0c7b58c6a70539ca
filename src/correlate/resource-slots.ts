/**
 * Numbers the resources that a computation comes across 0, 1, 2 … in the order of their first
 * mention, so that what it keeps of them fits into plain arrays however large the network is. A
 * sparse set (Briggs & Torczon 1993, section 3): emptied without touching what it held.
 */
export class ResourceSlots {
  readonly #slotOf: Int32Array;
  readonly #resources: number[] = [];
  #size = 0;

  /** @param resourceCount resources that may be mentioned have numbers below it */
  constructor(resourceCount: number) {
    this.#slotOf = new Int32Array(resourceCount);
  }

  /** How many resources have a slot: the next one to be mentioned gets this number. */
  get size(): number {
    return this.#size;
  }

  /** The resource's slot; -1 when it has none. */
  of(resource: number): number {
    const slot = this.#slotOf[resource] ?? 0;
    return slot < this.#size && this.#resources[slot] === resource ? slot : -1;
  }

  /** The resource's slot, a new one when it has none. */
  put(resource: number): number {
    const known = this.of(resource);
    if (known >= 0) return known;
    this.#slotOf[resource] = this.#size;
    this.#resources[this.#size] = resource;
    return this.#size++;
  }

  /** The resource that has the slot; -1 when none has. */
  at(slot: number): number {
    return slot < this.#size ? (this.#resources[slot] ?? -1) : -1;
  }

  /** Takes all slots back. */
  clear(): void {
    this.#size = 0;
  }
}
