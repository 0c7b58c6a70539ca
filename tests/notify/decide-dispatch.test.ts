import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DispatchFacts, decideAtDispatch } from '../../src/notify/decide-dispatch.js';
import { quietUntil } from '../../src/notify/quiet-hours.js';
import { MINUTE, policy, T0, texts } from '../services/customers.js';

const clear = { isKilled: false, isShadow: false };
const onset: DispatchFacts = {
  kind: 'onset',
  language: 'fr',
  waveState: 'expanding',
  validUntilMs: T0 + 60 * MINUTE,
  incidentState: 'open',
  startedAtMs: T0 - 10 * MINUTE,
  endedAtMs: null,
  estimatedRepairAtMs: null,
  repairBandMs: 0,
  place: 'Rennes',
  isAround: false,
  zone: 'Europe/Paris',
  isFleet: false,
  isErased: false,
  isOptedOut: false,
  hasNumber: true,
  isAffected: true,
  service: 'none',
  isReachable: true,
  isAffectedElsewhere: false,
  wasTold: false,
  isRepeat: false,
  onsetsToday: 0,
};
const restored: DispatchFacts = {
  ...onset,
  kind: 'restored',
  incidentState: 'resolved',
  endedAtMs: T0,
  wasTold: true,
  isAffected: false,
};
const decide = (facts: DispatchFacts, board = clear, nowMs = T0, rules = policy) =>
  decideAtDispatch(facts, board, rules, texts, nowMs);

describe('decision at dispatch', () => {
  it('sends with what remains as validity', () => {
    expect(decide(onset)).toMatchObject({ action: 'send', validityMs: 60 * MINUTE });
    expect(decide(restored)).toMatchObject({ action: 'send' });
  });

  it.each([
    ['erased', { isErased: true }],
    ['optedOut', { isOptedOut: true }],
    ['noNumber', { hasNumber: false }],
    ['alreadyTold', { isRepeat: true }],
    ['waveCancelled', { waveState: 'cancelled' }],
    ['shadow', { waveState: 'shadow' }],
    ['expired', { validUntilMs: T0 + MINUTE }],
    ['incidentOver', { incidentState: 'resolved' as const }],
    ['notAffected', { isAffected: false }],
    ['dailyCap', { onsetsToday: 3 }],
  ])('gives up for %s', (reason, change) => {
    expect(decide({ ...onset, ...change })).toEqual({ action: 'suppress', reason });
  });

  it.each([
    ['waveHeld', { ...onset, waveState: 'held' }],
    ['incidentRecovering', { ...onset, incidentState: 'recovering' as const }],
    ['incidentNotOver', { ...restored, incidentState: 'open' as const }],
    ['affectedElsewhere', { ...restored, isAffectedElsewhere: true }],
    ['unknownZone', { ...onset, zone: 'Europe/Atlantis' }],
  ])('waits for %s', (reason, facts) => {
    const { untilMs, ...rest } = decide(facts) as { untilMs: number };
    expect(rest).toEqual({ action: 'hold', reason });
    expect(untilMs).toBeGreaterThan(T0);
  });

  it('never takes an unknown time zone for leave to send', () => {
    const unknown = { ...onset, zone: null };
    const strict = { ...policy, people: { ...policy.people, defaultZone: null } };
    expect(decide(unknown, clear, T0, strict)).toMatchObject({ reason: 'unknownZone' });
    expect(decide(unknown)).toMatchObject({ action: 'send' });
  });

  it('does not tell someone who reads it later that they have an outage', () => {
    const later = decide({ ...onset, isReachable: false });
    expect(later).toMatchObject({ action: 'send' });
    if (later.action === 'send') expect(later.sms.text).toContain('un incident touche le réseau');
  });

  it('sends nothing to anybody who must not be written to, whatever else is true', () => {
    const facts = fc.record({
      kind: fc.constantFrom('onset' as const, 'restored' as const),
      waveState: fc.constantFrom('expanding', 'expanded', 'held', 'cancelled', 'shadow'),
      incidentState: fc.constantFrom(
        'open' as const,
        'recovering' as const,
        'resolved' as const,
        'closed' as const,
      ),
      validUntilMs: fc.integer({ min: T0 - 60 * MINUTE, max: T0 + 600 * MINUTE }),
      zone: fc.constantFrom('Europe/Paris', 'Pacific/Noumea', null, 'nowhere'),
      isErased: fc.boolean(),
      isOptedOut: fc.boolean(),
      hasNumber: fc.boolean(),
      isAffected: fc.boolean(),
      isAffectedElsewhere: fc.boolean(),
      wasTold: fc.boolean(),
      isRepeat: fc.boolean(),
      isReachable: fc.boolean(),
      onsetsToday: fc.integer({ min: 0, max: 5 }),
    });
    const board = fc.record({ isKilled: fc.boolean(), isShadow: fc.boolean() });
    const moment = fc.integer({ min: T0 - 12 * 60 * MINUTE, max: T0 + 12 * 60 * MINUTE });
    fc.assert(
      fc.property(facts, board, moment, (change, switches, nowMs) => {
        const given: DispatchFacts = { ...onset, ...change };
        if (decide(given, switches, nowMs).action !== 'send') return;
        expect(switches).toEqual(clear);
        expect([given.isErased, given.isOptedOut, given.isRepeat]).toEqual([false, false, false]);
        expect(given.hasNumber).toBe(true);
        expect(['expanding', 'expanded']).toContain(given.waveState);
        expect(given.validUntilMs).toBeGreaterThan(nowMs);
        const zone = given.zone ?? 'Europe/Paris';
        const quiet = policy.kinds[given.kind].quietHours;
        if (quiet) expect(quietUntil(nowMs, zone, quiet)).toBeUndefined();
        if (given.kind === 'onset') {
          expect(given.incidentState).toBe('open');
          expect(given.isAffected).toBe(true);
        } else {
          expect(given.wasTold).toBe(true);
          expect(given.isAffectedElsewhere).toBe(false);
          expect(['resolved', 'closed']).toContain(given.incidentState);
        }
      }),
      { numRuns: 3000, seed: 11 },
    );
  });
});
