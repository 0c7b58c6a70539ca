import fc from 'fast-check';
import { expect, it } from 'vitest';
import { suppressSmall } from '../../../src/notify/partners/suppress-small.js';

it.each([
  [
    { a: 57, b: 8 },
    { a: 57, b: 8 },
  ],
  [
    { a: 57, b: 8, c: 2 },
    { a: 57, b: null, c: null },
  ],
  [
    { a: 57, b: 2 },
    { a: null, b: null },
  ],
  [
    { a: 57, b: 3, c: 4, d: 0 },
    { a: 57, b: null, c: null, d: 0 },
  ],
  [
    { a: 57, b: 1, c: 2 },
    { a: null, b: null, c: null },
  ],
  [{ a: 3 }, { a: null }],
  [{}, {}],
])('of %j tells %j', (counts, told) => {
  expect(suppressSmall(counts, 5)).toEqual(told);
});

it('never tells a small count, nor lets one be worked out from the total', () => {
  const counts = fc.dictionary(fc.string({ minLength: 1, maxLength: 3 }), fc.nat(40), {
    maxKeys: 8,
  });
  fc.assert(
    fc.property(counts, fc.integer({ min: 2, max: 12 }), (given, fewest) => {
      const told = suppressSmall(given, fewest);
      const hidden = Object.keys(given).filter((key) => told[key] === null);
      for (const [key, count] of Object.entries(given)) {
        expect([count, null]).toContain(told[key]);
        if (count > 0 && count < fewest) expect(told[key]).toBeNull();
      }
      const total = Object.values(given).reduce((sum, count) => sum + count, 0);
      const left = hidden.reduce((sum, key) => sum + (given[key] ?? 0), 0);
      const isAlone = hidden.length === 1;
      // one that is hidden alone is all there is, and then the total is as small
      if (isAlone) expect(left).toBe(total);
      if (hidden.length > 1 && left < total) expect(left).toBeGreaterThanOrEqual(fewest);
    }),
  );
});
