import { type Level, type Member, USE } from './json-plan.js';
import { type Found, JsonTemplate, type TemplatePart } from './json-template.js';

const TAB = 0x09;
const NEWLINE = 0x0a;
const RETURN = 0x0d;
const SPACE = 0x20;
const QUOTE = 0x22;
const PLUS = 0x2b;
const COMMA = 0x2c;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const UPPER_E = 0x45;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const LOWER_E = 0x65;
const LOWER_N = 0x6e;
const OPEN = 0x7b;
const CLOSE = 0x7d;
const FIRST_NOT_ASCII = 0x80;

const NULL = new TextEncoder().encode('null');
const TRUE = new TextEncoder().encode('true');
const FALSE = new TextEncoder().encode('false');

/** Powers of ten that a double holds exactly. */
const POWERS = Float64Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));
const MAX_DEPTH = 32;
/** Values that a template may have, and forms of records that are remembered. */
const MAX_PARTS = 256;
const MAX_TEMPLATES = 4;
const ascii = new TextDecoder('latin1');

/**
 * Takes from a JSON object what a feed reads, straight from the bytes: no object, no string and no
 * number that nobody wants. It knows the plain case only (RFC 8259, ASCII without escapes, numbers
 * where numbers are wanted); for all else `scan` says no, and the payload is to be parsed whole,
 * which also finds the words for what is wrong with it. What it does read, it reads as `JSON.parse`.
 *
 * After `scan`: `values` by column (NaN where absent or null), `columnsSeen`, `[idStart, idEnd)` the
 * object's id (`idStart` -1 when absent), `[timeStart, timeEnd)` the time's text, or `timeNumber`
 * (`timeStart` -1 then; NaN when there is no time at all).
 */
export class JsonScanner implements Found {
  readonly values: Float64Array;
  columnsSeen = 0;
  idStart = -1;
  idEnd = -1;
  timeStart = -1;
  timeEnd = -1;
  timeNumber = Number.NaN;

  readonly #root: Level;
  /** forms of the records before, the one that fitted last first */
  #templates: JsonTemplate[] = [];
  /** values of the record in hand, for a template */
  #parts: TemplatePart[] = [];
  #partsEnd = 0;
  /** number of the record in which each use was last met; object, time, then columns */
  readonly #seen: Int32Array;
  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;
  #record = 0;

  constructor(root: Level, columns: number) {
    this.#root = root;
    this.values = new Float64Array(columns);
    this.#seen = new Int32Array(columns - USE.time);
  }

  /** @returns whether the payload is one plain object, read to its end */
  scan(bytes: Uint8Array): boolean {
    this.#clear();
    for (let i = 0; i < this.#templates.length; i++) {
      const template = this.#templates[i] as JsonTemplate;
      if (!template.read(bytes, this)) continue;
      this.columnsSeen = template.columnsSeen;
      if (i > 0) this.#templates.unshift(...this.#templates.splice(i, 1));
      return true;
    }
    this.#clear();
    return this.#parse(bytes);
  }

  #clear(): void {
    this.values.fill(Number.NaN);
    this.columnsSeen = 0;
    this.idStart = -1;
    this.timeStart = -1;
    this.timeNumber = Number.NaN;
  }

  #parse(bytes: Uint8Array): boolean {
    this.#bytes = bytes;
    this.#at = 0;
    this.#record++;
    this.#parts = [];
    this.#partsEnd = 0;
    this.#blanks();
    if (bytes[this.#at] !== OPEN || !this.#object(this.#root)) return false;
    this.#blanks();
    if (this.#at !== bytes.length) return false;
    if (this.#parts.length <= MAX_PARTS) {
      const tail = bytes.subarray(this.#partsEnd);
      this.#templates.unshift(new JsonTemplate(this.#parts, tail, this.columnsSeen));
      this.#templates.length = Math.min(this.#templates.length, MAX_TEMPLATES);
    }
    return true;
  }

  /** Notes a value for the template: all but the values is the same in the next record. */
  #part(start: number, end: number, use: number, isText: boolean): void {
    const between = this.#bytes.slice(this.#partsEnd, start);
    this.#parts.push({ between, use, isText });
    this.#partsEnd = end;
  }

  #blanks(): void {
    const bytes = this.#bytes;
    let at = this.#at;
    for (;;) {
      const byte = bytes[at];
      if (byte !== SPACE && byte !== NEWLINE && byte !== RETURN && byte !== TAB) break;
      at++;
    }
    this.#at = at;
  }

  #object(level: Level): boolean {
    if (level.entered === this.#record) return false;
    level.entered = this.#record;
    const bytes = this.#bytes;
    this.#at++;
    this.#blanks();
    if (bytes[this.#at] === CLOSE) {
      this.#at++;
      return true;
    }
    for (let place = 0; ; place++) {
      if (bytes[this.#at] !== QUOTE) return false;
      const member = this.#member(level, this.#at + 1, place);
      if (member) this.#at += member.key.length + 2;
      else if (!this.#string()) return false;
      this.#blanks();
      if (bytes[this.#at] !== COLON) return false;
      this.#at++;
      this.#blanks();
      if (!(member ? this.#wanted(member) : this.#skip(0))) return false;
      this.#blanks();
      const byte = bytes[this.#at++];
      if (byte === CLOSE) return true;
      if (byte !== COMMA) return false;
      this.#blanks();
    }
  }

  /** Member whose name starts here, tried first as the record before had it. */
  #member(level: Level, start: number, place: number): Member | undefined {
    const { members, order } = level;
    const guess = order[place] ?? -1;
    const guessed = guess < 0 ? undefined : members[guess];
    if (guessed && this.#isKey(start, guessed.key)) return guessed;
    const found = members.findIndex(({ key }) => this.#isKey(start, key));
    if (place < order.length) order[place] = found;
    return found < 0 ? undefined : members[found];
  }

  #isKey(start: number, key: Uint8Array): boolean {
    const bytes = this.#bytes;
    for (let i = 0; i < key.length; i++) if (bytes[start + i] !== key[i]) return false;
    return bytes[start + key.length] === QUOTE;
  }

  #wanted({ use, inner }: Member): boolean {
    const byte = this.#bytes[this.#at];
    if (use === USE.inner) return inner !== undefined && byte === OPEN && this.#object(inner);
    if (use === USE.ambiguous || this.#isSecond(use)) return false;
    if (use >= 0) {
      this.columnsSeen++;
      if (byte === LOWER_N) return this.#word(NULL);
      const value = this.#number(use);
      this.values[use] = value;
      return value === value;
    }
    const start = this.#at + 1;
    if (byte !== QUOTE) {
      this.timeNumber = use === USE.time ? this.#number(use) : Number.NaN;
      return this.timeNumber === this.timeNumber;
    }
    if (!this.#text(use)) return false;
    if (use === USE.time) {
      this.timeStart = start;
      this.timeEnd = this.#at - 1;
    } else {
      this.idStart = start;
      this.idEnd = this.#at - 1;
    }
    return true;
  }

  /** A member given twice: the last one counts, and that is for the whole parse to sort out. */
  #isSecond(use: number): boolean {
    const slot = use - USE.time;
    if (this.#seen[slot] === this.#record) return true;
    this.#seen[slot] = this.#record;
    return false;
  }

  #word(word: Uint8Array): boolean {
    for (let i = 0; i < word.length; i++) {
      if (this.#bytes[this.#at + i] !== word[i]) return false;
    }
    this.#at += word.length;
    return true;
  }

  /** Reads a text that is a value. */
  #text(use: number): boolean {
    const start = this.#at + 1;
    if (!this.#string()) return false;
    this.#part(start, this.#at - 1, use, true);
    return true;
  }

  /** Passes over a string without escapes. */
  #string(): boolean {
    const bytes = this.#bytes;
    for (let at = this.#at + 1; at < bytes.length; at++) {
      const byte = bytes[at] as number;
      if (byte === QUOTE) {
        this.#at = at + 1;
        return true;
      }
      if (byte === BACKSLASH || byte < SPACE || byte >= FIRST_NOT_ASCII) return false;
    }
    return false;
  }

  /**
   * Digits up to 2^53 and a power of ten up to 22 are exact in doubles, so one division is correctly
   * rounded (Clinger, PLDI 1990); all else goes through `Number`.
   * @returns NaN for what is no JSON number, or is none that a double can hold
   */
  #number(use: number): number {
    const bytes = this.#bytes;
    const start = this.#at;
    let at = bytes[start] === MINUS ? start + 1 : start;
    const first = at;
    let mantissa = 0;
    for (let digit = digitAt(bytes, at); digit >= 0; digit = digitAt(bytes, ++at)) {
      mantissa = mantissa * 10 + digit;
    }
    const digits = at - first;
    if (digits === 0 || (digits > 1 && bytes[first] === ZERO)) return Number.NaN;
    let decimals = 0;
    if (bytes[at] === POINT) {
      const point = at++;
      for (let digit = digitAt(bytes, at); digit >= 0; digit = digitAt(bytes, ++at)) {
        mantissa = mantissa * 10 + digit;
      }
      decimals = at - point - 1;
      if (decimals === 0) return Number.NaN;
    }
    const hasExponent = bytes[at] === LOWER_E || bytes[at] === UPPER_E;
    if (hasExponent) at = exponentEnd(bytes, at);
    this.#at = at;
    if (at < 0) return Number.NaN;
    this.#part(start, at, use, false);
    if (hasExponent || mantissa > Number.MAX_SAFE_INTEGER || decimals >= POWERS.length) {
      return finite(bytes.subarray(start, at));
    }
    const value = decimals === 0 ? mantissa : mantissa / (POWERS[decimals] as number);
    return first === start ? value : -value;
  }

  /** Passes over a value that nobody reads. */
  #skip(depth: number): boolean {
    const byte = this.#bytes[this.#at] ?? 0;
    if (byte === QUOTE) return this.#text(USE.unread);
    if (byte === MINUS || (byte >= ZERO && byte <= NINE)) {
      const value = this.#number(USE.unread);
      return value === value;
    }
    if (byte === OPEN || byte === OPEN_LIST) return depth < MAX_DEPTH && this.#skipNested(depth);
    return this.#word(NULL) || this.#word(TRUE) || this.#word(FALSE);
  }

  #skipNested(depth: number): boolean {
    const bytes = this.#bytes;
    const isList = bytes[this.#at] === OPEN_LIST;
    const close = isList ? CLOSE_LIST : CLOSE;
    this.#at++;
    this.#blanks();
    if (bytes[this.#at] === close) {
      this.#at++;
      return true;
    }
    for (;;) {
      if (!isList) {
        if (bytes[this.#at] !== QUOTE || !this.#string()) return false;
        this.#blanks();
        if (bytes[this.#at++] !== COLON) return false;
        this.#blanks();
      }
      if (!this.#skip(depth + 1)) return false;
      this.#blanks();
      const byte = bytes[this.#at++];
      if (byte === close) return true;
      if (byte !== COMMA) return false;
      this.#blanks();
    }
  }
}

function digitAt(bytes: Uint8Array, at: number): number {
  const digit = (bytes[at] ?? 0) - ZERO;
  return digit <= 9 ? digit : -1;
}

/** @returns place after the exponent that begins here, -1 when it has no digits */
function exponentEnd(bytes: Uint8Array, start: number): number {
  const sign = bytes[start + 1];
  const first = sign === PLUS || sign === MINUS ? start + 2 : start + 1;
  let at = first;
  while (digitAt(bytes, at) >= 0) at++;
  return at > first ? at : -1;
}

function finite(text: Uint8Array): number {
  const value = Number(ascii.decode(text));
  return Number.isFinite(value) ? value : Number.NaN;
}
