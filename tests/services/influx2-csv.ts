import type { FluxQuery } from './influx2-flux.js';

/** A point as it is kept. */
export interface StoredPoint {
  readonly measurement: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly fields: Readonly<Record<string, { readonly isWhole: boolean; readonly value: number }>>;
  readonly timeMs: number;
}

/**
 * Annotated CSV as InfluxDB 2 answers it: one table per series, annotations and header anew where
 * columns differ. Later writes to the same point have replaced earlier ones field by field.
 */
export function annotatedCsv(points: readonly StoredPoint[], query: FluxQuery): string {
  const series = new Map<string, Map<number, StoredPoint>>();
  for (const point of points.filter((each) => isWanted(each, query))) {
    const key = JSON.stringify([point.measurement, point.tags]);
    const rows = series.get(key) ?? new Map<number, StoredPoint>();
    series.set(key, rows);
    const before = rows.get(point.timeMs);
    rows.set(point.timeMs, { ...point, fields: { ...before?.fields, ...point.fields } });
  }
  let table = 0;
  let text = '';
  for (const rows of series.values()) {
    text += tableOf([...rows.values()], table++, query);
  }
  return text === '' ? '\r\n' : text;
}

function isWanted(point: StoredPoint, query: FluxQuery): boolean {
  return (
    point.timeMs >= query.fromMs &&
    point.timeMs < query.toMs &&
    (query.measurement === undefined || point.measurement === query.measurement) &&
    (query.fields === undefined || Object.keys(point.fields).some((f) => query.fields?.includes(f)))
  );
}

function tableOf(rows: readonly StoredPoint[], table: number, query: FluxQuery): string {
  const first = rows[0];
  if (first === undefined) return '';
  const tags = Object.keys(first.tags).sort();
  const fields = [...new Set(rows.flatMap((row) => Object.keys(row.fields)))]
    .filter((field) => query.fields?.includes(field) ?? true)
    .sort();
  const types = fields.map((field) =>
    rows.some((row) => row.fields[field]?.isWhole === false) ? 'double' : 'long',
  );
  const lines = [
    [
      '#datatype',
      'string',
      'long',
      'dateTime:RFC3339',
      'string',
      ...tags.map(() => 'string'),
      ...types,
    ],
    [
      '#group',
      'false',
      'false',
      'false',
      'true',
      ...tags.map(() => 'true'),
      ...fields.map(() => 'false'),
    ],
    ['#default', '_result', '', '', '', ...tags.map(() => ''), ...fields.map(() => '')],
    ['', 'result', 'table', '_time', '_measurement', ...tags, ...fields],
    ...rows
      .toSorted((a, b) => a.timeMs - b.timeMs)
      .slice(0, query.limit)
      .map((row) => [
        '',
        '',
        String(table),
        new Date(row.timeMs).toISOString(),
        row.measurement,
        ...tags.map((tag) => row.tags[tag] ?? ''),
        ...fields.map((field) => String(row.fields[field]?.value ?? '')),
      ]),
  ];
  return `${lines.map((line) => line.map(quote).join(',')).join('\r\n')}\r\n\r\n`;
}

function quote(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
