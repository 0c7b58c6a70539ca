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
/** Digits of which every number is exact in a double. */
const EXACT_DIGITS = 15;

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
  readonly #bytes: Uint8Array;
  readonly #ends: Int32Array;
  readonly #uses: Int32Array;
  readonly #isText: Uint8Array;
  readonly #tail: Uint8Array;

  /** @param tail bytes behind the last value */
  constructor(parts: readonly TemplatePart[], tail: Uint8Array, columnsSeen: number) {
    this.columnsSeen = columnsSeen;
    const size = parts.reduce((sum, { between }) => sum + between.length, 0);
    this.#bytes = new Uint8Array(size);
    this.#ends = new Int32Array(parts.length);
    this.#uses = Int32Array.from(parts, ({ use }) => use);
    this.#isText = Uint8Array.from(parts, ({ isText }) => (isText ? 1 : 0));
    this.#tail = tail.slice();
    let at = 0;
    parts.forEach(({ between }, part) => {
      this.#bytes.set(between, at);
      at += between.length;
      this.#ends[part] = at;
    });
  }

  /** Reads a record into `found`. @returns false when it is not of this form, or not plain */
  read(bytes: Uint8Array, found: Found): boolean {
    const own = this.#bytes;
    const ends = this.#ends;
    let at = 0;
    let from = 0;
    for (let part = 0; part < ends.length; part++) {
      const to = ends[part] as number;
      for (; from < to; from++, at++) if (bytes[at] !== own[from]) return false;
      const use = this.#uses[part] as number;
      const end =
        this.#isText[part] === 1 ? textEnd(bytes, at) : this.#number(bytes, at, use, found);
      if (end < 0) return false;
      if (use === USE.object) {
        found.idStart = at;
        found.idEnd = end;
      } else if (use === USE.time && this.#isText[part] === 1) {
        found.timeStart = at;
        found.timeEnd = end;
      }
      at = end;
    }
    return this.#isTail(bytes, at);
  }

  /** @returns place after the number, -1 when it is none or not exact as it stands */
  #number(bytes: Uint8Array, start: number, use: number, found: Found): number {
    const first = bytes[start] === MINUS ? start + 1 : start;
    let at = first;
    let mantissa = 0;
    let point = -1;
    let byte = bytes[at] as number;
    for (; (byte >= ZERO && byte <= NINE) || byte === POINT; byte = bytes[++at] as number) {
      if (byte !== POINT) mantissa = mantissa * 10 + (byte - ZERO);
      else if (point < 0) point = at;
      else return -1;
    }
    if (!isPlainNumber(bytes, first, point, at)) return -1;
    const size = point < 0 ? mantissa : mantissa / (POWERS[at - point - 1] as number);
    if (use >= 0) found.values[use] = first === start ? size : -size;
    else if (use === USE.time) found.timeNumber = first === start ? size : -size;
    return at;
  }

  #isTail(bytes: Uint8Array, at: number): boolean {
    const tail = this.#tail;
    if (bytes.length - at !== tail.length) return false;
    for (let i = 0; i < tail.length; i++) if (bytes[at + i] !== tail[i]) return false;
    return true;
  }
}

/** Place of the quote that ends a text without escapes; -1 for any other text. */
function textEnd(bytes: Uint8Array, start: number): number {
  for (let at = start; at < bytes.length; at++) {
    const byte = bytes[at] as number;
    if (byte === QUOTE) return at;
    if (byte === BACKSLASH || byte < SPACE || byte > LAST_ASCII) return -1;
  }
  return -1;
}

/** Whether digits at `[first, end)` with a point at `point` (-1 none) are JSON's, and exact. */
function isPlainNumber(bytes: Uint8Array, first: number, point: number, end: number): boolean {
  const whole = (point < 0 ? end : point) - first;
  if (whole < 1 || (whole > 1 && bytes[first] === ZERO) || point === end - 1) return false;
  return end - first - (point < 0 ? 0 : 1) <= EXACT_DIGITS;
}
