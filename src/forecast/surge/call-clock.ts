import type { LocalTime } from '../local-time.js';

/** Distance of the grid's nodes. */
export const NODE_MS = 300_000;
const HOUR_MS = 3_600_000;

/**
 * The time that callers live by: it runs as fast as people call at that local hour, so that who loses
 * service at night calls in the morning if it is still away then. Minutes on this clock are minutes of
 * the day's busy hours. On a grid of 5 minutes.
 */
export class CallClock {
  /** epoch ms of the first node */
  readonly firstMs: number;
  /** clock minutes since `firstMs` at each node, rising */
  readonly minutes: Float64Array;

  /** @param hours how fast the clock runs at each local hour, 24 values above 0 */
  constructor(hours: readonly number[], local: LocalTime, fromMs: number, toMs: number) {
    this.firstMs = Math.floor(fromMs / NODE_MS) * NODE_MS;
    const nodes = Math.max(1, Math.ceil((toMs - this.firstMs) / NODE_MS)) + 1;
    this.minutes = new Float64Array(nodes);
    for (let node = 1; node < nodes; node++) {
      const hour = Math.floor(local.at(this.firstMs + (node - 1) * NODE_MS) / HOUR_MS) % 24;
      const rate = hours[hour] ?? 1;
      this.minutes[node] = (this.minutes[node - 1] ?? 0) + (rate * NODE_MS) / 60_000;
    }
  }

  /** Node a moment lies at or after, as a fraction; held within the grid. */
  place(atMs: number): number {
    return Math.min(this.minutes.length - 1, Math.max(0, (atMs - this.firstMs) / NODE_MS));
  }

  /** Clock minutes since `firstMs`. */
  at(atMs: number): number {
    return interpolate(this.minutes, this.place(atMs));
  }
}

/** Value of a series between its nodes. @param place within the series */
export function interpolate(series: Float64Array, place: number): number {
  const node = Math.floor(place);
  const before = series[node] ?? 0;
  return before + (place - node) * ((series[node + 1] ?? before) - before);
}
