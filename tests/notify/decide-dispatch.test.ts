import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideAtDispatch } from '../../src/notify/decide-dispatch.js';
import type { DispatchFacts } from '../../src/notify/dispatch-facts.js';
import { quietUntil } from '../../src/notify/quiet-hours.js';
import { MINUTE, policy, T0, texts } from '../services/customers.js';
import { onset, restored } from './dispatch-samples.js';

const clear = { isKilled: false, isShadow: false };
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
    ['dailyCap', { textsToday: 3 }],
    ['weeklyCap', { textsThisWeek: 8 }],
    ['controlGroup', { isControl: true }],
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

  const update = {
    ...onset,
    kind: 'update' as const,
    wasTold: true,
    estimatedRepairAtMs: T0 + 90 * MINUTE,
  };
  const works = {
    ...onset,
    kind: 'works' as const,
    isPlanned: true,
    startedAtMs: T0 + 600 * MINUTE,
    endedAtMs: T0 + 780 * MINUTE,
    incidentState: 'closed' as const,
  };

  it('tells a new estimate to those who were told another, and planned works ahead', () => {
    const found = decide(update);
    expect(found).toMatchObject({ action: 'send', saysUntilMs: T0 + 90 * MINUTE });
    const ahead = decide(works);
    expect(ahead.action === 'send' && ahead.sms.text).toMatch(
      /travaux prévus.*pendant environ 3 heures/,
    );
  });

  it.each([
    ['nothingNew', { ...update, lastSaidMs: T0 + 90 * MINUTE }],
    ['superseded', { ...update, isSuperseded: true }],
    ['wasNotTold', { ...update, wasTold: false }],
    ['notAffected', { ...update, isAffected: false }],
    ['incidentOver', { ...update, incidentState: 'closed' as const }],
    ['worksChanged', { ...works, isPlanned: false }],
  ])('drops a text about the future for %s', (reason, facts) => {
    expect(decide(facts)).toEqual({ action: 'suppress', reason });
  });

  it('says what holds now, and that it is not what the wave was decided with', () => {
    const estimatedRepairAtMs = T0 + 60 * MINUTE;
    const moved = { ...onset, estimatedRepairAtMs, decidedEstimateMs: T0 + 120 * MINUTE };
    expect(decide(moved)).toMatchObject({
      rewritten: 'newEstimate',
      saysUntilMs: estimatedRepairAtMs,
    });
    expect(decide({ ...moved, decidedEstimateMs: estimatedRepairAtMs })).not.toHaveProperty(
      'rewritten',
    );
    expect(decide({ ...moved, variant: 'short' })).toMatchObject({ saysUntilMs: null });
  });

  it.each([
    ['incidentBudget', { perIncident: 5, perMonth: null }],
    ['monthBudget', { perIncident: null, perMonth: 5 }],
  ])('stops where money ends: %s', (reason, limit) => {
    const budget = { ...policy.budget, ...limit, perSegment: 1 };
    const left = (spent: number) =>
      decide({ ...onset, segmentsOfIncident: spent, segmentsOfMonth: spent }, clear, T0, {
        ...policy,
        budget,
      });
    expect(left(3).action).toBe('send');
    expect(left(5)).toEqual({ action: 'suppress', reason });
  });

  it('minds quiet hours by segment, and who is written to all the same', () => {
    const night = T0 + 10 * 60 * MINUTE;
    const { kinds } = policy;
    const quietHours = {
      ...{
        from: '22:00',
        to: '07:00',
        except: ['emergencyCalling' as const, 'vulnerable' as const],
      },
      segments: { business: null, senior: { from: '20:00', to: '10:00' } },
    };
    const rules = { ...policy, kinds: { ...kinds, onset: { ...kinds.onset, quietHours } } };
    const at = (change: Partial<DispatchFacts>) =>
      decide({ ...onset, validUntilMs: night + 600 * MINUTE, ...change }, clear, night, rules);
    expect(at({})).toMatchObject({ reason: 'quietHours' });
    expect(at({ segment: 'business' }).action).toBe('send');
    expect(at({ isEmergencyLost: true }).action).toBe('send');
    expect(at({ isVulnerable: true }).action).toBe('send');
    expect(at({ segment: 'senior' })).toMatchObject({
      untilMs: Date.UTC(2026, 0, 15, 9),
    });
  });

  it.each([
    ['spring', Date.UTC(2026, 2, 28, 21, 30), Date.UTC(2026, 2, 29, 5)],
    ['autumn', Date.UTC(2026, 9, 24, 21, 30), Date.UTC(2026, 9, 25, 6)],
  ])(
    'waits in the night of the change in %s until the hour that clocks then show',
    (_, nowMs, endMs) => {
      const facts = { ...onset, startedAtMs: nowMs, validUntilMs: nowMs + 900 * MINUTE };
      const at = (zone: string, atMs = nowMs) => decide({ ...facts, zone }, clear, atMs);
      expect(at('Europe/Paris')).toMatchObject({ reason: 'quietHours', untilMs: endMs });
      expect(at('Europe/Paris', endMs - MINUTE)).toMatchObject({ untilMs: endMs });
      expect(at('Europe/Paris', endMs).action).toBe('send');
      // somebody whose own clocks show another hour, and do not change
      expect(at('America/New_York').action).toBe('send');
      const reunion = new Date(nowMs + 1440 * MINUTE).setUTCHours(3, 0, 0, 0);
      expect(at('Indian/Reunion')).toMatchObject({ untilMs: reunion });
    },
  );

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
      textsToday: fc.integer({ min: 0, max: 5 }),
      textsThisWeek: fc.integer({ min: 0, max: 12 }),
      isControl: fc.boolean(),
      isSuperseded: fc.boolean(),
      isPlanned: fc.boolean(),
      isVulnerable: fc.boolean(),
      isEmergencyLost: fc.boolean(),
      segment: fc.constantFrom('consumer', 'business'),
      variant: fc.constantFrom('full' as const, 'short' as const),
      lastSaidMs: fc.constantFrom(null, T0 + 30 * MINUTE),
      segmentsOfIncident: fc.integer({ min: 0, max: 200 }),
      segmentsOfMonth: fc.integer({ min: 0, max: 2000 }),
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
        const isExcepted = given.isEmergencyLost && quiet?.except?.includes('emergencyCalling');
        if (quiet && !isExcepted) expect(quietUntil(nowMs, zone, quiet)).toBeUndefined();
        expect(given.isControl).toBe(false);
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
