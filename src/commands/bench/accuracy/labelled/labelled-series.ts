import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { installFolder } from '../../../../config.js';
import { TocsinError } from '../../../../domain/errors.js';
import { openCsv } from '../../../../sources/csv-rows.js';

/** One series with what people called anomalous; all arrays are of one length, in order of time. */
export interface LabelledSeries {
  readonly name: string;
  readonly timesMs: Float64Array;
  readonly values: Float64Array;
  readonly isAnomalous: readonly boolean[];
  /** rows of a day: what peers are told of the season */
  readonly rowsPerDay: number;
}

/** Names of the labelled series. */
export const LABELLED_SERIES = ['bagel_sample', 'cpu4', 'server_res_eth1out_curve_6'] as const;

/** Where a labelled series would be. */
export function pathOfSeries(name: string): string {
  return join(installFolder, '../shared/data/labelled-kpis-5min', `${name}.csv`);
}

/**
 * Reads a series; undefined where its file is absent.
 * @throws TocsinError `input.file` when a row is not time in seconds, value and label
 */
export async function readLabelledSeries(name: string): Promise<LabelledSeries | undefined> {
  const path = pathOfSeries(name);
  if (!existsSync(path)) return undefined;
  const { header, rows } = await openCsv(path, ',', () => undefined);
  const [timeAt, valueAt, labelAt] = ['timestamp', 'value', 'label'].map((column) =>
    header.indexOf(column),
  );
  const read: { timeMs: number; value: number; isAnomalous: boolean }[] = [];
  for await (const { row } of rows) {
    const number = (at = -1): number => Number(row[at] ?? Number.NaN);
    const [timeMs, value, label] = [number(timeAt) * 1000, number(valueAt), number(labelAt)];
    if (Number.isNaN(timeMs + value + label)) {
      throw new TocsinError('input.file', `${path}: "${row.join(',')}" is no time, value, label`);
    }
    read.push({ timeMs, value, isAnomalous: label > 0 });
  }
  const stepMs = (read[1]?.timeMs ?? 1) - (read[0]?.timeMs ?? 0);
  return {
    name,
    timesMs: Float64Array.from(read, ({ timeMs }) => timeMs),
    values: Float64Array.from(read, ({ value }) => value),
    isAnomalous: read.map(({ isAnomalous }) => isAnomalous),
    rowsPerDay: Math.max(1, Math.round(86_400_000 / stepMs)),
  };
}
