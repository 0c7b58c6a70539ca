import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseYaml } from '../../src/adapters/rules/load-yaml.js';
import type { RegulatoryClock } from '../../src/domain/regulatory-clock.js';
import { type ClockFacts, judgeClocks } from '../../src/impact/clocks.js';
import type { ClockCondition, ClockRule } from '../../src/impact/cost-rules.js';
import { checkImpactRules, ImpactRules } from '../../src/impact/rules.js';
import { incident, MINUTE, resolved, impactRules as rules, T0 } from '../services/customers.js';

const at = (minutes: number): string => new Date(T0 + minutes * MINUTE).toISOString();

/** Began five minutes before T0, found at T0; 1,000 user-minutes a minute. */
function facts(change: Partial<ClockFacts> = {}): ClockFacts {
  return {
    incident: incident(['S1-1']),
    nowMs: T0 + 20 * MINUTE,
    userMinutes: 25_000,
    lossPerMinute: 1000,
    subscribers: 1000,
    isEmergencyLost: false,
    isEstimate: false,
    ...change,
  };
}

function rule(when: ClockCondition[], from: ClockRule['from'] = 'condition'): ClockRule {
  return { id: 'report', name: 'Report', when, from, deadlineMinutes: 120 };
}

function judge(given: ClockRule, change: Partial<ClockFacts> = {}, before: RegulatoryClock[] = []) {
  const [clock] = judgeClocks([given], facts(change), before);
  if (clock === undefined) throw new Error('one rule gives one clock');
  return clock;
}

describe('a regulatory clock', () => {
  const both = rule([{ userMinutes: 50_000, durationMinutes: 30 }]);

  it('that has not started says how far it is, what is lacking, and when it would start', () => {
    expect(judge(both)).toEqual({
      id: 'report',
      name: 'Report',
      startedAt: null,
      deadlineAt: null,
      progress: 0.5,
      lacking: { what: 'userMinutes', value: 25_000, needed: 50_000 },
      expectedStartAt: at(45),
    });
  });

  it('starts when the last part of its condition was reached, not when that was noticed', () => {
    const clock = judge(both, { nowMs: T0 + 50 * MINUTE, userMinutes: 55_000 });
    expect(clock).toMatchObject({ startedAt: at(45), deadlineAt: at(165), lacking: null });
  });

  it('counts from detection where its rule says so, and never before detection', () => {
    const lost = { isEmergencyLost: true, nowMs: T0 + 3 * MINUTE };
    expect(judge(rule([{ emergencyCalling: true }], 'detection'), lost).startedAt).toBe(at(0));
    expect(judge(rule([{ durationMinutes: 1 }]), lost).startedAt).toBe(at(0));
  });

  it('waits for a suspected incident to be confirmed', () => {
    const suspected = incident([], { state: 'suspected', detectedAt: null });
    expect(judge(rule([{ durationMinutes: 1 }]), { incident: suspected })).toMatchObject({
      startedAt: null,
      progress: 0,
      lacking: { what: 'confirmation' },
    });
  });

  it('needs one of its alternatives, and shows the nearest', () => {
    const far = rule([{ subscribers: 100_000 }, { userMinutes: 30_000 }]);
    expect(judge(far).lacking?.what).toBe('userMinutes');
    expect(judge(far, { subscribers: 100_000 }).startedAt).not.toBeNull();
  });

  it.each([
    ['sites', [{ sites: 2 }], [{ sites: 1 }]],
    ['area', [{ area: ['S2', 'X*'] }], [{ area: ['S9', 'S*'] }]],
    ['emergencyCalling', [{ emergencyCalling: true as const }], [{ subscribers: 1 }]],
  ])('judges %s', (what, unmet, met) => {
    expect(judge(rule(unmet)).lacking?.what).toBe(what);
    expect(judge(rule(met)).startedAt).not.toBeNull();
  });

  it('once started goes on when counts fall or the incident ends', () => {
    const before = judge(both, { nowMs: T0 + 50 * MINUTE, userMinutes: 55_000 });
    const over = { incident: resolved(incident([])), userMinutes: 1, lossPerMinute: 0 };
    expect(judge(both, over, [before])).toEqual(before);
  });

  it('that an estimate started is judged again by the counts', () => {
    const guess = judge(both, { nowMs: T0 + 50 * MINUTE, userMinutes: 55_000, isEstimate: true });
    expect(guess.onEstimate).toBe(true);
    expect(judge(both, { nowMs: T0 + 51 * MINUTE }, [guess]).startedAt).toBeNull();
    const still = { nowMs: T0 + 51 * MINUTE, isEstimate: true };
    expect(judge(both, still, [guess]).startedAt).toBe(guess.startedAt);
  });

  it('foresees no start of an incident that is over', () => {
    expect(judge(both, { incident: resolved(incident([])) }).expectedStartAt).toBeNull();
  });

  it('never goes back with more people, more user-minutes or more time', () => {
    const amount = fc.integer({ min: 0, max: 2_000_000 });
    fc.assert(
      fc.property(amount, amount, amount, (userMinutes, more, minutes) => {
        const nowMs = T0 + minutes * MINUTE;
        const now = { userMinutes, subscribers: userMinutes / 10, nowMs };
        const later = {
          userMinutes: userMinutes + more,
          subscribers: (userMinutes + more) / 10,
          nowMs: nowMs + more * MINUTE,
        };
        const before = judgeClocks(rules.clocks, facts(now));
        for (const [k, clock] of judgeClocks(rules.clocks, facts(later), before).entries()) {
          expect(clock.progress).toBeGreaterThanOrEqual(before[k]?.progress ?? 2);
        }
      }),
      { seed: 4 },
    );
  });

  it('may not have the id of another, nor a condition without anything', () => {
    const twice = { ...rules, clocks: [both, both] };
    expect(() =>
      parseYaml(JSON.stringify(twice), 'impact.yaml', ImpactRules, checkImpactRules),
    ).toThrow(/clocks\.1\.id was "report".*allowed: an id that no other clock has/);
    const empty = { ...rules, clocks: [rule([{}])] };
    expect(() => parseYaml(JSON.stringify(empty), 'impact.yaml', ImpactRules)).toThrow(/clocks/);
  });
});
