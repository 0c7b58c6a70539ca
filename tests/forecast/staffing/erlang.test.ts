import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { agentsFor, rosteredFor } from '../../../src/forecast/staffing/agents-for.js';
import { erlangA, erlangC, performance } from '../../../src/forecast/staffing/erlang.js';

const officeLoad = { callsPerSecond: 100 / 1800, ahtSeconds: 180 };
const target = { serviceLevel: 0.8, thresholdSeconds: 20, maxOccupancy: 0.85 };

describe('Erlang C', () => {
  it('gives the published figures for 100 calls in 30 minutes of 180 s', () => {
    const found = agentsFor(officeLoad, target);
    expect(found.agents).toBe(14);
    expect(found.serviceLevel).toBeCloseTo(0.888, 3);
    expect(found.occupancy).toBeCloseTo(0.714, 3);
    expect(found.waitProbability).toBeCloseTo(0.174, 3);
    expect(rosteredFor(found.agents, 0.3)).toBe(20);
  });

  it('has no answer when the load exceeds the agents', () => {
    expect(erlangC(officeLoad, 10, 20)).toBeUndefined();
  });
});

describe('Erlang A', () => {
  it('gives the published figures for 120 Erlangs on 100 agents', () => {
    const load = { callsPerSecond: 300 / 900, ahtSeconds: 360, patienceSeconds: 120 };
    const found = erlangA(load, 100, 20);
    expect(found.abandonment).toBeCloseTo(0.172, 3);
    expect(found.serviceLevel).toBeCloseTo(0.431, 3);
  });

  it('needs 12 agents where Erlang C needs 14', () => {
    expect(agentsFor({ ...officeLoad, patienceSeconds: 120 }, target).agents).toBe(12);
  });

  it('approaches Erlang C as patience grows', () => {
    const patient = erlangA({ ...officeLoad, patienceSeconds: 1e9 }, 14, 20);
    expect(patient.serviceLevel).toBeCloseTo(0.88835, 4);
    expect(patient.abandonment).toBeLessThan(1e-6);
  });
});

const anyLoad = fc.record({
  callsPerSecond: fc.double({ min: 1e-4, max: 3, noNaN: true }),
  ahtSeconds: fc.double({ min: 10, max: 900, noNaN: true }),
  patienceSeconds: fc.double({ min: 5, max: 3000, noNaN: true }),
});

describe('staffing', () => {
  it('never serves worse with one agent more', () => {
    fc.assert(
      fc.property(anyLoad, fc.integer({ min: 0, max: 500 }), (load, agents) => {
        const fewer = erlangA(load, agents, 20);
        const more = erlangA(load, agents + 1, 20);
        expect(more.serviceLevel).toBeGreaterThanOrEqual(fewer.serviceLevel - 1e-9);
        expect(more.asaSeconds).toBeLessThanOrEqual(fewer.asaSeconds + 1e-9);
        for (const each of [fewer.serviceLevel, fewer.occupancy, fewer.abandonment]) {
          expect(each).toBeGreaterThanOrEqual(0);
          expect(each).toBeLessThanOrEqual(1 + 1e-9);
        }
      }),
    );
  });

  it('finds the least number of agents that meets the target', () => {
    fc.assert(
      fc.property(anyLoad, (load) => {
        const found = agentsFor(load, target);
        const fewer = performance(load, found.agents - 1, target.thresholdSeconds);
        const isMet = fewer && fewer.serviceLevel >= 0.8 && fewer.occupancy <= 0.85;
        expect(found.agents === 0 || !isMet).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  it('needs nobody when nobody calls', () => {
    expect(agentsFor({ callsPerSecond: 0, ahtSeconds: 180 }, target).agents).toBe(0);
  });
});
