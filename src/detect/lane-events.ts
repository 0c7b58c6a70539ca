import type { Anomaly, DetectEvent } from '../domain/anomaly.js';

/** Collects a period's events and hands them over in an order that does not depend on arrival. */
export class LaneEvents {
  #events: { readonly objectId: string; readonly event: DetectEvent }[] = [];

  anomaly(type: 'raised' | 'updated' | 'cleared', atMs: number, anomaly: Anomaly): void {
    this.#events.push({ objectId: anomaly.objectId, event: { type, atMs, anomaly } });
  }

  add(objectId: string, event: DetectEvent): void {
    this.#events.push({ objectId, event });
  }

  /** Moves the events of one period to `out`, by object id, for one object in the order added. */
  drainTo(out: DetectEvent[]): void {
    this.#events.sort((a, b) => (a.objectId < b.objectId ? -1 : a.objectId > b.objectId ? 1 : 0));
    for (const { event } of this.#events) out.push(event);
    this.#events = [];
  }
}
