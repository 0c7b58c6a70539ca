import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SegmentBudget } from '../../src/runtime/segment-budget.js';

describe('segment budget', () => {
  it('lets a sender of one segment a second send one a second', () => {
    const budget = new SegmentBudget(1, 0);
    expect(budget.available(0)).toBe(1);
    budget.take(2);
    expect(budget.available(1000)).toBe(0);
    expect(budget.waitMs(1000)).toBe(1000);
    expect(budget.available(2000)).toBe(1);
  });

  it('never lets more leave than five seconds of throughput, whatever the pauses and lengths', () => {
    const turn = fc.record({
      waitMs: fc.integer({ min: 0, max: 20_000 }),
      segments: fc.integer({ min: 1, max: 4 }),
    });
    fc.assert(
      fc.property(
        fc.double({ min: 0.5, max: 200, noNaN: true }),
        fc.array(turn, { maxLength: 200 }),
        (rate, turns) => {
          const budget = new SegmentBudget(rate, 0);
          const sent: { atMs: number; segments: number }[] = [];
          let nowMs = 0;
          for (const { waitMs, segments } of turns) {
            nowMs += waitMs;
            if (budget.available(nowMs) < 1) continue;
            budget.take(segments);
            sent.push({ atMs: nowMs, segments });
          }
          const total = sent.reduce((sum, each) => sum + each.segments, 0);
          expect(total).toBeLessThanOrEqual((nowMs / 1000) * rate + Math.max(1, rate) + 4);
        },
      ),
      { seed: 2 },
    );
  });
});
