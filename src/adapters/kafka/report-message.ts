import type { KpiReport, ReportBlock } from '../../domain/kpi.js';
import type { LaneSpec } from '../../domain/lane.js';
import type { ReportBlockBuilder } from '../../domain/report-block.js';

/** One row of a block as a message of Tocsin's own topic: a `KpiReport`. */
export function reportMessage(block: ReportBlock, row: number): string {
  const kpis: KpiReport['kpis'] = {};
  for (let k = 0; k < block.kpis.length; k++) {
    const at = row * block.kpis.length + k;
    const value = block.values[at] ?? Number.NaN;
    if (Number.isNaN(value)) continue;
    const attempts = block.attempts[at] ?? Number.NaN;
    kpis[block.kpis[k] ?? ''] = Number.isNaN(attempts) ? { value } : { value, attempts };
  }
  const report: KpiReport = {
    schemaVersion: 1,
    feed: block.feed,
    objectType: block.objectType,
    objectId: block.objectIds[row] ?? '',
    periodStart: new Date(block.periodStartMs[row] ?? 0).toISOString(),
    periodSeconds: block.periodSeconds,
    kpis,
  };
  return JSON.stringify(report);
}

/**
 * Adds a message of Tocsin's own topic to a block. KPIs that the feed has no more are passed over.
 * @returns why it was refused; undefined when it was added
 */
export function addReport(
  text: string,
  lane: LaneSpec,
  builder: ReportBlockBuilder,
): string | undefined {
  const report = parse(text);
  if (report === undefined) return 'not a JSON object';
  const { feed, objectId, periodStart, kpis } = report;
  if (feed !== lane.feed) return `feed is ${JSON.stringify(feed)}: allowed is ${lane.feed}`;
  const startMs = typeof periodStart === 'string' ? Date.parse(periodStart) : Number.NaN;
  if (typeof objectId !== 'string' || objectId === '' || Number.isNaN(startMs)) {
    return 'objectId and an ISO 8601 periodStart are needed';
  }
  if (typeof kpis !== 'object' || kpis === null) return 'kpis is needed';
  const row = builder.addRow(objectId, startMs);
  lane.kpis.forEach(({ name }, k) => {
    const { value, attempts } = kpis[name] ?? {};
    if (typeof value === 'number') builder.set(row, k, value, numberOr(attempts));
  });
  return undefined;
}

function parse(text: string): Partial<KpiReport> | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null
      ? (parsed as Partial<KpiReport>)
      : undefined;
  } catch {
    return undefined;
  }
}

function numberOr(value: unknown): number {
  return typeof value === 'number' ? value : Number.NaN;
}
