import { expect, test } from 'vitest';
import { type Gap, PartitionCursor } from '../../../src/adapters/kafka/partition-cursor.js';
import type { FetchedBatch } from '../../../src/adapters/kafka/ports.js';

function fetched(fetchedOffset: number): FetchedBatch {
  const nextOffset = fetchedOffset + 10;
  return { topic: 't', partition: 0, fetchedOffset, nextOffset, endOffset: 100, records: [] };
}

function cursorAt(next: number): { cursor: PartitionCursor; gaps: Gap[] } {
  const gaps: Gap[] = [];
  return { cursor: new PartitionCursor(next, (gap) => gaps.push(gap)), gaps };
}

test('takes what was asked for and asks again for what was not', () => {
  const { cursor, gaps } = cursorAt(50);
  expect(cursor.accepts(fetched(50))).toBe(true);
  cursor.moveTo(60);
  expect(cursor.accepts(fetched(0))).toBe(false);
  expect(cursor.next).toBe(60);
  expect(cursor.accepts(fetched(60))).toBe(true);
  cursor.moveTo(70);
  expect(cursor.accepts(fetched(20))).toBe(false);
  expect(gaps).toEqual([]);
});

test('goes where the broker insists, and says what is missing', () => {
  const { cursor, gaps } = cursorAt(50);
  expect(cursor.accepts(fetched(80))).toBe(false);
  expect(cursor.accepts(fetched(80))).toBe(true);
  expect(cursor.next).toBe(80);
  expect(gaps).toEqual([{ wanted: 50, found: 80 }]);
});

test('takes the oldest record there is for the first, without a word', () => {
  const { cursor, gaps } = cursorAt(0);
  expect([cursor.accepts(fetched(80)), cursor.accepts(fetched(80))]).toEqual([false, true]);
  expect(gaps).toEqual([]);
});
