import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IdTable } from '../../src/sources/id-table.js';

const utf8 = new TextDecoder();

describe('IdTable', () => {
  it('gives every id its text, however often and in whatever order ids come', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'binary', maxLength: 12 }), { minLength: 1, maxLength: 60 }),
        fc.array(fc.nat(), { maxLength: 300 }),
        (ids, order) => {
          const table = new IdTable((bytes) => utf8.decode(bytes));
          for (const index of order) {
            const id = ids[index % ids.length] ?? '';
            const bytes = Buffer.from(`<${id}>`);
            expect(table.text(bytes, 1, bytes.length - 1)).toBe(id.replace(/^\ufeff/, ''));
          }
        },
      ),
    );
  });

  it('makes the text of an id once', () => {
    let made = 0;
    const table = new IdTable((bytes) => `${utf8.decode(bytes)}${++made}`);
    for (let round = 0; round < 3; round++) {
      for (let cell = 0; cell < 20_000; cell++) {
        const bytes = Buffer.from(`cell-${cell}`);
        table.text(bytes, 0, bytes.length);
      }
    }
    expect(made).toBe(20_000);
  });

  it('holds a bounded number of ids and still answers rightly', () => {
    const table = new IdTable((bytes) => utf8.decode(bytes));
    const long = Buffer.alloc(1_000_000, 0x61);
    for (let i = 0; i < 200; i++) {
      long.write(String(i).padStart(4, '0'));
      expect(table.text(long, 0, long.length).slice(0, 4)).toBe(String(i).padStart(4, '0'));
    }
  });
});
