/**
 * KPI history of one object, feed and UTC day as bytes: segments one after the other, little endian,
 * each a run of periods without a gap:
 *
 *     u32 layout (row of kpi_history_layouts), u32 second of the day of its first period,
 *     u16 number of periods, u16 number of KPIs,
 *     per KPI: value, expected, lo, hi, each an f32 for every period; NaN where there was none
 *
 * A later segment wins over an earlier one for the same period, so that writing again is harmless.
 */
const HEAD = 12;
/** value, expected, lo, hi */
export const SERIES = 4;

/** A run of periods of one object. `data` is [kpi][series][period], `SERIES` series a KPI. */
export interface Segment {
  readonly layout: number;
  readonly startSecond: number;
  readonly periods: number;
  readonly kpis: number;
  readonly data: Float32Array;
}

/** Bytes of one segment. */
export function packSegment(segment: Segment): Buffer {
  const bytes = Buffer.alloc(HEAD + segment.data.length * 4);
  bytes.writeUInt32LE(segment.layout, 0);
  bytes.writeUInt32LE(segment.startSecond, 4);
  bytes.writeUInt16LE(segment.periods, 8);
  bytes.writeUInt16LE(segment.kpis, 10);
  for (let at = 0; at < segment.data.length; at++) {
    bytes.writeFloatLE(segment.data[at] ?? Number.NaN, HEAD + at * 4);
  }
  return bytes;
}

/** Segments in the order they were written; a cut-off last one is left out. */
export function unpackSegments(bytes: Buffer): Segment[] {
  const segments: Segment[] = [];
  for (let at = 0; at + HEAD <= bytes.length; ) {
    const periods = bytes.readUInt16LE(at + 8);
    const kpis = bytes.readUInt16LE(at + 10);
    const length = periods * kpis * SERIES;
    const end = at + HEAD + length * 4;
    if (end > bytes.length) break;
    const data = new Float32Array(length);
    for (let i = 0; i < length; i++) data[i] = bytes.readFloatLE(at + HEAD + i * 4);
    const layout = bytes.readUInt32LE(at);
    const startSecond = bytes.readUInt32LE(at + 4);
    segments.push({ layout, startSecond, periods, kpis, data });
    at = end;
  }
  return segments;
}
