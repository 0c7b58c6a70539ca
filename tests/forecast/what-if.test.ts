import { describe, expect, it } from 'vitest';
import { composeForecast } from '../../src/forecast/compose.js';
import { type WhatIfScenario, whatIf } from '../../src/forecast/what-if.js';
import { basisOf, loadOf, NOW_MS } from './basis.js';
import { forecastRules as rules } from './shipped-rules.js';

const MINUTE = 60_000;
const basis = basisOf([loadOf(20_000)]);

function totals(...scenarios: WhatIfScenario[]) {
  return whatIf(basis, rules, scenarios).outcomes.map((outcome) => outcome.totals);
}

describe('what if', () => {
  it('begins with the forecast itself', () => {
    const [first] = whatIf(basis, rules, []).outcomes;
    expect(first?.intervals).toEqual(composeForecast(basis, rules));
  });

  it('has fewer calls the sooner people are told', () => {
    const [asIs, now, later, never] = totals(
      { name: 'now', notify: [{ atMs: NOW_MS }] },
      { name: 'later', notify: [{ atMs: NOW_MS + 15 * MINUTE }] },
      { name: 'never', notify: [{ atMs: null }] },
    );
    expect(now?.surge).toBeLessThan(later?.surge ?? 0);
    expect(later?.surge).toBeLessThan(never?.surge ?? 0);
    expect(never).toEqual(asIs);
    expect(now?.abandonedCalls).toBeLessThan(never?.abandonedCalls ?? 0);
    expect(now?.cost).toBeLessThan(never?.cost ?? 0);
  });

  it('tells nobody more when messages under way are stopped', () => {
    const told = [
      { atMs: NOW_MS - MINUTE, people: 1000 },
      { atMs: NOW_MS + 15 * MINUTE, people: 20_000 },
    ];
    const planned = basisOf([loadOf(20_000, { told })]);
    const stopped = whatIf(planned, rules, [{ name: 'stop', notify: [{ atMs: null }] }]);
    const [asIs, never] = stopped.outcomes.map((outcome) => outcome.totals.surge);
    expect(never).toBeGreaterThan(asIs ?? 0);
  });

  it('has more calls the longer the repair takes', () => {
    const repair = (hours: number) => ({
      name: `${hours} h`,
      repair: [{ incidentId: 'inc-1', atMs: NOW_MS + hours * 3_600_000 }],
    });
    const surges = totals(repair(0), repair(1), repair(3)).map(({ surge }) => surge);
    expect(surges[1]).toBeLessThan(surges[2] ?? 0);
    expect(surges[2]).toBeLessThan(surges[3] ?? 0);
  });

  it('keeps calls from the queues with a message in the IVR', () => {
    const [asIs, ivr] = totals({ name: 'ivr', ivr: { fromMs: NOW_MS } });
    const kept = (ivr?.surge ?? 0) / (asIs?.surge ?? 1);
    expect(kept).toBeGreaterThan(0.999 - rules.surge.ivrContained);
    expect(kept).toBeLessThan(1.04 - rules.surge.ivrContained);
  });

  it('waits less with agents called in, who cost', () => {
    const until = { fromMs: NOW_MS, untilMs: NOW_MS + 2 * 3_600_000 };
    const calledIn = [{ queue: 'technical', agents: 10, ...until }];
    const [asIs, more] = totals({ name: 'ten', calledIn });
    expect(more?.asaSeconds).toBeLessThan(asIs?.asaSeconds ?? 0);
    expect(more?.abandonedCalls).toBeLessThan(asIs?.abandonedCalls ?? 0);
    expect(more?.redials).toBeLessThan(asIs?.redials ?? 0);
    const saved = (asIs?.abandonedCalls ?? 0) - (more?.abandonedCalls ?? 0);
    const paid = 10 * 2 * rules.staffing.cost.agentHour;
    expect(more?.cost).toBeCloseTo(
      (asIs?.cost ?? 0) + paid - saved * rules.staffing.cost.abandonedCall,
      6,
    );
  });

  it('assumes the agents for ordinary calls where there is no roster, and says so', () => {
    const without = whatIf(basisOf([loadOf(20_000)], null), rules, []);
    expect(without.assumedRosters).toEqual(['business', 'technical']);
    expect(without.outcomes[0]?.totals.abandonedCalls).toBeGreaterThan(100);
    expect(whatIf(basis, rules, []).assumedRosters).toEqual([]);
  });

  it('refuses an incident and a queue that are not there, naming those that are', () => {
    const ask = (scenario: Omit<WhatIfScenario, 'name'>) => () =>
      whatIf(basis, rules, [{ name: 'x', ...scenario }]);
    expect(ask({ repair: [{ incidentId: 'inc-9', atMs: NOW_MS }] })).toThrow(/inc-9.*inc-1/);
    expect(ask({ calledIn: [{ queue: 'sales', agents: 1, fromMs: 0 }] })).toThrow(
      /sales.*business, technical/,
    );
  });
});
