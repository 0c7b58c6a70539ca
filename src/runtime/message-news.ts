/** How long after messages of an incident left, word of messages may still be about it. */
const RECENT_MS = 600_000;

interface Told {
  leftAtMs: number;
  toldAtMs: number;
  isNew: boolean;
}

/**
 * Tells which incidents' messages have moved on, each at most once in a while and not once a message:
 * those of a turn are noted together, and what comes back about messages already on their way is
 * taken to be about every incident that had some recently.
 */
export class MessageNews {
  readonly #publish: (incidentId: string) => void;
  readonly #everyMs: number;
  readonly #incidents = new Map<string, Told>();
  #hasMoved = false;

  /** @param everyMs least time between two words about one incident */
  constructor(publish: (incidentId: string) => void, everyMs = 1000) {
    this.#publish = publish;
    this.#everyMs = everyMs;
  }

  /**
   * Messages of these incidents were decided about.
   * @param nowMs a monotonic clock's reading, here and below
   */
  left(incidentIds: Iterable<string>, nowMs: number): void {
    for (const id of incidentIds) {
      const toldAtMs = this.#incidents.get(id)?.toldAtMs ?? Number.NEGATIVE_INFINITY;
      this.#incidents.set(id, { leftAtMs: nowMs, toldAtMs, isNew: true });
    }
  }

  /** Something became known about messages on their way. */
  moved(): void {
    this.#hasMoved = true;
  }

  /** Tells what is new and may be told now; the rest waits for the next call. */
  tell(nowMs: number): void {
    for (const [id, incident] of this.#incidents) {
      incident.isNew ||= this.#hasMoved;
      if (incident.isNew && nowMs - incident.toldAtMs >= this.#everyMs) {
        incident.isNew = false;
        incident.toldAtMs = nowMs;
        this.#publish(id);
      }
      if (!incident.isNew && nowMs - incident.leftAtMs > RECENT_MS) this.#incidents.delete(id);
    }
    this.#hasMoved = false;
  }
}
