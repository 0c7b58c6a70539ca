import type { PastRepair } from '../../../correlate/repair/past-repair.js';
import { type Figures, rounded } from '../figures.js';

/** What was foretold of one outage, epoch ms; band null: only one time was given. */
export interface Foretelling {
  readonly past: PastRepair;
  readonly atMs: number;
  readonly band: { readonly lowMs: number; readonly highMs: number } | null;
}

interface Known {
  readonly told: Foretelling;
  /** the end lies in (afterMs, byMs] */
  readonly afterMs: number;
  readonly byMs: number;
}

/** Coverage as far as the snapshots tell, shares of 1. */
interface Held {
  /** the whole interval of the end is within the band */
  surely: number;
  /** some of it is */
  possibly: number;
  /** the end taken as equally likely anywhere in its interval */
  expected: number;
  /** its middle is */
  middle: number;
  /** expected share that ended before the band, and after it */
  before: number;
  after: number;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (index: number): number => sorted[index] ?? Number.NaN;
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? at(half) : (at(half - 1) + at(half)) / 2;
}

function heldBy({ told, afterMs, byMs }: Known): Held {
  const low = told.band?.lowMs ?? told.atMs;
  const high = told.band?.highMs ?? told.atMs;
  const length = byMs - afterMs;
  const middleMs = (afterMs + byMs) / 2;
  const before = Math.max(0, Math.min(byMs, low) - afterMs) / length;
  const after = Math.max(0, byMs - Math.max(afterMs, high)) / length;
  return {
    surely: low <= afterMs && byMs <= high ? 1 : 0,
    possibly: low <= byMs && afterMs <= high ? 1 : 0,
    expected: 1 - before - after,
    middle: low <= middleMs && middleMs <= high ? 1 : 0,
    before,
    after,
  };
}

function coverage(known: readonly Known[]): Figures {
  const held = known.map(heldBy);
  const share = (name: keyof Held): number | null => rounded(mean(held.map((e) => e[name])), 4);
  const widths = known.map(({ told }) => (told.band?.highMs ?? 0) - (told.band?.lowMs ?? 0));
  return {
    coverage: share('expected'),
    coverageSurely: share('surely'),
    coveragePossibly: share('possibly'),
    coverageOfMiddle: share('middle'),
    endedBefore: share('before'),
    endedAfter: share('after'),
    medianBandSeconds: rounded(median(widths) / 1000, 0),
  };
}

/**
 * Figures of foretold ends against ends known to an interval. Errors are seconds between the time
 * foretold and the interval's middle; `coverage` takes the end as equally likely anywhere in it.
 * Outages whose end is not known are left out.
 */
export function repairFigures(foretold: readonly Foretelling[]): Figures {
  const known = foretold.flatMap((told) => {
    const { endedAfterMs, endedByMs } = told.past;
    return endedByMs === null ? [] : [{ told, afterMs: endedAfterMs, byMs: endedByMs }];
  });
  const errors = known.map(({ told, afterMs, byMs }) => Math.abs((afterMs + byMs) / 2 - told.atMs));
  const hasBand = known.every(({ told }) => told.band !== null);
  return {
    outages: known.length,
    meanErrorSeconds: rounded(mean(errors) / 1000, 0),
    medianErrorSeconds: rounded(median(errors) / 1000, 0),
    ...(hasBand ? coverage(known) : {}),
  };
}
