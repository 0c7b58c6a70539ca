import { fileURLToPath } from 'node:url';
import { loadYaml } from '../../src/adapters/rules/load-yaml.js';
import { createDetect } from '../../src/detect/detect.js';
import { DetectionRules } from '../../src/detect/rules.js';
import type { DetectEvent } from '../../src/domain/anomaly.js';
import type { KpiDefinition, ReportBlock } from '../../src/domain/kpi.js';
import type { LaneSpec, PeriodObserver } from '../../src/domain/lane.js';
import { ReportBlockBuilder } from '../../src/domain/report-block.js';

/** Monday 5 January 2026, 00:00 UTC. */
export const START_MS = Date.UTC(2026, 0, 5);
export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

const rulesFile = fileURLToPath(new URL('../../rules/detection.yaml', import.meta.url));

/** The rules that are shipped, with changes. */
export function rulesWith(changes: Partial<DetectionRules> = {}): DetectionRules {
  return { ...loadYaml(rulesFile, DetectionRules), ...changes };
}

/** An hourly lane in UTC. */
export function laneOf(
  kpis: Record<string, KpiDefinition>,
  changes: Partial<LaneSpec> = {},
): LaneSpec {
  return {
    feed: 'test',
    collector: 'test',
    objectType: 'cell',
    periodSeconds: 3600,
    latenessSeconds: 300,
    zone: 'UTC',
    holidays: [],
    kpis: Object.entries(kpis).map(([name, definition]) => ({ name, definition })),
    ...changes,
  };
}

/** Uniform numbers in [0,1): mulberry32. */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A standard normal number (Box-Muller). */
export function normalOf(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** One report: KPI name to value, or to value and attempts. */
export type Report = Record<string, number | readonly [value: number, attempts: number]>;

/** Reports of one period by object; an object that is not there did not report. */
export type PeriodReports = Record<string, Report>;

/** A block of some rows of one lane. */
export function blockOf(
  lane: LaneSpec,
  rows: readonly { readonly id: string; readonly startMs: number; readonly report: Report }[],
): ReportBlock {
  const kpis = lane.kpis.map(({ name }) => name);
  const builder = new ReportBlockBuilder({
    feed: lane.feed,
    objectType: lane.objectType,
    periodSeconds: lane.periodSeconds,
    kpis,
  });
  for (const { id, startMs, report } of rows) {
    const row = builder.addRow(id, startMs);
    for (const [name, value] of Object.entries(report)) {
      const [x, attempts] = typeof value === 'number' ? [value, Number.NaN] : value;
      builder.set(row, kpis.indexOf(name), x, attempts);
    }
  }
  return builder.finish();
}

/** Runs periods from `START_MS` on through detection, each released when it is over. */
export function runPeriods(
  lane: LaneSpec,
  periods: number,
  reports: (period: number, startMs: number) => PeriodReports,
  options: { readonly rules?: DetectionRules; readonly observer?: PeriodObserver } = {},
): DetectEvent[] {
  const detect = createDetect([lane], options.rules ?? rulesWith(), options.observer);
  const events: DetectEvent[] = [];
  const periodMs = lane.periodSeconds * 1000;
  for (let period = 0; period < periods; period++) {
    const startMs = START_MS + period * periodMs;
    const rows = Object.entries(reports(period, startMs)).map(([id, report]) => ({
      id,
      startMs,
      report,
    }));
    detect.ingest(blockOf(lane, rows));
    events.push(...detect.advance(startMs + periodMs + lane.latenessSeconds * 1000));
  }
  return events;
}

/** Anomaly events without those of another type. */
export function anomalies(events: readonly DetectEvent[], type?: 'raised' | 'updated' | 'cleared') {
  return events.flatMap((event) =>
    'anomaly' in event && (type === undefined || event.type === type) ? [event.anomaly] : [],
  );
}
