import { TocsinError } from '../domain/errors.js';
import type { ReportBlock } from '../domain/kpi.js';
import type { LaneSpec } from '../domain/lane.js';
import { ReportBlockBuilder } from '../domain/report-block.js';
import type { CompiledFeed, CompiledKpi } from './compiled-feed.js';
import type { DecodeContext } from './decode.js';
import { type KpiPlan, kpiPlan } from './kpi-plan.js';
import { ObjectNames } from './object-names.js';
import { PeriodClock } from './period-clock.js';
import { quoted, type Refusals } from './refusals.js';

/**
 * Turns the numbers of one report into a row of a block: resolves the object, checks the time, makes
 * ratios of counters, checks ranges. One bad KPI is refused by itself; the others count.
 */
export class KpiRows {
  readonly lane: LaneSpec;
  readonly #plan: KpiPlan;
  readonly #columns: readonly string[];
  readonly #refusals: Refusals;
  readonly #objects: ObjectNames;
  readonly #clock: PeriodClock;
  readonly #builder: ReportBlockBuilder;

  /** @throws TocsinError `internal` for a feed of another kind */
  constructor(feed: CompiledFeed, context: DecodeContext, refusals: Refusals) {
    if (feed.lane === undefined) {
      throw new TocsinError('internal', `feed ${feed.name} is of kind ${feed.feed.kind}, not kpi`);
    }
    this.lane = feed.lane;
    this.#plan = kpiPlan(feed);
    this.#columns = feed.columns;
    this.#refusals = refusals;
    this.#objects = new ObjectNames(feed.feed.object, context.aliases);
    this.#clock = new PeriodClock(feed, context.live);
    this.#builder = new ReportBlockBuilder({
      feed: feed.name,
      objectType: feed.lane.objectType,
      periodSeconds: feed.lane.periodSeconds,
      kpis: feed.lane.kpis.map(({ name }) => name),
    });
  }

  get pending(): number {
    return this.#builder.rows;
  }

  /** @returns the rows so far; undefined when there are none */
  take(): ReportBlock | undefined {
    return this.#builder.rows === 0 ? undefined : this.#builder.finish();
  }

  /** Says that a column holds no number; its KPIs count as absent. */
  notANumber(column: number, value: unknown): void {
    this.#refusals.refuse(
      'kpi.notANumber',
      `${quoted(this.#columns[column])} is ${quoted(value)}: a finite decimal number is allowed, or nothing`,
    );
  }

  /**
   * Adds one report.
   * @param alias the object as the source spells it; undefined when the source names none
   * @param timeMs the period's start or end, as the feed marks it; NaN when it cannot be read
   * @param time what was read as the time, for the refusal
   * @param values by column of the feed, NaN where absent
   * @returns whether a row was kept
   */
  add(alias: string | undefined, timeMs: number, time: unknown, values: Float64Array): boolean {
    const late = this.#clock.check(timeMs);
    if (late !== undefined) {
      const { reason, allowed } = late;
      this.#refusals.refuse(reason, `time is ${quoted(time)}: ${allowed}`);
      return false;
    }
    const periodStart = this.#clock.periodStart(timeMs);
    const id = this.#objects.resolve(alias, periodStart);
    if (typeof id !== 'string') {
      this.#refusals.refuse(id.reason, id.detail);
      return false;
    }
    this.#fill(this.#builder.addRow(id, periodStart), values);
    return true;
  }

  /** Sets what is good; what is not, or is made of several counters, goes the slow way. */
  #fill(row: number, values: Float64Array): void {
    const { column, scale, lo, hi, most, successes, attempts } = this.#plan;
    const builder = this.#builder;
    for (let k = 0; k < column.length; k++) {
      const from = column[k] as number;
      if (from >= 0) {
        const value = (values[from] as number) * (scale[k] as number);
        if (value >= (lo[k] as number) && value <= (hi[k] as number)) {
          // A ratio a little above 1, where the range lets it be, began in the period before.
          builder.set(row, k, Math.min(value, most[k] as number));
        } else if (value === value) this.#refuseSingle(k, value);
        continue;
      }
      const part = values[successes[k] as number] as number;
      const whole = values[attempts[k] as number] as number;
      const ratio = part / whole;
      if (part >= 0 && ratio >= (lo[k] as number) && ratio <= (hi[k] as number) && ratio <= 1) {
        builder.set(row, k, ratio, whole);
      } else this.#ratio(row, k, values);
    }
  }

  #refuseSingle(k: number, value: number): void {
    const kpi = this.#plan.kpis[k] as CompiledKpi;
    const { kind, range } = kpi.definition;
    if (kind === 'count' && value < 0) this.#negative(kpi, kpi.column, value);
    else this.#outOfRange(kpi, value, range ?? [-Number.MAX_VALUE, Number.MAX_VALUE]);
  }

  #ratio(row: number, k: number, values: Float64Array): void {
    const kpi = this.#plan.kpis[k] as CompiledKpi;
    const successes = this.#sum(kpi, kpi.successes, values);
    const attempts = this.#sum(kpi, kpi.attempts, values);
    if (successes !== successes || attempts !== attempts) return;
    if (successes > attempts) {
      this.#refusals.refuse(
        'kpi.successesAboveAttempts',
        `${kpi.name}: ${this.#named(kpi.successes)} is ${successes}, above ${this.#named(kpi.attempts)} = ${attempts}: at most as many are allowed`,
      );
      return;
    }
    const value = attempts === 0 ? Number.NaN : successes / attempts;
    const range = kpi.definition.range;
    if (range !== undefined && (value < range[0] || value > range[1])) {
      this.#outOfRange(kpi, value, range);
      return;
    }
    this.#builder.set(row, k, value, attempts);
  }

  /** NaN when one counter is absent or, which is refused, negative, or they add up beyond bounds. */
  #sum(kpi: CompiledKpi, columns: readonly number[], values: Float64Array): number {
    let sum = 0;
    for (let i = 0; i < columns.length; i++) {
      const column = columns[i] as number;
      const value = values[column] as number;
      if (value < 0) {
        this.#negative(kpi, column, value);
        return Number.NaN;
      }
      sum += value;
    }
    if (sum !== Number.POSITIVE_INFINITY) return sum;
    this.#outOfRange(kpi, sum, [0, Number.MAX_VALUE]);
    return Number.NaN;
  }

  #negative(kpi: CompiledKpi, column: number, value: number): void {
    this.#refusals.refuse(
      'kpi.negativeCount',
      `${kpi.name}: ${quoted(this.#columns[column])} is ${value}: 0 and above is allowed`,
    );
  }

  #outOfRange(kpi: CompiledKpi, value: number, range: readonly [number, number]): void {
    this.#refusals.refuse(
      'kpi.outOfRange',
      `${kpi.name} is ${value} ${kpi.definition.unit}: ${range[0]} to ${range[1]} is allowed`,
    );
  }

  #named(columns: readonly number[]): string {
    return columns.map((column) => this.#columns[column]).join(' + ');
  }
}
