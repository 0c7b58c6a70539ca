import type { LocalTime } from '../local-time.js';

/** Distance of the grid's nodes. */
export const NODE_MS = 300_000;
const HOUR_MS = 3_600_000;

/** A grid of 5 minutes over the time of a forecast, with how readily people call in each. */
export class CallClock {
  /** epoch ms of the first node */
  readonly firstMs: number;
  /** how readily people call in the 5 minutes before each node, against the day; above 0 */
  readonly readiness: Float64Array;

  /** @param hours how readily people call at each local hour, 24 values above 0 */
  constructor(hours: readonly number[], local: LocalTime, fromMs: number, toMs: number) {
    this.firstMs = Math.floor(fromMs / NODE_MS) * NODE_MS;
    const nodes = Math.max(1, Math.ceil((toMs - this.firstMs) / NODE_MS)) + 1;
    this.readiness = new Float64Array(nodes);
    for (let node = 0; node < nodes; node++) {
      const hour = Math.floor(local.at(this.firstMs + (node - 1) * NODE_MS) / HOUR_MS) % 24;
      this.readiness[node] = hours[hour] ?? 1;
    }
  }

  /** Node a moment lies at or after, as a fraction; held within the grid. */
  place(atMs: number): number {
    return Math.min(this.readiness.length - 1, Math.max(0, (atMs - this.firstMs) / NODE_MS));
  }
}

/** Value of a series between its nodes. @param place within the series */
export function interpolate(series: Float64Array, place: number): number {
  const node = Math.floor(place);
  const before = series[node] ?? 0;
  return before + (place - node) * ((series[node + 1] ?? before) - before);
}
