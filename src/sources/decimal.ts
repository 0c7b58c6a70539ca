/** Powers of ten that a double holds exactly. */
const POWERS = Float64Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));
/** Digits that, with the point among them, cannot need a greater power. */
const MOST_DIGITS = 23;
const ZERO = 48;
const ascii = new TextDecoder('latin1');

/**
 * Number written in decimal at `bytes[start, end)`: optional sign, digits with an optional point,
 * optional exponent. Rounded as `Number(text)` rounds.
 *
 * Digits up to 2^53 and a power of ten up to 22 are exact in doubles, so one division or product is
 * correctly rounded (Clinger, "How to read floating point numbers accurately", PLDI 1990); all else
 * goes through `Number`.
 * @returns NaN for anything else, including an empty span, `NaN`, `Infinity`, `0x10` and 1e400
 */
export function readDecimal(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  const sign = bytes[at] ?? 0;
  if (sign === 0x2d || sign === 0x2b) at++;
  const first = at;
  let mantissa = 0;
  let point = -1;
  for (; at < end; at++) {
    const digit = (bytes[at] ?? 0) - ZERO;
    if (digit >= 0 && digit <= 9) mantissa = mantissa * 10 + digit;
    else if (digit === -2 && point < 0) point = at;
    else return readSlowly(bytes, start, end);
  }
  const digits = end - first - (point < 0 ? 0 : 1);
  if (digits < 1 || digits > MOST_DIGITS || mantissa > Number.MAX_SAFE_INTEGER) {
    return readSlowly(bytes, start, end);
  }
  const value = point < 0 ? mantissa : mantissa / (POWERS[end - point - 1] ?? Number.NaN);
  return sign === 0x2d ? -value : value;
}

const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

function readSlowly(bytes: Uint8Array, start: number, end: number): number {
  return end - start > 400 ? Number.NaN : decimalOf(ascii.decode(bytes.subarray(start, end)));
}

/** The same for text. @returns NaN for anything that is not a finite decimal number */
export function decimalOf(text: string): number {
  if (!DECIMAL.test(text)) return Number.NaN;
  const value = Number(text);
  return Number.isFinite(value) ? value : Number.NaN;
}
