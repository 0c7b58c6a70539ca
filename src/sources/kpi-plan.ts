import type { CompiledFeed, CompiledKpi } from './compiled-feed.js';

/**
 * The KPIs of a feed in columns, so that checking a good value costs two comparisons and no object.
 * By KPI: `column` (-1 for a ratio of counters), `scale`, least and greatest value that is good as
 * it stands, `most` to which a value is cut (ratios: 1), and for ratios of one counter each the
 * columns `successes` and `attempts` (-1 where several are added up).
 */
export interface KpiPlan {
  readonly kpis: readonly CompiledKpi[];
  readonly column: Int32Array;
  readonly scale: Float64Array;
  readonly lo: Float64Array;
  readonly hi: Float64Array;
  readonly most: Float64Array;
  readonly successes: Int32Array;
  readonly attempts: Int32Array;
}

/** Lays out a feed's KPIs. */
export function kpiPlan(feed: CompiledFeed): KpiPlan {
  const { kpis } = feed;
  const single = (columns: readonly number[]): number =>
    columns.length === 1 ? (columns[0] ?? -1) : -1;
  return {
    kpis,
    column: Int32Array.from(kpis, ({ column }) => column),
    scale: Float64Array.from(kpis, ({ scale }) => scale),
    lo: Float64Array.from(kpis, ({ definition }) => leastOf(definition)),
    hi: Float64Array.from(kpis, ({ definition }) => definition.range?.[1] ?? Number.MAX_VALUE),
    most: Float64Array.from(kpis, ({ definition }) =>
      definition.kind === 'ratio' ? 1 : Number.MAX_VALUE,
    ),
    successes: Int32Array.from(kpis, (kpi) => single(kpi.successes)),
    attempts: Int32Array.from(kpis, (kpi) => single(kpi.attempts)),
  };
}

function leastOf({ kind, range }: CompiledKpi['definition']): number {
  const least = range?.[0] ?? -Number.MAX_VALUE;
  return kind === 'count' ? Math.max(0, least) : least;
}
