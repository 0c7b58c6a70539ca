/** People on the roster of a queue from `startMs` on for `intervalSeconds`. */
export interface RosterInterval {
  readonly queue: string;
  /** epoch ms */
  readonly startMs: number;
  readonly intervalSeconds: number;
  readonly agents: number;
}

/** No interval of a roster is longer. */
const LONGEST_MS = 86_400_000;

/** A roster to look moments up in. Of rows that overlap the one that starts last counts. */
export class RosterTable {
  readonly #queues = new Map<string, RosterInterval[]>();

  constructor(rows: readonly RosterInterval[]) {
    for (const row of rows) {
      const own = this.#queues.get(row.queue);
      if (own) own.push(row);
      else this.#queues.set(row.queue, [row]);
    }
    for (const own of this.#queues.values()) own.sort((a, b) => a.startMs - b.startMs);
  }

  /** People on the roster at a moment; null where it says nothing. */
  at(queue: string, atMs: number): number | null {
    const own = this.#queues.get(queue) ?? [];
    let [low, high] = [0, own.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((own[middle]?.startMs ?? 0) <= atMs) low = middle + 1;
      else high = middle;
    }
    for (let i = low - 1; i >= 0; i--) {
      const row = own[i];
      if (!row || row.startMs < atMs - LONGEST_MS) return null;
      if (atMs < row.startMs + row.intervalSeconds * 1000) return row.agents;
    }
    return null;
  }
}
