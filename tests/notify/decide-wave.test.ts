import { describe, expect, it } from 'vitest';
import type { Incident } from '../../src/domain/incident.js';
import { decideWave } from '../../src/notify/decide-wave.js';
import { incident, MINUTE, policy, resolved, T0 } from '../services/customers.js';
import { impactOf as impact } from './dispatch-samples.js';

const open = incident(['S1-1']);
const decide = (change: Partial<Incident> = {}, people = 100, shadow = false) =>
  decideWave({ ...open, ...change }, impact(people), policy, T0, { isShadow: shadow });

describe('waves', () => {
  it('are due while an incident is open, and the same one each time', () => {
    const first = decide();
    expect(first).toMatchObject({ status: 'due', kind: 'onset', state: 'expanding', revision: 1 });
    const later = decideWave({ ...open, revision: 9 }, impact(500), policy, T0 + MINUTE);
    expect(later).toMatchObject({ waveId: 'waveId' in first ? first.waveId : '' });
  });

  it.each([
    [{ state: 'suspected' as const }, 'state is suspected'],
    [{ state: 'recovering' as const }, 'state is recovering'],
    [{ severity: 'minor' as const }, 'severity is minor'],
    [{ plannedWorkId: 'W1' }, 'planned work W1'],
    [
      { silencedUntil: new Date(T0 + MINUTE).toISOString() },
      'silenced until 2026-01-14T13:01:00.000Z',
    ],
    [{ estimatedRepairAt: new Date(T0 + 2 * MINUTE).toISOString() }, 'it will be over too soon'],
  ])('are not due when %j', (change, reason) => {
    expect(decide(change)).toEqual({ status: 'none', reason });
  });

  it('are due for planned work that goes on beyond its end', () => {
    const until = (atMs: number) =>
      decide({ plannedWorkId: 'W1', plannedWorkEndsAt: new Date(atMs).toISOString() }).status;
    expect(until(T0 + MINUTE)).toBe('none');
    expect(until(T0 - MINUTE)).toBe('due');
  });

  it('are not due for too few people or too short a time', () => {
    expect(decide({}, 0.5).status).toBe('none');
    const patient = {
      ...policy,
      incidents: { ...policy.incidents, minOpenMinutes: 5 },
    };
    expect(decideWave(open, impact(100), patient, T0 + 4 * MINUTE).status).toBe('none');
    expect(decideWave(open, impact(100), patient, T0 + 5 * MINUTE).status).toBe('due');
  });

  it('wait for approval above the limit, and are only recorded in shadow mode', () => {
    const many = policy.approval.abovePeople + 1;
    expect(decide({}, many)).toMatchObject({ state: 'awaitingApproval' });
    expect(decide({}, many, true)).toMatchObject({ state: 'shadow' });
  });

  it('wait for a person once the doubts of a year would exceed the budget', () => {
    const after = (spentDoubt: number, change: Partial<Incident> = {}, now = policy) =>
      decideWave({ ...open, ...change }, impact(100), now, T0, { spentDoubt });
    expect(after(0.997)).toMatchObject({ state: 'expanding', doubt: expect.closeTo(0.002, 9) });
    expect(after(0.999)).toMatchObject({
      state: 'awaitingApproval',
      reason:
        '99.8 % sure; with it 1.00 wrong waves in a year are to be expected, more than the 1 allowed',
    });
    expect(after(0.5, { certainty: 0.4 })).toMatchObject({ state: 'awaitingApproval' });
    const { certainty: _, ...unknown } = open;
    const verdict = decideWave(unknown, impact(100), policy, T0);
    expect(verdict).toMatchObject({ reason: 'nothing says how sure it is' });
    const none = { ...policy, approval: { ...policy.approval, wrongWavesPerYear: 0 } };
    expect(after(0, {}, none)).toMatchObject({ state: 'awaitingApproval' });
  });

  it('that say service is back need no budget', () => {
    const over = resolved(open);
    const verdict = decideWave(over, impact(100), policy, T0 + 61 * MINUTE, { spentDoubt: 9 });
    expect(verdict).toMatchObject({ kind: 'restored', state: 'expanding', doubt: 0 });
  });

  it('end at the estimated repair, or when they are no longer worth it', () => {
    const repair = T0 + 60 * MINUTE;
    expect(decide({ estimatedRepairAt: new Date(repair).toISOString() })).toMatchObject({
      validUntilMs: repair,
    });
    expect(decide()).toMatchObject({
      validUntilMs: T0 + policy.kinds.onset.validMinutes * MINUTE,
    });
  });

  it('stay true until the latest of an estimate with a band, not until its middle', () => {
    const at = (minutes: number): string => new Date(T0 + minutes * MINUTE).toISOString();
    const repair = { source: 'model' as const, at: at(5), low: at(2), asOf: at(0), basedOn: 40 };
    const change = { estimatedRepairAt: at(5), repair: { ...repair, high: at(90) } };
    expect(decide(change)).toMatchObject({ status: 'due', validUntilMs: T0 + 90 * MINUTE });
    const short = { ...change, repair: { ...repair, high: at(6) } };
    expect(decide(short)).toEqual({ status: 'none', reason: 'it will be over too soon' });
  });

  it('say "restored" when it is resolved, unless it was never open or goes on elsewhere', () => {
    const over = resolved(open);
    const now = T0 + 31 * MINUTE;
    const verdict = (change: Partial<Incident>) =>
      decideWave({ ...over, ...change }, impact(100), policy, now);
    expect(verdict({})).toMatchObject({ kind: 'restored', state: 'expanding' });
    expect(verdict({ detectedAt: null }).status).toBe('none');
    expect(verdict({ mergedInto: 'inc_2' }).status).toBe('none');
  });
});
