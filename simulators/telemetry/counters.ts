import type { BlockShape } from '../../src/domain/report-block.js';
import { ReportBlockBuilder } from '../../src/domain/report-block.js';

/** Counters of one report, in this order; NaN is a counter left out. */
export const COUNTERS = [
  'availability_pct',
  'rrc_attempts',
  'rrc_successes',
  'erab_attempts',
  'erab_successes',
  'erab_releases',
  'erab_drops',
  'dl_throughput_mbps',
  'prb_dl_pct',
  'users_avg',
  'dl_volume_mb',
] as const;

/** Numbers per report. */
export const WIDTH = COUNTERS.length;

/** KPIs as rules/feeds/telemetry-line-protocol.yaml computes them from the counters. */
export const KPIS = [
  'availabilityRatio',
  'rrcSetupSuccessRatio',
  'erabSetupSuccessRatio',
  'erabDropRatio',
  'dlThroughputMbps',
  'prbUtilisationRatio',
  'connectedUsers',
  'dlVolumeMegabytes',
] as const;

/** The feed whose reports these are. */
export const TELEMETRY_FEED = 'telemetry-line-protocol';

/** Shape of a block of these reports. @param feed default: the shipped line-protocol feed */
export function blockShape(feed: string = TELEMETRY_FEED): BlockShape {
  return { feed, objectType: 'cell', periodSeconds: 900, kpis: KPIS };
}

/** A builder of such blocks. */
export function blockBuilder(feed?: string, capacity?: number): ReportBlockBuilder {
  return new ReportBlockBuilder(blockShape(feed), capacity);
}

/** One period's reports: cell `c` has its counters at `c * WIDTH`. Valid until the next period. */
export interface PeriodCounters {
  readonly periodStartMs: number;
  readonly counters: Float64Array;
  /** 1: the cell sends nothing */
  readonly missing: Uint8Array;
}

/** Adds one cell's report to a block, as the feed would read it. */
export function addReport(
  builder: ReportBlockBuilder,
  cellId: string,
  period: PeriodCounters,
  cell: number,
): void {
  const row = builder.addRow(cellId, period.periodStartMs);
  const at = (counter: number): number => period.counters[cell * WIDTH + counter] ?? Number.NaN;
  const setRatio = (kpi: number, part: number, whole: number): void => {
    builder.set(row, kpi, whole > 0 ? part / whole : Number.NaN, whole);
  };
  builder.set(row, 0, at(0) * 0.01);
  setRatio(1, at(2), at(1));
  setRatio(2, at(4), at(3));
  setRatio(3, at(6), at(5));
  builder.set(row, 4, at(7));
  builder.set(row, 5, at(8) * 0.01);
  builder.set(row, 6, at(9));
  builder.set(row, 7, at(10));
}
