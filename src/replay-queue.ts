import type { ReportBlock } from './domain/kpi.js';
import { ReportBlockBuilder } from './domain/report-block.js';

const FIRST_ROWS = 16;

/** Reports of one feed in order of their periods, however they came. */
export class ReportQueue {
  readonly #periodMs: number;
  readonly #counted: ReadonlySet<string> | undefined;
  readonly #builders = new Map<number, ReportBlockBuilder>();
  #starts: number[] = [];
  #isOrdered = true;
  #at = 0;
  samples = 0;
  /** start of the first and the last period taken so far, NaN before */
  firstMs = Number.NaN;
  lastMs = Number.NaN;

  /** @param counted KPIs that count as samples; default all */
  constructor(periodSeconds: number, counted?: ReadonlySet<string>) {
    this.#periodMs = periodSeconds * 1000;
    this.#counted = counted;
  }

  /** Sorts a block's rows into their periods. @returns its earliest period start, NaN when empty */
  add(block: ReportBlock): number {
    const isCounted = block.kpis.map((kpi) => this.#counted?.has(kpi) ?? true);
    let leastMs = Number.NaN;
    let builder: ReportBlockBuilder | undefined;
    let openMs = Number.NaN;
    for (let row = 0; row < block.rows; row++) {
      const startMs = block.periodStartMs[row] ?? Number.NaN;
      if (startMs !== openMs || builder === undefined) {
        builder = this.#builderOf(startMs, block);
        openMs = startMs;
        if (!(startMs >= leastMs)) leastMs = startMs;
      }
      this.#copyRow(block, row, builder, isCounted);
    }
    return leastMs;
  }

  /** Takes out the reports of the next period that has ended by `nowMs`, undefined when none has. */
  next(nowMs: number): ReportBlock | undefined {
    if (!this.#isOrdered) this.#order();
    const startMs = this.#starts[this.#at];
    if (startMs === undefined || startMs + this.#periodMs > nowMs) return undefined;
    this.#at++;
    const builder = this.#builders.get(startMs);
    this.#builders.delete(startMs);
    return builder?.finish();
  }

  #builderOf(startMs: number, block: ReportBlock): ReportBlockBuilder {
    const known = this.#builders.get(startMs);
    if (known) return known;
    const builder = new ReportBlockBuilder(block, FIRST_ROWS);
    this.#builders.set(startMs, builder);
    const last = this.#starts.at(-1);
    if (last !== undefined && last > startMs) this.#isOrdered = false;
    this.#starts.push(startMs);
    if (!(startMs >= this.firstMs)) this.firstMs = startMs;
    if (!(startMs <= this.lastMs)) this.lastMs = startMs;
    return builder;
  }

  #copyRow(
    block: ReportBlock,
    row: number,
    builder: ReportBlockBuilder,
    isCounted: readonly boolean[],
  ): void {
    const width = isCounted.length;
    const to = builder.addRow(block.objectIds[row] ?? '', block.periodStartMs[row] ?? Number.NaN);
    for (let kpi = 0; kpi < width; kpi++) {
      const value = block.values[row * width + kpi] ?? Number.NaN;
      if (value !== value) continue;
      if (isCounted[kpi] === true) this.samples++;
      builder.set(to, kpi, value, block.attempts[row * width + kpi] ?? Number.NaN);
    }
  }

  #order(): void {
    this.#starts = this.#starts.slice(this.#at).sort((a, b) => a - b);
    this.#at = 0;
    this.#isOrdered = true;
  }
}
