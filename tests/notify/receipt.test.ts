import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MessageState } from '../../src/domain/customer.js';
import { messageMark } from '../../src/notify/message-mark.js';
import { afterReceipt } from '../../src/notify/receipt.js';
import { retryDelayMs } from '../../src/notify/retry-delay.js';

const states: MessageState[] = [
  'pending',
  'claimed',
  'accepted',
  'delivered',
  'failed',
  'suppressed',
  'uncertain',
];

describe('receipts', () => {
  it('never take a message out of delivered, failed or suppressed', () => {
    for (const final of ['delivered', 'failed', 'suppressed'] as const) {
      for (const reported of states) expect(afterReceipt(final, reported)).toBe(final);
    }
  });

  it('end where the first final word says, whatever comes after it', () => {
    const reports = fc.array(fc.constantFrom<MessageState>('accepted', 'delivered', 'failed'));
    fc.assert(
      fc.property(reports, (order) => {
        const end = order.reduce(afterReceipt, 'claimed' as MessageState);
        const first = order.find((each) => each !== 'accepted');
        expect(end).toBe(first ?? (order.length > 0 ? 'accepted' : 'claimed'));
      }),
      { seed: 5 },
    );
  });
});

describe('message mark', () => {
  it('is the same for a message, fits 16 bits and seldom the same for two', () => {
    const ids = Array.from({ length: 2000 }, (_, n) => `msg_${n}`);
    const marks = ids.map(messageMark);
    expect(marks).toEqual(ids.map(messageMark));
    expect(marks.every((mark) => Number.isInteger(mark) && mark >= 0 && mark <= 65_535)).toBe(true);
    // by chance 30 pairs are expected among 2000
    expect(2000 - new Set(marks).size).toBeLessThan(60);
  });
});

describe('retry delay', () => {
  it('doubles up to five minutes, half of it by chance', () => {
    expect(retryDelayMs(1, 0)).toBe(500);
    expect(retryDelayMs(1, 0.999)).toBeLessThan(1000);
    expect(retryDelayMs(4, 0)).toBe(4000);
    expect(retryDelayMs(60, 0.999)).toBeLessThanOrEqual(300_000);
  });
});
