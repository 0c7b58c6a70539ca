import { mix3 } from '../random.js';
import { PERIOD_MS } from './calendar.js';
import type { PeriodCounters } from './counters.js';

/** How reports travel; shares in [0,1], drawn per report. */
export interface DeliveryShares {
  /** come 2 to 4.5 minutes after their period, within a lateness of 5 */
  readonly late: number;
  /** come 20 to 60 minutes after it, too late for a feed's lateness */
  readonly tooLate: number;
  readonly lost: number;
  /** come a second time a minute later */
  readonly doubled: number;
}

/** As a network in order delivers. */
export const ORDINARY_DELIVERY: DeliveryShares = {
  late: 0.01,
  tooLate: 0.0003,
  lost: 0.0007,
  doubled: 0.002,
};

/** When one cell's report of a period arrives: no time when lost, two when doubled. */
export function arrivalsOf(
  shares: DeliveryShares,
  seed: number,
  periodStartMs: number,
  cell: number,
): readonly number[] {
  const endMs = periodStartMs + PERIOD_MS;
  const hash = mix3(seed ^ 0x2c1b, periodStartMs / PERIOD_MS, cell);
  const draw = (hash >>> 8) / 16_777_216;
  const spread = (hash & 0xff) / 256;
  const prompt = endMs + Math.round(20_000 + 60_000 * spread);
  const { lost, tooLate, late, doubled } = shares;
  if (draw < lost) return [];
  if (draw < lost + tooLate) return [endMs + Math.round((20 + 40 * spread) * 60_000)];
  if (draw < lost + tooLate + late) return [endMs + Math.round((2 + 2.5 * spread) * 60_000)];
  return draw > 1 - doubled ? [prompt, prompt + 120_000] : [prompt];
}

/** Collects reports in some form: columns, lines of text. */
export interface ReportSink<Batch> {
  add(period: PeriodCounters, cell: number): void;
  /** @returns what was added, undefined when nothing was */
  finish(): Batch | undefined;
}

/** Reports that have all arrived by then. */
export interface Arrived<Batch> {
  readonly atMs: number;
  readonly batch: Batch;
}

/** How long after a period's end its reports are handed over: prompt, late, too late. */
const HANDOVERS_MS = [90_000, 290_000, 3_660_000] as const;

/** Sorts reports by when they arrive; those that come hours later wait here for their time. */
export class Delivery<Batch> {
  readonly #shares: DeliveryShares;
  readonly #seed: number;
  readonly #newSink: () => ReportSink<Batch>;
  #waiting: Arrived<Batch>[] = [];

  constructor(shares: DeliveryShares, seed: number, newSink: () => ReportSink<Batch>) {
    this.#shares = shares;
    this.#seed = seed;
    this.#newSink = newSink;
  }

  /** Takes a period's reports. @returns batches due before the next period ends, in order */
  take(period: PeriodCounters): Arrived<Batch>[] {
    const endMs = period.periodStartMs + PERIOD_MS;
    const sinks = HANDOVERS_MS.map(() => this.#newSink());
    for (let cell = 0; cell < period.missing.length; cell++) {
      if (period.missing[cell] === 1) continue;
      for (const atMs of arrivalsOf(this.#shares, this.#seed, period.periodStartMs, cell)) {
        const slot = HANDOVERS_MS.findIndex((delay) => atMs <= endMs + delay);
        sinks[slot]?.add(period, cell);
      }
    }
    sinks.forEach((sink, slot) => {
      const batch = sink.finish();
      if (batch !== undefined) {
        this.#waiting.push({ atMs: endMs + (HANDOVERS_MS[slot] ?? 0), batch });
      }
    });
    return this.due(endMs + PERIOD_MS);
  }

  /** Everything that has arrived by then, in order. */
  due(untilMs: number): Arrived<Batch>[] {
    this.#waiting.sort((a, b) => a.atMs - b.atMs);
    const due = this.#waiting.filter(({ atMs }) => atMs <= untilMs);
    this.#waiting = this.#waiting.slice(due.length);
    return due;
  }
}
