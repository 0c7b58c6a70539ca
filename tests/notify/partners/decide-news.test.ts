import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Incident } from '../../../src/domain/incident.js';
import {
  decidePartnerNews,
  type PartnerCase,
  type ToldPartner,
} from '../../../src/notify/partners/decide-news.js';
import { incident, MINUTE, resolved, T0 } from '../../services/customers.js';

const change = { linesShare: 0.5, repairMinutes: 30, leastMinutes: 15 };
const partner = { from: { lines: 50, severity: 'critical' as const } };
const open = incident(['S1-1'], { severity: 'major' });

function caseOf(
  customers: number,
  doc: Incident = open,
  more: Partial<PartnerCase> = {},
): PartnerCase {
  return { incident: doc, customers, isEstimate: false, isDismissed: false, ...more };
}

function toldOf(customers: number, more: Partial<ToldPartner> = {}): ToldPartner {
  const at = { toldAtMs: T0, isOver: false };
  return { customers, severity: 'major', estimatedRepairAtMs: null, ...at, ...more };
}

const decide = (told: ToldPartner | undefined, now: PartnerCase, minutes = 20) =>
  decidePartnerNews(told, now, partner, change, T0 + minutes * MINUTE);

describe('the first word', () => {
  it('is due from enough lines on, or from a severity on', () => {
    expect(decide(undefined, caseOf(50))).toEqual({ kind: 'onset', changes: [] });
    expect(decide(undefined, caseOf(49))).toBeUndefined();
    const critical = { ...open, severity: 'critical' as const };
    expect(decide(undefined, caseOf(1, critical))?.kind).toBe('onset');
    expect(decide(undefined, caseOf(0, critical))).toBeUndefined();
  });

  it.each<[string, Partial<Incident>]>([
    ['is only suspected', { state: 'suspected', detectedAt: null }],
    ['is silenced', { silencedUntil: new Date(T0 + 60 * MINUTE).toISOString() }],
    [
      'is planned works as announced',
      { plannedWorkId: 'w', plannedWorkEndsAt: new Date(T0 + 60 * MINUTE).toISOString() },
    ],
    ['is over', { state: 'resolved', endedAt: new Date(T0).toISOString() }],
  ])('is not due while it %s', (_, what) => {
    expect(decide(undefined, caseOf(500, { ...open, ...what }))).toBeUndefined();
  });

  it('waits until the list of the affected is whole, and for works until they overrun', () => {
    expect(decide(undefined, caseOf(500, open, { isEstimate: true }))).toBeUndefined();
    const overrun = { ...open, plannedWorkId: 'w', plannedWorkEndsAt: new Date(T0).toISOString() };
    expect(decide(undefined, caseOf(500, overrun))?.kind).toBe('onset');
  });

  it('is due again when it is taken up again after its end', () => {
    expect(decide(toldOf(60, { isOver: true }), caseOf(60))?.kind).toBe('onset');
  });
});

describe('a further word', () => {
  const repair = (minutes: number): Incident => ({
    ...open,
    estimatedRepairAt: new Date(T0 + minutes * MINUTE).toISOString(),
  });
  it.each([
    ['half as many lines more', toldOf(100), caseOf(150), ['lines']],
    ['half of the lines back', toldOf(100), caseOf(50), ['lines']],
    ['a few lines more', toldOf(100), caseOf(149), undefined],
    ['another severity', toldOf(100), caseOf(100, { ...open, severity: 'critical' }), ['severity']],
    ['a repair that is known now', toldOf(100), caseOf(100, repair(90)), ['repair']],
    [
      'a repair that moved a little',
      toldOf(100, { estimatedRepairAtMs: T0 + 61 * MINUTE }),
      caseOf(100, repair(90)),
      undefined,
    ],
    [
      'a repair that moved much',
      toldOf(100, { estimatedRepairAtMs: T0 + 60 * MINUTE }),
      caseOf(100, repair(90)),
      ['repair'],
    ],
  ] as const)('on %s', (_, told, now, changes) => {
    expect(decide(told, now)).toEqual(changes && { kind: 'change', changes });
    expect(decide(told, now, 14)).toBeUndefined();
  });
});

describe('the last word', () => {
  const over = resolved(open);
  it('goes to who knows of it, whatever is still being listed', () => {
    expect(decide(toldOf(9), caseOf(0, over, { isEstimate: true }))?.kind).toBe('restored');
    expect(decide(undefined, caseOf(0, over))).toBeUndefined();
    expect(decide(toldOf(9, { isOver: true }), caseOf(0, over))).toBeUndefined();
  });
  it('is another one when it was none, or goes on as another', () => {
    const closed = { ...over, state: 'closed' as const };
    expect(decide(toldOf(9), caseOf(0, closed, { isDismissed: true }))?.kind).toBe('withdrawn');
    expect(decide(toldOf(9), caseOf(0, { ...closed, mergedInto: 'inc_2' }))?.kind).toBe('merged');
  });
});

it('is never due twice for the same state', () => {
  const states = fc.record({
    customers: fc.nat(300),
    severity: fc.constantFrom('critical' as const, 'major' as const, 'minor' as const),
    repair: fc.option(fc.integer({ min: 0, max: 600 })),
    isOver: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(states, { maxLength: 12 }), (sequence) => {
      let told: ToldPartner | undefined;
      for (const [n, { customers, severity, repair, isOver }] of sequence.entries()) {
        const atMs = T0 + n * 20 * MINUTE;
        const repairMs = repair === null ? null : T0 + repair * MINUTE;
        const estimatedRepairAt = repairMs === null ? null : new Date(repairMs).toISOString();
        const doc = { ...open, severity, estimatedRepairAt };
        const now = caseOf(customers, isOver ? resolved(doc) : doc);
        const word = decidePartnerNews(told, now, partner, change, atMs);
        if (word === undefined) continue;
        const isLast = word.kind === 'restored';
        expect(isLast).toBe(isOver);
        if (isLast) expect(told?.isOver).toBe(false);
        told = { customers, severity, estimatedRepairAtMs: repairMs, toldAtMs: atMs, isOver };
        expect(decidePartnerNews(told, now, partner, change, atMs + 60 * MINUTE)).toBeUndefined();
      }
    }),
  );
});
