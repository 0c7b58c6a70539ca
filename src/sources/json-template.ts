import { USE } from './json-plan.js';

const QUOTE = 0x22;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const BACKSLASH = 0x5c;
const SPACE = 0x20;
const LAST_ASCII = 0x7f;

/** Powers of ten that a double holds exactly. */
const POWERS = Float64Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));
const UPPER_E = 0x45;
const LOWER_E = 0x65;
const PLUS = 0x2b;
const ascii = new TextDecoder('latin1');

const NO_BYTES = new DataView(new ArrayBuffer(0));

/** One value of a record: the bytes between the value before and this one, and its `USE`. */
export interface TemplatePart {
  readonly between: Uint8Array;
  readonly use: number;
  readonly isText: boolean;
}

/** Values found by a template; `[start, end)` spans, `idStart` and `timeStart` -1 when absent. */
export interface Found {
  readonly values: Float64Array;
  idStart: number;
  idEnd: number;
  timeStart: number;
  timeEnd: number;
  timeNumber: number;
}

/**
 * The bytes of one record without its values. Records of a feed differ in nothing else, so that
 * comparing these bytes and reading the values between them is a whole parse: what equals a record
 * that was well formed, with well formed values of the same types, is well formed.
 */
export class JsonTemplate {
  readonly columnsSeen: number;
  /** what stands between the values, one after the other */
  readonly #between: DataView;
  readonly #ends: Int32Array;
  readonly #uses: Int32Array;
  readonly #isText: Uint8Array;
  /** the buffer that the last record lay in, and a view of it: many records share one */
  #buffer: ArrayBufferLike = NO_BYTES.buffer;
  #view: DataView = NO_BYTES;

  /** @param tail bytes behind the last value */
  constructor(parts: readonly TemplatePart[], tail: Uint8Array, columnsSeen: number) {
    this.columnsSeen = columnsSeen;
    const all = [...parts.map(({ between }) => between), tail];
    const size = all.reduce((sum, between) => sum + between.length, 0);
    const own = new Uint8Array(size);
    this.#between = new DataView(own.buffer);
    this.#ends = new Int32Array(all.length);
    this.#uses = Int32Array.from(parts, ({ use }) => use);
    this.#isText = Uint8Array.from(parts, ({ isText }) => (isText ? 1 : 0));
    let at = 0;
    all.forEach((between, part) => {
      own.set(between, at);
      at += between.length;
      this.#ends[part] = at;
    });
  }

  /** Reads a record into `found`. @returns false when it is not of this form, or not plain */
  read(bytes: Uint8Array, found: Found): boolean {
    if (bytes.buffer !== this.#buffer) {
      this.#buffer = bytes.buffer;
      this.#view = new DataView(bytes.buffer);
    }
    const view = this.#view;
    const start = bytes.byteOffset;
    const end = start + bytes.length;
    const values = this.#uses.length;
    let at = start;
    for (let part = 0; part <= values; part++) {
      at = this.#passBetween(view, at, end, part);
      if (at < 0) return false;
      if (part === values) break;
      const use = this.#uses[part] as number;
      const from = at;
      const isText = this.#isText[part] === 1;
      at = isText ? textEnd(view, at, end) : readNumber(view, at, end, use, found);
      if (at < 0) return false;
      if (isText && use !== USE.unread) setSpan(found, use, from - start, at - start);
    }
    return at === end;
  }

  /** @returns the place behind what stands before a value (or the end), -1 when it differs */
  #passBetween(view: DataView, start: number, end: number, part: number): number {
    const between = this.#between;
    const to = this.#ends[part] as number;
    let from = part === 0 ? 0 : (this.#ends[part - 1] as number);
    let at = start;
    if (at + to - from > end) return -1;
    for (; from + 4 <= to; from += 4, at += 4) {
      if (view.getInt32(at) !== between.getInt32(from)) return -1;
    }
    for (; from < to; from++, at++) {
      if (view.getUint8(at) !== between.getUint8(from)) return -1;
    }
    return at;
  }
}

function setSpan(found: Found, use: number, start: number, end: number): void {
  if (use === USE.object) {
    found.idStart = start;
    found.idEnd = end;
  } else {
    found.timeStart = start;
    found.timeEnd = end;
  }
}

/** Place of the quote that ends a text without escapes; -1 for any other text. */
function textEnd(view: DataView, start: number, end: number): number {
  for (let at = start; at < end; at++) {
    const byte = view.getUint8(at);
    if (byte === QUOTE) return at;
    if (byte === BACKSLASH || byte < SPACE || byte > LAST_ASCII) return -1;
  }
  return -1;
}

/** @returns place behind the number, -1 when it is none, not finite, or ends the bytes */
function readNumber(view: DataView, start: number, end: number, use: number, found: Found): number {
  if (start >= end) return -1;
  const first = view.getUint8(start) === MINUS ? start + 1 : start;
  let mantissa = 0;
  let point = -1;
  let at = first;
  for (; at < end; at++) {
    const byte = view.getUint8(at);
    if (byte >= ZERO && byte <= NINE) mantissa = mantissa * 10 + (byte - ZERO);
    else if (byte === POINT && point < 0) point = at;
    else break;
  }
  const whole = (point < 0 ? at : point) - first;
  const decimals = point < 0 ? 0 : at - point - 1;
  if (whole < 1 || (whole > 1 && view.getUint8(first) === ZERO) || at === end) return -1;
  if (point >= 0 && decimals === 0) return -1;
  const byte = view.getUint8(at);
  const hasExponent = byte === LOWER_E || byte === UPPER_E;
  if (hasExponent) at = exponentEnd(view, at, end);
  let value: number;
  if (hasExponent || mantissa > Number.MAX_SAFE_INTEGER || decimals >= POWERS.length) {
    if (at < 0) return -1;
    value = Number(ascii.decode(new Uint8Array(view.buffer, start, at - start)));
    if (!Number.isFinite(value)) return -1;
  } else {
    const size = decimals === 0 ? mantissa : mantissa / (POWERS[decimals] as number);
    value = first === start ? size : -size;
  }
  if (use >= 0) found.values[use] = value;
  else if (use === USE.time) found.timeNumber = value;
  return at;
}

/** @returns place behind the exponent that begins here, -1 when it has no digits or ends the bytes */
function exponentEnd(view: DataView, start: number, end: number): number {
  let at = start + 1;
  if (at < end && (view.getUint8(at) === PLUS || view.getUint8(at) === MINUS)) at++;
  const first = at;
  while (at < end && view.getUint8(at) >= ZERO && view.getUint8(at) <= NINE) at++;
  return at > first && at < end ? at : -1;
}
