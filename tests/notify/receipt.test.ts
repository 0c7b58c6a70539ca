import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MessageState } from '../../src/domain/customer.js';
import { afterReceipt, stateOfStatus } from '../../src/notify/receipt.js';
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

  it('know Twilio’s words in any case, and say so when they do not know one', () => {
    expect(stateOfStatus('Delivered')).toBe('delivered');
    expect(stateOfStatus('undelivered')).toBe('failed');
    expect(stateOfStatus('teleported')).toBeUndefined();
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
