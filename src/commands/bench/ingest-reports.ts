import { SIMULATED_KPIS } from '../../../simulators/output/feed-files.js';
import type { ReportBlockBuilder } from '../../domain/report-block.js';
import type { CompiledFeed } from '../../sources/compiled-feed.js';
import { compileFeed, loadKpiRules } from '../../sources/feed-loader.js';

/** KPIs per report. */
export const KPIS_PER_REPORT = 8;
/** Length of a report's period. */
export const PERIOD_MS = 3_600_000;
/** Start of the first period that lies in Kafka. */
export const FIRST_PERIOD_MS = Date.UTC(2024, 0, 15);

/** The feed of the reports below: eight KPIs from eleven counters and gauges. */
export function benchFeed(): CompiledFeed {
  return compileFeed(
    {
      format: 'json',
      kind: 'kpi',
      time: { column: 'time', format: 'iso', marks: 'start' },
      period: '1h',
      object: { column: 'cell', type: 'cell' },
      kpis: SIMULATED_KPIS,
    },
    'bench-ingest',
    loadKpiRules(),
  );
}

/** A healthy cell's counters in one period. */
export interface Counters {
  readonly availabilityPct: number;
  readonly rrcAttempts: number;
  readonly rrcSuccesses: number;
  readonly erabAttempts: number;
  readonly erabSuccesses: number;
  readonly erabReleases: number;
  readonly erabDrops: number;
  readonly throughputMbps: number;
  readonly prbPct: number;
  readonly users: number;
  readonly volumeMb: number;
}

/** Uniform in [0,1): a multiplicative hash (Knuth, TAOCP 3, 6.4) of cell, period and column. */
function noise(cell: number, period: number, column: number): number {
  let hash = Math.imul(cell + 1, 0x9e3779b1) ^ Math.imul(period + 1, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 15) ^ column, 0xc2b2ae35);
  return ((hash ^ (hash >>> 13)) >>> 0) / 2 ** 32;
}

/** Counters that vary with cell and period, and are the same each time. */
export function countersOf(cell: number, period: number): Counters {
  const draw = (column: number): number => noise(cell, period, column);
  const size = 200 + (cell % 1000);
  const rrcAttempts = Math.round(size * (0.9 + 0.2 * draw(1)));
  const erabAttempts = Math.round(1.5 * size * (0.9 + 0.2 * draw(2)));
  const erabReleases = erabAttempts - Math.round(10 * draw(3));
  return {
    availabilityPct: 100,
    rrcAttempts,
    rrcSuccesses: rrcAttempts - Math.round(0.005 * rrcAttempts * draw(4)),
    erabAttempts,
    erabSuccesses: erabAttempts - Math.round(0.005 * erabAttempts * draw(5)),
    erabReleases,
    erabDrops: Math.round(0.005 * erabReleases * draw(6)),
    throughputMbps: Math.round(100 * (15 + 10 * draw(7))) / 100,
    prbPct: Math.round(100 * (30 + 20 * draw(8))) / 100,
    users: Math.round(10 * (size / 20) * (0.9 + 0.2 * draw(9))) / 10,
    volumeMb: Math.round(10 * size * (4 + 2 * draw(10))) / 10,
  };
}

/** Fills a row as decoding the report would. */
export function rowOf(
  cell: number,
  period: number,
  builder: ReportBlockBuilder,
  row: number,
): void {
  const c = countersOf(cell, period);
  builder.set(row, 0, c.availabilityPct / 100);
  builder.set(row, 1, c.rrcSuccesses / c.rrcAttempts, c.rrcAttempts);
  builder.set(row, 2, c.erabSuccesses / c.erabAttempts, c.erabAttempts);
  builder.set(row, 3, c.erabDrops / c.erabReleases, c.erabReleases);
  builder.set(row, 4, c.throughputMbps);
  builder.set(row, 5, c.prbPct / 100);
  builder.set(row, 6, c.users);
  builder.set(row, 7, c.volumeMb);
}

/** Cells whose reports lie in a partition. */
export function cellsOf(
  topic: { readonly cells: number; readonly partitions: number },
  partition: number,
): number[] {
  const cells: number[] = [];
  for (let cell = partition; cell < topic.cells; cell += topic.partitions) cells.push(cell);
  return cells;
}

/** A cell's id, as inventories spell them. */
export function cellName(cell: number): string {
  return `BRE-${String(cell).padStart(6, '0')}-${(cell % 3) + 1}A`;
}

/** One report as an operator's collector writes it, some 280 bytes. */
export function reportJson(cell: number, period: number): string {
  const counters = countersOf(cell, period);
  return JSON.stringify({
    cell: cellName(cell),
    time: new Date(FIRST_PERIOD_MS + period * PERIOD_MS).toISOString(),
    availability_pct: counters.availabilityPct,
    rrc_attempts: counters.rrcAttempts,
    rrc_successes: counters.rrcSuccesses,
    erab_attempts: counters.erabAttempts,
    erab_successes: counters.erabSuccesses,
    erab_releases: counters.erabReleases,
    erab_drops: counters.erabDrops,
    dl_throughput_mbps: counters.throughputMbps,
    prb_dl_pct: counters.prbPct,
    users_avg: counters.users,
    dl_volume_mb: counters.volumeMb,
  });
}
