import { expect, it } from 'vitest';
import { maskNumber } from '../../src/domain/mask.js';

it.each([
  ['+33612345678', '+336••••••78'],
  ['+3361234', '+336••34'],
  ['+33612', '••••••'],
  ['', ''],
])('shows of %s no more than %s', (number, masked) => {
  expect(maskNumber(number)).toBe(masked);
});
