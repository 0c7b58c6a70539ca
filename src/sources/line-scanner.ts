import { readDecimal } from './decimal.js';
import type { LinePlan } from './line-plan.js';

/** Unit of the timestamps of one payload. */
export type Precision = 'ns' | 'us' | 'ms' | 's';

const NEWLINE = 0x0a;
const RETURN = 0x0d;
const SPACE = 0x20;
const TAB = 0x09;
const QUOTE = 0x22;
const HASH = 0x23;
const COMMA = 0x2c;
const MINUS = 0x2d;
const EQUALS = 0x3d;
const BACKSLASH = 0x5c;
const LOWER_I = 0x69;
const LOWER_U = 0x75;

/** Digits to drop (positive) or zeros to add (negative) to come to milliseconds. */
const DIGITS_BELOW_MS: Readonly<Record<Precision, number>> = { ns: 6, us: 3, ms: 0, s: -3 };
/** Digits of an int64. */
const MAX_TIME_DIGITS = 19;

/** A value that is no number: the column it was for and where it stands. */
export interface BadValue {
  readonly column: number;
  readonly start: number;
  readonly end: number;
}

/** What `next` found: `line` is well formed, `bad` is not (see `problem`). */
export type Found = 'line' | 'bad' | 'end';

/**
 * Splits line protocol (InfluxDB 2) into lines and takes from each what a feed reads, straight from
 * the bytes: no string and no object per field. One instance keeps its scratch between payloads.
 *
 * After `next` returned `line`: `plan` is the feed's (undefined when no feed reads the measurement),
 * `plan.values` the numbers by column, `[idStart, idEnd)` the object's id (`idStart` -1 when absent),
 * `timeMs` the time (`hasTime` false when the line has none), `badValues` what was no number.
 * Fields that no feed reads are passed over unread; strings may hold newlines, as in InfluxDB.
 */
export class LineScanner {
  plan: LinePlan | undefined;
  idStart = -1;
  idEnd = -1;
  idQuoted = false;
  hasTime = false;
  timeMs = 0;
  lineStart = 0;
  lineEnd = 0;
  lineNumber = 0;
  fieldsRead = 0;
  problem = '';
  readonly badValues: BadValue[] = [];

  readonly #plans: readonly LinePlan[];
  readonly #anyMeasurement: LinePlan | undefined;
  #last: LinePlan | undefined;
  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;
  #belowMs = 6;

  constructor(plans: readonly LinePlan[]) {
    this.#plans = plans.filter((plan) => plan.measurement !== undefined);
    this.#anyMeasurement = plans.find((plan) => plan.measurement === undefined);
    this.#last = this.#plans[0];
  }

  /** Starts on another payload. */
  reset(bytes: Uint8Array, precision: Precision): void {
    this.#bytes = bytes;
    this.#at = 0;
    this.#belowMs = DIGITS_BELOW_MS[precision];
    this.lineNumber = 0;
  }

  /** Reads the next line that is neither blank nor a comment. */
  next(): Found {
    const bytes = this.#bytes;
    for (;;) {
      while (isBlank(bytes[this.#at])) this.#at++;
      if (this.#at >= bytes.length) return 'end';
      this.lineNumber++;
      const first = bytes[this.#at];
      if (first !== NEWLINE && first !== HASH) break;
      const newline = bytes.indexOf(NEWLINE, this.#at);
      this.#at = newline < 0 ? bytes.length : newline + 1;
    }
    this.lineStart = this.#at;
    this.problem = '';
    this.idStart = -1;
    this.hasTime = false;
    this.fieldsRead = 0;
    this.badValues.length = 0;
    if (this.#measurement() && this.#tags() && this.#fields() && this.#time()) return 'line';
    this.lineEnd = endOfLine(bytes, this.lineStart);
    this.#at = this.lineEnd + 1;
    return 'bad';
  }

  #fail(problem: string): false {
    this.problem = problem;
    return false;
  }

  #measurement(): boolean {
    const bytes = this.#bytes;
    if (bytes[this.#at] === COMMA) return this.#fail('missing measurement');
    const known = this.#last;
    let end = this.#at + (known?.measurement?.length ?? 0);
    if (!known?.measurement || !isKey(bytes, this.#at, known.measurement) || !endsKey(bytes[end])) {
      end = keyEnd(bytes, this.#at, COMMA);
      const start = this.#at;
      this.plan =
        this.#plans.find(
          ({ measurement }) =>
            measurement?.length === end - start && isKey(bytes, start, measurement),
        ) ?? this.#anyMeasurement;
      if (this.plan?.measurement) this.#last = this.plan;
    } else {
      this.plan = known;
    }
    this.plan?.values.fill(Number.NaN);
    this.#at = end;
    return true;
  }

  #tags(): boolean {
    const bytes = this.#bytes;
    const objectKey = this.plan?.objectKey;
    let at = this.#at;
    while (bytes[at] === COMMA) {
      const key = at + 1;
      const equals =
        objectKey && isKey(bytes, key, objectKey) && bytes[key + objectKey.length] === EQUALS
          ? key + objectKey.length
          : keyEnd(bytes, key, EQUALS);
      if (equals === key) return this.#fail('missing tag key');
      if (bytes[equals] !== EQUALS) return this.#fail('missing tag value');
      at = tagValueEnd(bytes, equals + 1);
      if (at === equals + 1) return this.#fail('missing tag value');
      if (bytes[at] === EQUALS) return this.#fail('invalid tag format');
      if (objectKey?.length === equals - key && isKey(bytes, key, objectKey)) {
        this.#object(equals + 1, at, false);
      }
    }
    if (bytes[at] !== SPACE) return this.#fail('missing fields');
    while (bytes[at] === SPACE) at++;
    if (at >= bytes.length || bytes[at] === NEWLINE) return this.#fail('missing fields');
    this.#at = at;
    return true;
  }

  #object(start: number, end: number, isQuoted: boolean): void {
    this.idStart = start;
    this.idEnd = end;
    this.idQuoted = isQuoted;
  }

  #fields(): boolean {
    const bytes = this.#bytes;
    for (let position = 0; ; position++) {
      const key = this.#at;
      const column = this.#column(key, position);
      const keyLength = column >= 0 ? (this.plan?.columnKeys[column]?.length ?? 0) : -1;
      const equals = keyLength >= 0 ? key + keyLength : keyEnd(bytes, key, EQUALS);
      if (equals === key) return this.#fail('missing field key');
      if (bytes[equals] !== EQUALS) return this.#fail('missing field value');
      const ok =
        bytes[equals + 1] === QUOTE
          ? this.#quoted(key, equals, column)
          : this.#plain(equals + 1, column);
      if (!ok) return false;
      if (bytes[this.#at] !== COMMA) return true;
      this.#at++;
    }
  }

  /** Column whose key starts here, tried first as the line before had it. -1: none reads it. */
  #column(key: number, position: number): number {
    const plan = this.plan;
    if (plan === undefined) return -1;
    const bytes = this.#bytes;
    const guess = plan.order[position] ?? -1;
    const guessed = guess < 0 ? undefined : plan.columnKeys[guess];
    if (guessed && isKey(bytes, key, guessed) && bytes[key + guessed.length] === EQUALS) {
      return guess;
    }
    const found = plan.columnKeys.findIndex(
      (name) => isKey(bytes, key, name) && bytes[key + name.length] === EQUALS,
    );
    if (position < plan.order.length) plan.order[position] = found;
    return found;
  }

  #quoted(key: number, equals: number, column: number): boolean {
    const bytes = this.#bytes;
    const start = equals + 2;
    let end = start;
    while (end < bytes.length && bytes[end] !== QUOTE) end += bytes[end] === BACKSLASH ? 2 : 1;
    if (end >= bytes.length) return this.#fail('unbalanced quotes');
    this.#at = end + 1;
    if (!endsValue(bytes[this.#at])) return this.#fail('invalid field format');
    const objectKey = this.plan?.objectKey;
    if (objectKey?.length === equals - key && isKey(bytes, key, objectKey)) {
      this.#object(start, end, true);
    } else if (column >= 0) {
      this.badValues.push({ column, start: start - 1, end: end + 1 });
    }
    return true;
  }

  #plain(start: number, column: number): boolean {
    const bytes = this.#bytes;
    let end = start;
    while (!endsValue(bytes[end])) end++;
    if (end === start) return this.#fail('missing field value');
    this.#at = end;
    if (column < 0) return true;
    const suffix = bytes[end - 1];
    const isWhole = suffix === LOWER_I || suffix === LOWER_U;
    const value = readDecimal(bytes, start, isWhole ? end - 1 : end);
    const isWrong = isWhole && (value % 1 !== 0 || (suffix === LOWER_U && value < 0));
    if (value !== value || isWrong) {
      this.badValues.push({ column, start, end });
    } else if (this.plan) {
      this.plan.values[column] = value;
      this.fieldsRead++;
    }
    return true;
  }

  #time(): boolean {
    const bytes = this.#bytes;
    let at = this.#at;
    while (isBlank(bytes[at])) at++;
    const start = at;
    const isNegative = bytes[at] === MINUS;
    if (isNegative) at++;
    const first = at;
    while (isDigit(bytes[at])) at++;
    const digits = at - first;
    let end = at;
    while (isBlank(bytes[end])) end++;
    if (end < bytes.length && bytes[end] !== NEWLINE) return this.#fail('bad timestamp');
    if (at > start) {
      if (digits === 0 || digits > MAX_TIME_DIGITS) return this.#fail('bad timestamp');
      this.hasTime = true;
      this.timeMs = this.#milliseconds(first, at, isNegative);
    }
    this.lineEnd = this.#at = end;
    this.#at++;
    return true;
  }

  #milliseconds(first: number, end: number, isNegative: boolean): number {
    const kept = Math.max(first, end - Math.max(this.#belowMs, 0));
    let value = 0;
    for (let at = first; at < kept; at++) value = value * 10 + (this.#bytes[at] ?? 0) - 48;
    if (this.#belowMs < 0) value *= 1000;
    if (!isNegative) return value;
    for (let at = kept; at < end; at++) if (this.#bytes[at] !== 48) return -value - 1;
    return -value;
  }
}

/** White space within a line; a carriage return before the newline counts as such. */
function isBlank(byte: number | undefined): boolean {
  return byte === SPACE || byte === TAB || byte === RETURN;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 48 && byte <= 57;
}

function endsKey(byte: number | undefined): boolean {
  return byte === COMMA || byte === SPACE || byte === NEWLINE || byte === undefined;
}

function endsValue(byte: number | undefined): boolean {
  return endsKey(byte) || byte === RETURN;
}

function isKey(bytes: Uint8Array, start: number, key: Uint8Array): boolean {
  for (let i = 0; i < key.length; i++) if (bytes[start + i] !== key[i]) return false;
  return true;
}

/** First unescaped `stop`, space or newline from `start`, or the end. */
function keyEnd(bytes: Uint8Array, start: number, stop: number): number {
  let at = start;
  for (; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === BACKSLASH && bytes[at + 1] !== NEWLINE) at++;
    else if (byte === stop || byte === SPACE || byte === NEWLINE) break;
  }
  return Math.min(at, bytes.length);
}

/** First unescaped comma, space, newline or equals sign from `start`, or the end. */
function tagValueEnd(bytes: Uint8Array, start: number): number {
  let at = start;
  for (; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === BACKSLASH && bytes[at + 1] !== NEWLINE) at++;
    else if (byte === COMMA || byte === SPACE || byte === NEWLINE || byte === EQUALS) break;
  }
  return Math.min(at, bytes.length);
}

/**
 * Where a line that could not be read ends, so that the next one can: at the first newline outside
 * a quoted field value, as InfluxDB's `scanLine` finds it; at the first newline when a quote stays
 * open, so that one bad line does not swallow the rest.
 */
function endOfLine(bytes: Uint8Array, start: number): number {
  let isQuoted = false;
  let inFields = false;
  let firstNewline = -1;
  let before = 0;
  for (let at = start; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === NEWLINE) {
      if (!isQuoted) return at;
      if (firstNewline < 0) firstNewline = at;
    } else if (byte === BACKSLASH) {
      if (bytes[at + 1] !== NEWLINE) at++;
    } else if (byte === SPACE) inFields = true;
    else if (byte === QUOTE && inFields && (isQuoted || before === EQUALS)) isQuoted = !isQuoted;
    before = byte ?? 0;
  }
  return isQuoted && firstNewline >= 0 ? firstNewline : bytes.length;
}
