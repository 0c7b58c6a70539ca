import { describe, expect, it } from 'vitest';
import { approvalStep } from '../../src/notify/approval.js';
import { policy } from '../services/customers.js';

const short = { ...policy, approval: { ...policy.approval, otherwise: 'sendShort' as const } };

describe('asking for approval', () => {
  it('goes down the list and then does as the policy says', () => {
    const steps = [0, 1, 2].map((asked) => approvalStep({ asked, contacts: 2 }, policy));
    expect(steps).toEqual([
      { action: 'ask', contact: 0, waitMs: 300_000 },
      { action: 'ask', contact: 1, waitMs: 300_000 },
      { action: 'hold' },
    ]);
    expect(approvalStep({ asked: 2, contacts: 2 }, short)).toEqual({ action: 'sendShort' });
  });

  it('gives the dashboard its time where nobody is on the list', () => {
    expect(approvalStep({ asked: 0, contacts: 0 }, short)).toEqual({
      action: 'wait',
      waitMs: 300_000,
    });
    expect(approvalStep({ asked: 1, contacts: 0 }, short)).toEqual({ action: 'sendShort' });
  });
});
