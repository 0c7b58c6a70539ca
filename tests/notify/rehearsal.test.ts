import { describe, expect, it } from 'vitest';
import type { DispatchFacts } from '../../src/notify/dispatch-facts.js';
import { type PeopleGroup, type RehearsalFrame, rehearse } from '../../src/notify/rehearsal.js';
import { MINUTE, policy, T0, texts } from '../services/customers.js';
import { onset } from './dispatch-samples.js';

const group = (people: number, change: Partial<DispatchFacts> = {}, priority = 0): PeopleGroup => ({
  facts: { ...onset, ...change },
  people,
  priority,
  sample: null,
});
const frame: RehearsalFrame = { policy, texts, nowMs: T0, segmentsPerSecond: 10 };

describe('a rehearsal', () => {
  it('lets people leave at the sender’s pace, most urgent first, equals side by side', () => {
    const { parcels } = rehearse(
      [group(1200), group(600, { language: 'en' }), group(60, { isVulnerable: true }, 9)],
      frame,
    );
    const when = parcels.map(({ people, fromMs, toMs }) => [people, fromMs - T0, toMs - T0]);
    expect(when).toEqual([
      [60, 0, 6_000],
      [1200, 6_000, 186_000],
      [600, 6_000, 186_000],
    ]);
  });

  it('waits for what other waves have ready of the same urgency or more', () => {
    const backlog = [
      { priority: 5, segments: 100 },
      { priority: 1, segments: 1000 },
    ];
    const { parcels } = rehearse([group(50, {}, 5)], { ...frame, backlog });
    expect(parcels[0]?.toMs).toBe(T0 + 15_000);
  });

  it('decides again when quiet hours end: sends what is true then, drops what is not', () => {
    const night = Date.UTC(2026, 0, 14, 22, 0);
    const facts = { startedAtMs: night, validUntilMs: night + 60 * MINUTE };
    const asleep = rehearse([group(5, facts)], { ...frame, nowMs: night });
    expect(asleep.quiet).toMatchObject([{ people: 5, untilMs: Date.UTC(2026, 0, 15, 6) }]);
    expect(asleep.suppressed).toMatchObject([{ reason: 'expired', people: 5 }]);
    const goesOn = rehearse([group(5, facts)], {
      ...frame,
      nowMs: night,
      validUntilMs: (_, atMs) => atMs + 60 * MINUTE,
    });
    expect(goesOn.parcels).toMatchObject([{ people: 5, fromMs: Date.UTC(2026, 0, 15, 6) }]);
  });

  it('says another text where the repair comes too near while they wait', () => {
    const estimatedRepairAtMs = T0 + 30 * MINUTE;
    const { parcels } = rehearse([group(12_000, { estimatedRepairAtMs })], frame);
    expect(parcels.map(({ sms }) => sms.text.includes('retour prévu'))).toEqual([true, false]);
    expect(parcels.reduce((sum, { people }) => sum + people, 0)).toBe(12_000);
  });

  it('stops at a budget to the message, and drops those who would be too late', () => {
    const poor = { ...policy, budget: { ...policy.budget, perMonth: 1 } };
    const broke = rehearse([group(500)], { ...frame, policy: poor, segmentsPerSecond: null });
    expect(broke.parcels).toMatchObject([{ people: 20 }]);
    expect(broke.suppressed).toMatchObject([{ reason: 'monthBudget', people: 480 }]);
    const slow = rehearse([group(100_000)], frame);
    const [sent = 0] = slow.parcels.map(({ people }) => people);
    expect(slow.suppressed).toMatchObject([{ reason: 'expired', people: 100_000 - sent }]);
    expect(sent / 10).toBeGreaterThan(49 * 60);
    expect(sent / 10).toBeLessThan(52 * 60);
  });

  it('does not wait for what no clock brings', () => {
    const { waiting } = rehearse([group(3, { incidentState: 'recovering' })], frame);
    expect(waiting).toMatchObject([{ reason: 'incidentRecovering', people: 3 }]);
  });
});
