import type { Feed } from '../domain/feed.js';
import type { KpiDefinition } from '../domain/kpi.js';
import type { LaneSpec } from '../domain/lane.js';
import type { ReadTime } from './read-time.js';

/**
 * One KPI of a feed, ready for decoding. A value read from `column` is multiplied by `scale`.
 * A ratio of counters has `successes` (the numerator, whatever it counts) and `attempts` instead,
 * both columns that are added up. Numbers are indexes into `CompiledFeed.columns`; -1 is none.
 */
export interface CompiledKpi {
  readonly name: string;
  readonly definition: KpiDefinition;
  readonly column: number;
  readonly successes: readonly number[];
  readonly attempts: readonly number[];
  readonly scale: number;
}

/** A feed file checked and made ready: what every source decodes by. */
export interface CompiledFeed {
  readonly name: string;
  readonly feed: Feed;
  /** what detection must know; for feeds of kind `kpi` only */
  readonly lane?: LaneSpec;
  /** in the order of `lane.kpis`, which is the column order of report blocks; empty otherwise */
  readonly kpis: readonly CompiledKpi[];
  /** names of the source's numeric columns (JSON paths, fields) that KPIs read, each once */
  readonly columns: readonly string[];
  /** reads the feed's times, to epoch ms */
  readonly readTime: ReadTime;
}

/**
 * Whether `hidden`, as a person names it for `replay --hide`, is this KPI: by its name, or by the
 * source column it is read from.
 */
export function isHiddenKpi(feed: CompiledFeed, kpi: CompiledKpi, hidden: string): boolean {
  if (kpi.name === hidden) return true;
  return [kpi.column, ...kpi.successes, ...kpi.attempts].some(
    (column) => feed.columns[column] === hidden,
  );
}
