import { isUtf8 } from 'node:buffer';
import { messageOf } from '../domain/errors.js';
import type { RejectReason } from './decode.js';
import { quoted } from './refusals.js';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false });

/** One record of a JSON payload, or why there is none at this place. */
export type JsonItem =
  | { readonly record: unknown }
  | { readonly reason: RejectReason; readonly detail: string; readonly text: Uint8Array | string };

/**
 * Splits a payload into records: a JSON object, an array of them, or one JSON text per line
 * (NDJSON, blank lines skipped). A line that cannot be read does not void the others.
 */
export function* jsonRecords(bytes: Uint8Array): Generator<JsonItem> {
  if (!isUtf8(bytes)) {
    yield* linesOfBrokenUtf8(bytes);
    return;
  }
  const text = utf8.decode(bytes);
  const whole = parse(text);
  if ('record' in whole) {
    if (!Array.isArray(whole.record)) yield whole;
    else for (const record of whole.record) yield { record };
    return;
  }
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  if (lines.length < 2 || !lines.some((line) => 'record' in parse(line))) {
    yield whole;
    return;
  }
  for (const line of lines) yield parse(line);
}

function parse(text: string): JsonItem {
  try {
    return { record: JSON.parse(text) };
  } catch (error) {
    return {
      reason: 'payload.malformed',
      detail: `not JSON: ${messageOf(error)}: allowed are an object, an array of objects, or one object per line`,
      text,
    };
  }
}

function* linesOfBrokenUtf8(bytes: Uint8Array): Generator<JsonItem> {
  for (let from = 0; from < bytes.length; ) {
    const newline = bytes.indexOf(0x0a, from);
    const end = newline < 0 ? bytes.length : newline;
    const line = bytes.subarray(from, end);
    from = end + 1;
    if (isUtf8(line)) {
      const text = utf8.decode(line);
      if (text.trim() !== '') yield parse(text);
    } else {
      yield { reason: 'payload.invalidUtf8', detail: 'bytes are not UTF-8', text: line };
    }
  }
}

/** Reads a member of a record. */
export type Member = (record: Readonly<Record<string, unknown>>) => unknown;

/**
 * Reader of one member by its path: `a.b.0.c` steps into objects and arrays; a member whose own name
 * is the whole path comes first.
 */
export function memberAt(path: string): Member {
  const steps = path.split('.');
  if (steps.length === 1) return (record) => record[path];
  return (record) => {
    const direct = record[path];
    if (direct !== undefined) return direct;
    let at: unknown = record;
    for (const step of steps) {
      if (at === null || typeof at !== 'object' || !Object.hasOwn(at, step)) return undefined;
      at = (at as Record<string, unknown>)[step];
    }
    return at;
  };
}

/** Whether a value is a JSON object, hence has members. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

/** The refusal of a record that is none. */
export function notARecord(value: unknown): string {
  return `${quoted(value)} is no record: a JSON object is allowed`;
}
