import { expect, test } from 'vitest';
import { BufferPool } from '../../src/api/buffer-pool.js';

const KIB = 1024;

test('lends what came back to a borrower of about that size, to one at a time', () => {
  const pool = new BufferPool();
  const first = pool.take(200 * KIB);
  expect(first.length).toBeGreaterThanOrEqual(200 * KIB);
  expect(pool.take(200 * KIB)).not.toBe(first);
  pool.give(first);
  expect(pool.take(180 * KIB)).toBe(first);
  expect(pool.take(180 * KIB)).not.toBe(first);
});

test('neither cuts a body short nor spends a large buffer on a small one', () => {
  const pool = new BufferPool();
  const large = pool.take(1000 * KIB);
  pool.give(large);
  expect(pool.take(10)).not.toBe(large);
  expect(pool.take(1100 * KIB)).not.toBe(large);
  expect(pool.take(1000 * KIB)).toBe(large);
});

test('keeps no more than its bound', () => {
  const pool = new BufferPool(300 * KIB);
  const buffers = [pool.take(128 * KIB), pool.take(128 * KIB), pool.take(128 * KIB)];
  for (const buffer of buffers) pool.give(buffer);
  const again = [pool.take(128 * KIB), pool.take(128 * KIB), pool.take(128 * KIB)];
  expect(again.filter((buffer) => buffers.includes(buffer))).toHaveLength(2);
});
