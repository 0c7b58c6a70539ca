import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decimalOf, readDecimal } from '../../src/sources/decimal.js';

const read = (text: string): number => {
  const bytes = Buffer.from(`xx${text}yy`);
  return readDecimal(bytes, 2, bytes.length - 2);
};

describe('readDecimal', () => {
  it('reads every finite double as JavaScript writes it, bit for bit', () => {
    fc.assert(
      fc.property(fc.double({ noDefaultInfinity: true, noNaN: true }), (value) => {
        expect(read(String(value))).toBe(Number(String(value)));
      }),
      { numRuns: 2000 },
    );
  });

  it('reads fixed-point numbers as Number does', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), fc.nat(20), (int, scale) => {
        const digits = (int < 0n ? -int : int).toString().padStart(scale + 1, '0');
        const text = `${int < 0n ? '-' : ''}${digits.slice(0, digits.length - scale)}.${digits.slice(digits.length - scale)}`;
        expect(read(text)).toBe(Number(text));
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ['0', 0],
    ['-0', -0],
    ['+5', 5],
    ['.5', 0.5],
    ['5.', 5],
    ['1e3', 1000],
    ['2.2265366483183206e+17', 2.2265366483183206e17],
  ])('reads %s', (text, value) => expect(read(text)).toBe(value));

  it.each(['', '-', '.', '1.2.3', 'NaN', 'Infinity', '-inf', '1e400', '0x10', '1,5', '1 ', '١'])(
    'finds no number in "%s"',
    (text) => {
      expect(read(text)).toBeNaN();
      expect(decimalOf(text)).toBeNaN();
    },
  );

  it('finds no number in a span too long to be one', () => {
    expect(read('1'.repeat(5000))).toBeNaN();
  });
});
