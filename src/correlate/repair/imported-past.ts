import { magnitude, type PastRepair } from './past-repair.js';

/** Incidents of the past that were given from outside, by their ids there. */
export class ImportedPast {
  readonly #byId = new Map<string, PastRepair>();

  /** How many there are. */
  get size(): number {
    return this.#byId.size;
  }

  /** Takes an incident, in place of what was known by its id; undefined takes it out. */
  put(id: string, past: PastRepair | undefined): void {
    if (past === undefined) this.#byId.delete(id);
    else this.#byId.set(id, past);
  }

  /** Keeps those that began last. */
  keepLatest(count: number): void {
    for (const [id] of this.#inOrder().slice(0, Math.max(0, this.#byId.size - count)))
      this.#byId.delete(id);
  }

  /** All in order of their start, each told how many of them were going on when it began. */
  withCompany(): PastRepair[] {
    const all = this.#inOrder().map(([, past]) => past);
    const ends = all.map(({ endedByMs }) => endedByMs ?? Number.POSITIVE_INFINITY);
    ends.sort((a, b) => a - b);
    let begun = 0;
    let over = 0;
    return all.map((past) => {
      begun++;
      while ((ends[over] ?? Number.POSITIVE_INFINITY) <= past.startedAtMs) over++;
      return { ...past, traits: { ...past.traits, going: magnitude(begun - over) } };
    });
  }

  /** Ids and incidents, in order of their start. */
  stored(): { readonly ids: readonly string[]; readonly past: readonly PastRepair[] } {
    const all = this.#inOrder();
    return { ids: all.map(([id]) => id), past: all.map(([, past]) => past) };
  }

  #inOrder(): [string, PastRepair][] {
    return [...this.#byId].sort(
      ([a, one], [b, other]) => one.startedAtMs - other.startedAtMs || (a < b ? -1 : 1),
    );
  }
}
