import { Random } from '../../../simulators/random.js';
import type { PastRepair } from '../../../src/correlate/repair/past-repair.js';

/** A fixed Monday: 2026-03-02 00:00 UTC. */
export const T0 = Date.UTC(2026, 2, 2);
export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

/** A standard normal draw (Box and Muller). */
function normal(random: Random): number {
  const u = 1 - random.next();
  return Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * random.next());
}

export interface PastSpec {
  readonly seed: number;
  readonly count: number;
  /** how far apart incidents start, ms */
  readonly everyMs?: number;
  /** median hours by kind, taken in turn; log-normal around it */
  readonly medianHours: Readonly<Record<string, number>>;
  /** spread of the logarithm */
  readonly sigma?: number;
  /** how long an incident was watched at most: it is censored then */
  readonly watchedMs?: (random: Random) => number;
  /** ends are seen only in snapshots so far apart, the first at a random age */
  readonly snapshotMs?: number;
}

/** Incidents whose time to repair is known in truth, and what was seen of it. */
export function simulatePast(spec: PastSpec): { past: PastRepair[]; trueMs: number[] } {
  const random = new Random(spec.seed);
  const kinds = Object.entries(spec.medianHours);
  const past: PastRepair[] = [];
  const trueMs: number[] = [];
  for (let i = 0; i < spec.count; i++) {
    const [kind, hours] = kinds[i % kinds.length] ?? ['', 1];
    const lastsMs = hours * HOUR * Math.exp((spec.sigma ?? 0.8) * normal(random));
    const watchedMs = spec.watchedMs?.(random) ?? Number.POSITIVE_INFINITY;
    const startedAtMs = T0 + i * (spec.everyMs ?? 2 * HOUR);
    const step = spec.snapshotMs ?? 1000;
    const phaseMs = spec.snapshotMs === undefined ? 0 : Math.floor(random.next() * step);
    const afterMs = Math.floor((lastsMs + phaseMs) / step) * step - phaseMs;
    const isSeen = afterMs + step <= watchedMs;
    past.push({
      startedAtMs,
      knownAtMs: startedAtMs,
      offsetMs: 0,
      traits: { kind },
      endedAfterMs: startedAtMs + Math.floor(isSeen ? afterMs : Math.min(afterMs, watchedMs)),
      endedByMs: isSeen ? startedAtMs + afterMs + step : null,
    });
    trueMs.push(lastsMs);
  }
  return { past, trueMs };
}
