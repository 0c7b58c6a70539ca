import { expect, test } from 'vitest';
import { judgeComplaints } from '../../../src/notify/effect/complaint-loop.js';
import { contrastSums } from '../../../src/notify/effect/contrast.js';
import { learnEffect } from '../../../src/notify/effect/drift.js';
import { estimateEffect, type ObservedEffect } from '../../../src/notify/effect/estimate.js';
import { monthSpan, monthStatement } from '../../../src/notify/effect/report.js';
import { controlShare, type EffectRules } from '../../../src/notify/effect/rules.js';
import { effectRules } from '../../services/customers.js';

/** An incident of 10,000 people, half told, with so many calls on either side. */
function observed(toldCalls: number, untoldCalls: number): ObservedEffect {
  const calls = (isTold: boolean, count: number, first: number) =>
    Array.from({ length: count }, (_, n) => ({ cell: 0, cluster: first + n, isTold, calls: 1 }));
  const sums = contrastSums(
    [{ toldExposure: 5000, untoldExposure: 5000 }],
    [...calls(true, toldCalls, 0), ...calls(false, untoldCalls, 10_000)],
  );
  const common = { design: 'sendingOrder' as const, told: 10_000, untold: 0, shareTold: 0.5 };
  return { ...common, sums, callsAfterTold: toldCalls };
}

function measured(toldCalls: number, untoldCalls: number) {
  const each = observed(toldCalls, untoldCalls);
  return { incidentId: 'inc_1', endedAtMs: 0, observed: each, estimate: estimateEffect(each) };
}

const rules: EffectRules = {
  ...effectRules,
  costs: {
    currency: 'EUR',
    perCall: 5,
    goodwillPerCall: 0.5,
    overtime: { share: 0.2, perHour: 12, handleSeconds: 300 },
    runningPerMonth: 1000,
  },
  baseline: { fixedOn: '2026-10-15', callsPer1000: 60 },
};

test('a month is worth the calls avoided less texts and running costs, each with its interval', () => {
  const month = monthStatement(
    '2026-11-01',
    [measured(350, 500), measured(350, 500)],
    { segments: 30_000 },
    { rules, price: 0.05 },
  );
  // 700 calls at a ratio of 0.7: 300 avoided; 5 + 0.5 + 0.2 * 12 * 300 / 3600 each
  expect(month.status).toBe('measured');
  const avoided = month.callsAvoided?.value ?? 0;
  expect(avoided / 300).toBeGreaterThan(0.97);
  expect(avoided / 300).toBeLessThan(1.03);
  expect(month.callCost?.value).toBeCloseTo(avoided * 5, 9);
  expect(month.overtime?.value).toBeCloseTo(avoided * 0.2, 9);
  expect(month.net?.value).toBeCloseTo(avoided * 5.7 - 1500 - 1000, 9);
  expect(month.net?.lo).toBeLessThan(month.net?.value ?? 0);
  expect(month.costPerCallAvoided).toBeCloseTo(1500 / avoided, 9);
  expect(month.baseline).toMatchObject({ status: 'compared', expectedCalls: 1200, calls: 700 });
});

test('nothing is claimed of a month in which nothing was measurable', () => {
  const month = monthStatement(
    '2026-11-01',
    [measured(3, 4)],
    { segments: 10 },
    { rules, price: 0.05 },
  );
  expect(month.status).toBe('notYetMeasurable');
  expect(month.net).toBeUndefined();
  expect(
    monthStatement('2026-11-01', [], { segments: 0 }, { rules, price: 0.05 }).reason,
  ).toContain('nobody was told');
});

test('a baseline that was fixed after a month began is not held against it', () => {
  const month = monthStatement(
    '2026-10-01',
    [measured(350, 500)],
    { segments: 1 },
    { rules, price: 1 },
  );
  expect(month.baseline).toEqual({
    status: 'none',
    reason: 'fixed on 2026-10-15, after the month began',
  });
  expect(monthSpan('2026-12')).toEqual({ first: '2026-12-01', next: '2027-01-01' });
});

test('an effect that changes is noticed, and the newest incidents alone count from then on', () => {
  const before = Array.from({ length: 30 }, (_, n) => observed(345 + (n % 3) * 5, 500));
  const same = Array.from({ length: 20 }, (_, n) => observed(345 + (n % 3) * 5, 500));
  const weaker = Array.from({ length: 20 }, (_, n) => observed(475 + (n % 3) * 5, 500));
  expect(learnEffect([...before, ...same], 20)).toMatchObject({ drift: 'none' });
  const drifting = learnEffect([...before, ...weaker], 20);
  expect(drifting.drift).toBe('drifting');
  expect(drifting.estimate?.reduction?.value).toBeCloseTo(0.04, 2);
  expect(drifting.reason).toContain('30 % in the 30 before');
  expect(learnEffect(before.slice(0, 5), 20)).toMatchObject({ drift: 'tooFew' });
});

test('complaints count once they are surely beyond a limit', () => {
  const counts = { messages: 10_000, optOuts: 90, replies: 100 };
  expect(judgeComplaints(counts, rules.complaints).status).toBe('fine');
  // 10.5 per 1,000 may well be 10
  expect(judgeComplaints({ ...counts, optOuts: 105 }, rules.complaints).status).toBe('fine');
  const beyond = judgeComplaints({ ...counts, optOuts: 150 }, rules.complaints);
  expect(beyond).toMatchObject({ status: 'beyond' });
  expect(beyond.reason).toContain('15.0 opt-outs per 1,000 messages, more than the 10 allowed');
  expect(judgeComplaints({ messages: 50, optOuts: 40, replies: 0 }, rules.complaints).status).toBe(
    'tooFew',
  );
});

test('a control group needs its last day to come, and enough people', () => {
  const control = { share: 0.1, approvedBy: 'Ana', until: '2026-11-30', minPeople: 11_000 };
  const during = Date.parse('2026-11-30T23:00:00Z');
  expect(controlShare(control, 11_000, during)).toBe(0.1);
  expect(controlShare(control, 10_999, during)).toBe(0);
  expect(controlShare(control, 11_000, Date.parse('2026-12-01T00:00:00Z'))).toBe(0);
  expect(controlShare(null, 1e6, during)).toBe(0);
});
