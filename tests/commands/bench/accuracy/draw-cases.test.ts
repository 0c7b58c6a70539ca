import { describe, expect, it } from 'vitest';
import { FAULT_KINDS } from '../../../../simulators/faults/types.js';
import { DEVELOPMENT_CASES } from '../../../../src/commands/bench/accuracy/development-cases.js';
import { drawCases } from '../../../../src/commands/bench/accuracy/draw-cases.js';
import { SCENARIO_KINDS } from '../../../../src/commands/bench/accuracy/scenario-kinds.js';
import { SCORING_CASES } from '../../../../src/commands/bench/accuracy/scoring-cases.js';

const development = drawCases(DEVELOPMENT_CASES);
const scoring = drawCases(SCORING_CASES);

describe('cases', () => {
  it('shares no seed, no world and no moment of failure between development and scoring', () => {
    const seeds = (cases: typeof scoring): Set<number> =>
      new Set(cases.flatMap(({ seed, world }) => [seed, world.seed]));
    const moments = (cases: typeof scoring): Set<number> =>
      new Set(cases.flatMap(({ faults }) => faults.map(({ fromMs }) => fromMs)));
    expect([...seeds(development)].filter((seed) => seeds(scoring).has(seed))).toEqual([]);
    expect([...moments(development)].filter((at) => moments(scoring).has(at))).toEqual([]);
  });

  it('draws the same cases from the same settings', () => {
    expect(drawCases(SCORING_CASES)).toEqual(scoring);
  });

  it('has every kind of fault that can be simulated, several times', () => {
    const kinds = SCENARIO_KINDS.flatMap(({ faults }) => faults.map(({ kind }) => kind));
    expect(new Set(kinds)).toEqual(new Set(FAULT_KINDS));
    for (const kind of FAULT_KINDS) {
      const cases = scoring.filter(({ faults }) => faults.some((fault) => fault.kind === kind));
      expect(cases.length).toBeGreaterThanOrEqual(2 * SCORING_CASES.worldSeeds.length);
    }
  });

  it('tells the cases of a pair apart by their alarms only', () => {
    const silent = new Map(
      scoring.filter(({ hasAlarms }) => !hasAlarms).map((plan) => [plan.name, plan]),
    );
    for (const plan of scoring.filter(({ hasAlarms }) => hasAlarms)) {
      const other = silent.get(plan.name.replace('-alarms', '-silent'));
      const mute = plan.faults.map((fault) => ({ ...fault, alarms: 0 }));
      expect(other).toEqual({ ...plan, name: other?.name, hasAlarms: false, faults: mute });
    }
  });

  it('keeps what is drawn within the settings, and faults after the healthy past', () => {
    const [least, most] = SCORING_CASES.sites;
    for (const { world, faults } of scoring) {
      expect(world.sites).toBeGreaterThanOrEqual(least);
      expect(world.sites).toBeLessThanOrEqual(most);
      for (const { fromMs, depth = 1 } of faults) {
        expect(fromMs).toBeGreaterThan(world.branchMs);
        expect(depth).toBeGreaterThanOrEqual(SCORING_CASES.depth[0]);
      }
    }
  });

  it('takes a share of the worlds, at least one, with all kinds of scenario', () => {
    const few = drawCases(SCORING_CASES, 0.01);
    expect(few).toEqual(scoring.slice(0, 2 * SCENARIO_KINDS.length));
  });
});
