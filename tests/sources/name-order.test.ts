import { expect, test } from 'vitest';
import { NameOrder } from '../../src/sources/name-order.js';

const names = Array.from({ length: 40 }, (_, i) => `cell-${i}`);

/** One round as a decoder goes through it. @returns names that had to be searched for */
function round(order: NameOrder, list: readonly string[]): string[] {
  return list.filter((name) => {
    if (order.isNext(name)) return false;
    order.add(name);
    return true;
  });
}

test('expects a second round in the order of the first', () => {
  const order = new NameOrder();
  expect(round(order, names)).toEqual(names);
  expect(round(order, names)).toEqual([]);
  expect(round(order, names)).toEqual([]);
});

test('keeps its place when reports are missing, or names come in between', () => {
  const order = new NameOrder();
  round(order, names);
  round(order, names);
  const gaps = names.filter((_, i) => i % 9 > 2);
  expect(round(order, gaps)).toEqual([]);
  expect(round(order, [...names.slice(0, 5), 'new', ...names.slice(5)])).toEqual(['new']);
});

test('learns another order after some misses', () => {
  const order = new NameOrder();
  round(order, names);
  const backwards = names.toReversed();
  expect(round(order, backwards).length).toBeGreaterThan(30);
  round(order, backwards);
  round(order, backwards);
  expect(round(order, backwards)).toEqual([]);
});

test('forgets what it is told to forget', () => {
  const order = new NameOrder();
  round(order, names);
  order.clear();
  expect(order.isNext('cell-0')).toBe(false);
});
