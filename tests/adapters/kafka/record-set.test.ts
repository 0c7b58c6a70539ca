import { createRequire } from 'node:module';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RecordSet } from '../../../src/adapters/kafka/record-set.js';

interface Encoder {
  readonly buffer: Buffer;
}
interface Entry {
  readonly offsetDelta: number;
  readonly timestampDelta: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Record<string, Buffer>;
}
/** kafkajs's own writer of records: the peer that ours must read. */
const encode = createRequire(import.meta.url)('kafkajs/src/protocol/recordBatch/record/v0') as (
  entry: Entry,
) => Encoder;

const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array));
const entries = fc.array(
  fc.record({
    timestampDelta: fc.integer({ min: 0, max: 2 ** 40 }),
    key: fc.option(bytes),
    value: fc.option(bytes),
    headers: fc.dictionary(fc.constantFrom('a', 'tocsin-source', 'é'), bytes, { maxKeys: 3 }),
  }),
  { maxLength: 20 },
);

test('finds keys, values, headers and offsets of every record', () => {
  fc.assert(
    fc.property(entries, fc.nat({ max: 2 ** 45 }), (list, first) => {
      const written = list.map((entry, i) => ({ ...entry, offsetDelta: 3 * i }));
      const body = Buffer.concat(written.map((entry) => encode(entry).buffer));
      const set = new RecordSet(body, first, first + 3 * list.length, list.length);
      written.forEach((entry, i) => {
        expect(set.offset(i)).toBe(first + entry.offsetDelta);
        expect(set.key(i)).toEqual(entry.key ?? undefined);
        expect(set.value(i)).toEqual(entry.value ?? undefined);
        for (const name of ['a', 'tocsin-source', 'é', 'none']) {
          expect(set.header(i, name)).toEqual(entry.headers[name]);
        }
      });
    }),
    { seed: 3, numRuns: 200 },
  );
});

test('refuses bytes that do not hold the records, and never reads beyond them', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 80 }),
      fc.integer({ min: -5, max: 50 }),
      (junk, count) => {
        try {
          const set = new RecordSet(Buffer.from(junk), 0, count, count);
          for (let i = 0; i < set.count; i++) {
            expect(set.value(i)?.length ?? 0).toBeLessThanOrEqual(junk.length);
            set.key(i);
            set.header(i, 'a');
          }
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
      },
    ),
    { seed: 4, numRuns: 2000 },
  );
});
