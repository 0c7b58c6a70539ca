import { TocsinError } from '../domain/errors.js';
import type { CompiledFeed } from './compiled-feed.js';

const encoder = new TextEncoder();

/** What the scanner looks for in lines of one feed; bytes are as they stand in a line, escaped. */
export interface LinePlan {
  readonly feed: CompiledFeed;
  /** undefined: any measurement */
  readonly measurement: Uint8Array | undefined;
  /** tag, or string field, that holds the object's id; undefined for a feed about one object */
  readonly objectKey: Uint8Array | undefined;
  readonly columnKeys: readonly Uint8Array[];
  /** values of the line in hand by column, NaN where absent */
  readonly values: Float64Array;
  /** column seen at each field position of the line before, -1 for none: lines repeat their order */
  readonly order: Int32Array;
}

/** Field positions whose column is remembered. */
const POSITIONS = 64;

/** @throws TocsinError `input.rules` for a feed that line protocol cannot carry */
export function linePlan(feed: CompiledFeed): LinePlan {
  if (feed.feed.format !== 'lineProtocol' || feed.feed.kind !== 'kpi') {
    throw new TocsinError(
      'input.rules',
      `feed ${feed.name}: line protocol carries feeds of format lineProtocol and kind kpi, not ${feed.feed.format} and ${feed.feed.kind}`,
    );
  }
  const { measurement, object } = feed.feed;
  return {
    feed,
    measurement:
      measurement === undefined ? undefined : encoder.encode(escapeMeasurement(measurement)),
    objectKey: object?.column === undefined ? undefined : encoder.encode(escapeKey(object.column)),
    columnKeys: feed.columns.map((column) => encoder.encode(escapeKey(column))),
    values: new Float64Array(feed.columns.length).fill(Number.NaN),
    order: new Int32Array(POSITIONS).fill(-1),
  };
}

/** Escapes a measurement as line protocol wants it: comma and space. */
export function escapeMeasurement(text: string): string {
  return text.replace(/[, ]/g, '\\$&');
}

/** Escapes a tag key, tag value or field key as line protocol wants it: comma, equals sign, space. */
export function escapeKey(text: string): string {
  return text.replace(/[, =]/g, '\\$&');
}

/** Undoes the escapes of measurement, keys and tag values; other backslashes stand for themselves. */
export function unescapeKey(text: string): string {
  return text.includes('\\') ? text.replace(/\\([, =])/g, '$1') : text;
}

/** Undoes the escapes of a string field's value: `\"` and `\\`. */
export function unescapeString(text: string): string {
  return text.includes('\\') ? text.replace(/\\(["\\])/g, '$1') : text;
}
