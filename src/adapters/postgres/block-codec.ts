import { endianness } from 'node:os';
import { TocsinError } from '../../domain/errors.js';
import type { ReportBlock } from '../../domain/kpi.js';

/**
 * Bytes of a ReportBlock, little endian, every column start padded to 8 bytes:
 *
 *     u8 version, u8 id encoding (0 latin1, 1 UTF-16), u16 0, u32 length of head
 *     head: JSON {feed, objectType, periodSeconds, kpis}
 *     u32 rows, u32 ids, u32 bytes of id text, u16 length of each id, text of all ids
 *     u32 id of each row, absent when there are as many ids as rows
 *     columns: period start, then value and attempts of each KPI
 *
 * A column is u8 mode, padding, data: all NaN (no data), one value (one f64), f32 when that holds
 * every value exactly, else f64. Values come back bit for bit, except that there is one NaN.
 */
const VERSION = 1;
const ABSENT = 0;
const CONSTANT = 1;
const SINGLE = 2;
const DOUBLE = 3;
const LATIN1 = 0;
const UTF16 = 1;

const WIDTH = [0, 0, 4, 8] as const;

interface Column {
  readonly data: Float64Array;
  readonly start: number;
  readonly step: number;
  readonly mode: number;
}

const pad = (at: number): number => (at + 7) & ~7;

/** Packs a block. @throws RangeError for an id of more than 65,535 UTF-16 units */
export function encodeBlock(block: ReportBlock): Buffer {
  const { feed, objectType, periodSeconds, kpis, rows } = block;
  const head = Buffer.from(JSON.stringify({ feed, objectType, periodSeconds, kpis }));
  const ids = packIds(block.objectIds, rows);
  const columns = columnsOf(block);
  let size = pad(8 + head.length) + 12 + ids.lengths.byteLength;
  size = pad(size + ids.text.length) + (ids.index === undefined ? 0 : ids.index.byteLength);
  for (const { mode } of columns) size = pad(size + 1) + dataBytes(mode, rows);
  const bytes = Buffer.from(new ArrayBuffer(size));
  bytes[0] = VERSION;
  bytes[1] = ids.encoding;
  bytes.writeUInt32LE(head.length, 4);
  head.copy(bytes, 8);
  let at = pad(8 + head.length);
  at = bytes.writeUInt32LE(rows, at);
  at = bytes.writeUInt32LE(ids.lengths.length, at);
  at = bytes.writeUInt32LE(ids.text.length, at);
  at = put(bytes, ids.lengths, at);
  ids.text.copy(bytes, at);
  at = pad(at + ids.text.length);
  if (ids.index !== undefined) at = put(bytes, ids.index, at);
  for (const column of columns) at = putColumn(bytes, column, rows, at);
  return bytes;
}

/** Unpacks what `encodeBlock` made. @throws TocsinError `internal` for another version */
export function decodeBlock(given: Uint8Array): ReportBlock {
  if (given[0] !== VERSION || endianness() !== 'LE') {
    throw new TocsinError('internal', `report block of version ${given[0]}, known: ${VERSION}`);
  }
  const bytes = aligned(given);
  const headLength = bytes.readUInt32LE(4);
  const head = JSON.parse(bytes.toString('utf8', 8, 8 + headLength)) as Omit<
    ReportBlock,
    'rows' | 'objectIds' | 'periodStartMs' | 'values' | 'attempts'
  >;
  let at = pad(8 + headLength);
  const rows = bytes.readUInt32LE(at);
  const { objectIds, end } = unpackIds(bytes, at, rows);
  at = end;
  const width = head.kpis.length;
  const periodStartMs = new Float64Array(rows);
  const values = new Float64Array(rows * width);
  const attempts = new Float64Array(rows * width);
  at = takeColumn(bytes, at, periodStartMs, 0, 1);
  for (let kpi = 0; kpi < width; kpi++) {
    at = takeColumn(bytes, at, values, kpi, width);
    at = takeColumn(bytes, at, attempts, kpi, width);
  }
  return { ...head, rows, objectIds, periodStartMs, values, attempts };
}

function dataBytes(mode: number, rows: number): number {
  return mode === CONSTANT ? 8 : rows * (WIDTH[mode] ?? 0);
}

function columnsOf(block: ReportBlock): Column[] {
  const { rows, kpis, periodStartMs, values, attempts } = block;
  const columns = [columnOf(periodStartMs, 0, 1, rows)];
  for (let kpi = 0; kpi < kpis.length; kpi++) {
    columns.push(columnOf(values, kpi, kpis.length, rows));
    columns.push(columnOf(attempts, kpi, kpis.length, rows));
  }
  return columns;
}

function columnOf(data: Float64Array, start: number, step: number, rows: number): Column {
  const end = start + rows * step;
  const first = data[start] ?? Number.NaN;
  let mode = first === first ? CONSTANT : ABSENT;
  for (let at = start + step; at < end; at += step) {
    if (Object.is(data[at], first)) continue;
    mode = isSingle(data, start, end, step) ? SINGLE : DOUBLE;
    break;
  }
  return { data, start, step, mode };
}

function isSingle(data: Float64Array, start: number, end: number, step: number): boolean {
  for (let at = start; at < end; at += step) {
    const value = data[at] as number;
    if (Math.fround(value) !== value && value === value) return false;
  }
  return true;
}

function putColumn(bytes: Buffer, column: Column, rows: number, at: number): number {
  const { data, start, step, mode } = column;
  bytes[at] = mode;
  const from = pad(at + 1);
  if (mode === ABSENT) return from;
  if (mode === CONSTANT) return bytes.writeDoubleLE(data[start] ?? Number.NaN, from);
  const target = view(bytes, mode, from, rows);
  for (let row = 0, source = start; row < rows; row++, source += step) {
    target[row] = data[source] ?? Number.NaN;
  }
  return from + rows * (WIDTH[mode] ?? 0);
}

function takeColumn(
  bytes: Buffer,
  at: number,
  into: Float64Array,
  start: number,
  step: number,
): number {
  const mode = bytes[at] ?? ABSENT;
  const from = pad(at + 1);
  const rows = into.length / step;
  if (mode === ABSENT || mode === CONSTANT) {
    const value = mode === ABSENT ? Number.NaN : bytes.readDoubleLE(from);
    for (let target = start; target < into.length; target += step) into[target] = value;
    return mode === ABSENT ? from : from + 8;
  }
  const source = view(bytes, mode, from, rows);
  for (let row = 0, target = start; row < rows; row++, target += step) {
    into[target] = source[row] ?? Number.NaN;
  }
  return from + rows * (WIDTH[mode] ?? 0);
}

function view(
  bytes: Buffer,
  mode: number,
  from: number,
  rows: number,
): Float32Array | Float64Array {
  const at = bytes.byteOffset + from;
  if (mode === SINGLE) return new Float32Array(bytes.buffer, at, rows);
  return new Float64Array(bytes.buffer, at, rows);
}

interface PackedIds {
  readonly encoding: number;
  readonly lengths: Uint16Array;
  readonly text: Buffer;
  readonly index: Uint32Array | undefined;
}

function packIds(objectIds: readonly string[], rows: number): PackedIds {
  // A block of several periods names its first object again; one of a single period is not worth
  // the search: an object it does name twice is then written twice, and read back the same.
  const isRepeated = objectIds.length !== rows || objectIds.indexOf(objectIds[0] ?? '', 1) > 0;
  const { ids, index } = isRepeated ? indexIds(objectIds, rows) : { ids: objectIds };
  const lengths = new Uint16Array(ids.length);
  for (let place = 0; place < ids.length; place++) {
    const { length } = ids[place] ?? '';
    if (length > 0xffff) throw new RangeError(`an object id has ${length} characters`);
    lengths[place] = length;
  }
  const joined = ids.join('');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the range is all of Latin-1
  const encoding = /^[\u0000-\u00ff]*$/.test(joined) ? LATIN1 : UTF16;
  const text = Buffer.from(joined, encoding === LATIN1 ? 'latin1' : 'utf16le');
  return { encoding, lengths, text, index: ids.length === rows ? undefined : index };
}

function indexIds(
  objectIds: readonly string[],
  rows: number,
): { ids: readonly string[]; index: Uint32Array } {
  const places = new Map<string, number>();
  const index = new Uint32Array(rows);
  for (let row = 0; row < rows; row++) {
    const id = objectIds[row] ?? '';
    let place = places.get(id);
    if (place === undefined) {
      place = places.size;
      places.set(id, place);
    }
    index[row] = place;
  }
  return { ids: [...places.keys()], index };
}

function unpackIds(
  bytes: Buffer,
  start: number,
  rows: number,
): { objectIds: string[]; end: number } {
  const count = bytes.readUInt32LE(start + 4);
  const textBytes = bytes.readUInt32LE(start + 8);
  const lengthsAt = start + 12;
  const textAt = lengthsAt + count * 2;
  const encoding = bytes[1] === LATIN1 ? 'latin1' : 'utf16le';
  const text = bytes.toString(encoding, textAt, textAt + textBytes);
  const ids = new Array<string>(count);
  let from = 0;
  for (let place = 0; place < count; place++) {
    const length = bytes.readUInt16LE(lengthsAt + place * 2);
    ids[place] = text.slice(from, from + length);
    from += length;
  }
  const end = pad(textAt + textBytes);
  if (count === rows) return { objectIds: ids, end };
  const index = new Uint32Array(bytes.buffer, bytes.byteOffset + end, rows);
  return { objectIds: Array.from(index, (place) => ids[place] ?? ''), end: end + rows * 4 };
}

/** Typed arrays need their own alignment, which a slice of a socket's buffer may not have. */
function aligned(bytes: Uint8Array): Buffer {
  if (bytes.byteOffset % 8 === 0) return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const copy = new ArrayBuffer(bytes.length);
  const buffer = Buffer.from(copy);
  buffer.set(bytes);
  return buffer;
}

function put(bytes: Buffer, from: Uint16Array | Uint32Array, at: number): number {
  bytes.set(new Uint8Array(from.buffer, from.byteOffset, from.byteLength), at);
  return at + from.byteLength;
}
