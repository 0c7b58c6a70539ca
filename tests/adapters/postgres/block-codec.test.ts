import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeBlock, encodeBlock } from '../../../src/adapters/postgres/block-codec.js';
import type { ReportBlock } from '../../../src/domain/kpi.js';

const number = fc.oneof(
  fc.constant(Number.NaN),
  fc.integer({ min: 0, max: 1000 }),
  fc.float({ noNaN: true }),
  fc.double(),
);
const id = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom('2.2265366483183206e+17', 'cellule-é', 'cell-1', '\ud800', ''),
);

const blocks = fc
  .tuple(fc.integer({ min: 0, max: 30 }), fc.uniqueArray(fc.string(), { maxLength: 5 }))
  .chain(([rows, kpis]) => {
    const cells = rows * kpis.length;
    const column = (length: number) =>
      fc.oneof(
        fc.array(number, { minLength: length, maxLength: length }),
        number.map((value) => Array<number>(length).fill(value)),
      );
    return fc.record({
      feed: fc.constant('ran'),
      objectType: fc.constantFrom('cell' as const, 'link' as const),
      periodSeconds: fc.constantFrom(60, 900),
      kpis: fc.constant(kpis),
      rows: fc.constant(rows),
      objectIds: fc.array(id, { minLength: rows, maxLength: rows }),
      periodStartMs: column(rows).map((each) => Float64Array.from(each)),
      values: column(cells).map((each) => Float64Array.from(each)),
      attempts: column(cells).map((each) => Float64Array.from(each)),
    });
  });

function small(overrides: Partial<ReportBlock> = {}): ReportBlock {
  return {
    feed: 'ran',
    objectType: 'cell',
    periodSeconds: 900,
    kpis: ['a'],
    rows: 2,
    objectIds: ['x', 'y'],
    periodStartMs: Float64Array.of(1.7e12, 1.7e12),
    values: Float64Array.of(0.1, Number.NaN),
    attempts: Float64Array.of(Number.NaN, Number.NaN),
    ...overrides,
  };
}

test('gives back every block as it was', () => {
  fc.assert(
    fc.property(blocks, (block) => {
      expect(decodeBlock(encodeBlock(block))).toEqual(block);
    }),
    { numRuns: 500, seed: 7 },
  );
});

test('reads a block from the middle of a larger buffer', () => {
  const bytes = encodeBlock(small());
  for (let shift = 1; shift < 8; shift++) {
    const carrier = new Uint8Array(bytes.length + 16);
    carrier.set(bytes, shift);
    expect(decodeBlock(carrier.subarray(shift, shift + bytes.length))).toEqual(small());
  }
});

test('keeps the sign of zero and the last bit', () => {
  const values = Float64Array.of(-0, 0.1 + 0.2);
  const back = decodeBlock(encodeBlock(small({ values })));
  expect(Object.is(back.values[0], -0)).toBe(true);
  expect(back.values[1]).toBe(0.1 + 0.2);
});

test('takes views of larger buffers, as the block builder hands them over', () => {
  const wide = Float64Array.of(9, 1, 2, 9);
  const block = small({ values: wide.subarray(1, 3) });
  expect([...decodeBlock(encodeBlock(block)).values]).toEqual([1, 2]);
});

test('is smaller than the columns in memory when counts are whole and attempts absent', () => {
  const rows = 1000;
  const block = small({
    rows,
    objectIds: Array.from({ length: rows }, (_, row) => `cell-${row}`),
    periodStartMs: new Float64Array(rows).fill(1.7e12),
    values: Float64Array.from({ length: rows }, (_, row) => row),
    attempts: new Float64Array(rows).fill(Number.NaN),
  });
  expect(encodeBlock(block).length).toBeLessThan(rows * 4 + rows * 10 + 200);
});

test('refuses a version it does not know', () => {
  const bytes = encodeBlock(small());
  bytes[0] = 9;
  expect(() => decodeBlock(bytes)).toThrow('report block of version 9, known: 1');
});
