import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { flagValidUntil, flagVariants, isFlagged } from '../../src/crm/due-flags.js';
import { LOSS_WORDS } from '../../src/domain/services.js';
import { crmRules, incident, MINUTE, resolved } from '../services/customers.js';

describe('flags', () => {
  it('are due while an incident is open or recovering', () => {
    const open = incident(['S1-1']);
    const flagged = (['suspected', 'open', 'recovering', 'resolved', 'closed'] as const).filter(
      (state) => isFlagged({ ...open, state }),
    );
    expect(flagged).toEqual(['open', 'recovering']);
    expect(isFlagged(resolved(open))).toBe(false);
  });

  it('hold between one and one and a half times their validity, and change twice per validity', () => {
    const validMs = crmRules.validMinutes * MINUTE;
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 42 }), (nowMs) => {
        const aheadMs = flagValidUntil(nowMs, crmRules) - nowMs;
        expect(aheadMs).toBeGreaterThanOrEqual(validMs);
        expect(aheadMs).toBeLessThanOrEqual(1.5 * validMs);
      }),
      { seed: 1 },
    );
    const ends = Array.from({ length: 120 }, (_, minute) =>
      flagValidUntil(minute * MINUTE, crmRules),
    );
    expect(new Set(ends).size).toBeLessThanOrEqual(3);
  });

  it('come in every combination a sentence depends on', () => {
    const variants = flagVariants(['fr', 'en']).map((each) => JSON.stringify(each));
    // languages, certainties, what is lost, told or not
    expect(new Set(variants).size).toBe(2 * 2 * LOSS_WORDS.length * 2);
    expect(variants).toHaveLength(new Set(variants).size);
  });
});
