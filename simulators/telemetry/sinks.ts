import type { ReportBlock } from '../../src/domain/kpi.js';
import type { Network } from '../world/types.js';
import { addReport, blockBuilder, COUNTERS, type PeriodCounters, WIDTH } from './counters.js';
import type { ReportSink } from './delivery.js';

/** Reports as columns, ready for the journal. */
export function blockSink(network: Network, feed?: string): ReportSink<ReportBlock> {
  const builder = blockBuilder(feed, 64);
  return {
    add: (period, cell) => addReport(builder, network.cells[cell]?.cellId ?? '', period, cell),
    finish: () => (builder.rows === 0 ? undefined : builder.finish()),
  };
}

function numberText(value: number): string {
  return String(Math.round(value * 1e6) / 1e6);
}

/** Reports as CSV lines: period start, cell, counters; an absent one is empty. */
export function csvSink(network: Network): ReportSink<string> {
  let text = '';
  return {
    add: (period, cell) => {
      text += `${isoSeconds(period.periodStartMs)},${network.cells[cell]?.cellId ?? ''}`;
      for (let counter = 0; counter < WIDTH; counter++) {
        const value = period.counters[cell * WIDTH + counter] ?? Number.NaN;
        text += value === value ? `,${numberText(value)}` : ',';
      }
      text += '\n';
    },
    finish: () => text || undefined,
  };
}

/** Header of the file that `csvSink` writes lines of. */
export const CSV_HEADER = `time,cell,${COUNTERS.join(',')}\n`;

/** ISO 8601 UTC without milliseconds. */
export function isoSeconds(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

const COUNTS: ReadonlySet<string> = new Set(COUNTERS.slice(1, 7));

/** Reports as line protocol with nanoseconds, as rules/feeds/telemetry-line-protocol.yaml reads. */
export function lineSink(network: Network): ReportSink<string> {
  let text = '';
  return {
    add: (period, cell) => {
      text += `cell_kpi,cell=${network.cells[cell]?.cellId ?? ''} `;
      text += fieldsOf(period, cell);
      text += ` ${period.periodStartMs}000000\n`;
    },
    finish: () => text || undefined,
  };
}

function fieldsOf(period: PeriodCounters, cell: number): string {
  let fields = '';
  COUNTERS.forEach((name, counter) => {
    const value = period.counters[cell * WIDTH + counter] ?? Number.NaN;
    if (value !== value) return;
    fields += `${fields === '' ? '' : ','}${name}=${numberText(value)}${COUNTS.has(name) ? 'i' : ''}`;
  });
  return fields;
}
