import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { IncidentCost, Projected } from '../../src/domain/cost.js';
import type { Incident } from '../../src/domain/incident.js';
import { costOf } from '../../src/impact/cost.js';
import type { ImpactCounts } from '../../src/impact/rank.js';
import { incident, MINUTE, resolved, impactRules as rules, T0 } from '../services/customers.js';
import { consumers, NOBODY, SOME } from './counts.js';

const at = (minutes: number): string => new Date(T0 + minutes * MINUTE).toISOString();

function foretold(low: number, minutes: number, high: number): Incident {
  const repair = {
    source: 'model' as const,
    at: at(minutes),
    low: at(low),
    high: at(high),
    asOf: at(0),
    basedOn: 40,
  };
  return incident(['S1-1'], { estimatedRepairAt: repair.at, repair });
}

const cost = (counts: ImpactCounts, doc: Incident): IncidentCost =>
  costOf(counts, { incident: doc, nowMs: T0, rules });

describe('cost of an incident', () => {
  it('goes on at the present rate until the repair, with the band of the estimate', () => {
    const { basis, until, userMinutes, segments } = cost(SOME, foretold(30, 60, 120));
    expect({ basis, until }).toEqual({ basis: 'repair', until: at(60) });
    expect(userMinutes).toEqual({ soFar: 400, toCome: 18 * 60, low: 18 * 30, high: 18 * 120 });
    expect(segments.map((each) => each.segment)).toEqual(['business', 'consumer']);
    expect(segments[0]?.userMinutes.soFar).toBe(300);
  });

  it('has no band where one time was given, or none, and nothing to come once it is over', () => {
    expect(cost(SOME, incident([])).userMinutes).toEqual({
      soFar: 400,
      toCome: 18 * 120,
      low: null,
      high: null,
    });
    const over = cost(SOME, resolved(incident([])));
    expect(over).toMatchObject({ basis: 'over', until: null, userMinutes: { toCome: 0 } });
  });

  it('reckons money by segment', () => {
    const { value, churn, currency } = cost(SOME, foretold(60, 60, 60));
    expect(currency).toBe('EUR');
    expect(value.soFar).toBeCloseTo((100 * 0.03 + 300 * 0.4) / 60, 9);
    expect(value.toCome).toBeCloseTo(9 * 0.03 + 9 * 0.4, 9);
    expect(churn.toCome).toBeCloseTo(9 * 0.0005 + 9 * 0.0002, 9);
  });

  it('owes credits from when customers lost more than their allowance, to all of the segment', () => {
    const [rule] = rules.cost.slaCredits;
    if (rule === undefined) throw new Error('the shipped rules have an example');
    const business = (lost: number): ImpactCounts => ({
      ...NOBODY,
      bySegment: { business: 10 },
      everBySegment: { business: 10 },
      expectedBySegment: { business: 10 },
      lossBySegment: { business: 10 },
      minutesBySegment: { business: 10 * lost },
    });
    const before = cost(business(rule.allowanceMinutes - 30), foretold(10, 20, 40));
    expect(before.credits).toEqual({ soFar: 0, toCome: 0, low: 0, high: 10 * rule.credit });
    const after = cost(business(rule.allowanceMinutes + 1), foretold(10, 20, 40));
    expect(after.credits).toMatchObject({ soFar: 10 * rule.credit, toCome: 0 });
  });

  it('never falls with more people, and its band holds what is expected', () => {
    const people = fc.integer({ min: 1, max: 1_000_000 });
    const minutes = fc.integer({ min: 1, max: 3000 });
    const parts = (of: IncidentCost): Projected[] => [
      of.userMinutes,
      of.value,
      of.credits,
      of.churn,
    ];
    fc.assert(
      fc.property(people, minutes, minutes, minutes, (n, lost, until, apart) => {
        const doc = foretold(until - apart, until, until + apart);
        const some = parts(cost(consumers(n, lost), doc));
        const more = parts(cost(consumers(2 * n, lost), doc));
        for (const [k, part] of some.entries()) {
          expect(more[k]?.soFar).toBeGreaterThanOrEqual(part.soFar);
          expect(more[k]?.toCome).toBeGreaterThanOrEqual(part.toCome);
          expect(part.low).toBeLessThanOrEqual(part.toCome);
          expect(part.high).toBeGreaterThanOrEqual(part.toCome);
        }
      }),
      { seed: 4 },
    );
  });
});
