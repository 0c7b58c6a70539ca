import { describe, expect, it } from 'vitest';
import { type Judged, judgeWorld, MODELS } from '../../../../src/commands/bench/impact/accuracy.js';
import { peopleCases, peoplePlans } from '../../../../src/commands/bench/impact/accuracy-cases.js';
import { accuracyResult } from '../../../../src/commands/bench/impact/accuracy-figures.js';
import { allServices } from '../../../../src/domain/services.js';
import { impactRules } from '../../../services/customers.js';

describe('cases of the bench of whereabouts', () => {
  const development = peoplePlans('development', 1);
  const scoring = peoplePlans('scoring', 1);

  it('share neither seed nor time between development and scoring', () => {
    const seeds = new Set(development.map(({ seed }) => seed));
    expect(scoring.filter(({ seed }) => seeds.has(seed))).toEqual([]);
    const begins = Math.min(...development.map(({ fromMs }) => fromMs));
    const ends = Math.max(...scoring.map(({ branchMs }) => branchMs + 7 * 86_400_000));
    expect(ends).toBeLessThan(begins);
  });

  it('lie by day and by night, on working days and weekends, within the week looked at', () => {
    for (const plan of [...development, ...scoring]) {
      const cases = peopleCases(plan);
      expect(cases.length).toBe(24);
      for (const { fault, slot } of cases) {
        const local = new Date(fault.fromMs).toLocaleString('sv', { timeZone: 'Europe/Paris' });
        const hour = Number(local.slice(11, 13));
        const isWeekend = [0, 6].includes(new Date(`${local.slice(0, 10)}T12:00Z`).getUTCDay());
        expect(isWeekend).toBe(slot === 'weekend day');
        if (slot === 'working night') expect(hour).toBeLessThan(5);
        else expect(hour).toBeGreaterThanOrEqual(10);
        expect(fault.fromMs).toBeGreaterThanOrEqual(plan.branchMs);
        expect(fault.fromMs + fault.durationMs).toBeLessThan(plan.branchMs + 7 * 86_400_000);
      }
    }
  });
});

describe('a small world of the bench', () => {
  const [plan] = peoplePlans('development', 0.25);
  const small = plan && {
    ...plan,
    sites: 24,
    cells: 80,
    subscribers: 500,
    fromMs: plan.branchMs - 4 * 86_400_000,
  };
  const judged = small ? judgeWorld(small, impactRules) : [];

  it('concerns people of every kind of trouble and at every time of the week', () => {
    expect(judged.length).toBeGreaterThan(1_000);
    expect(new Set(judged.map(({ kind }) => kind)).size).toBe(6);
    expect(new Set(judged.map(({ slot }) => slot)).size).toBe(4);
    const affected = judged.filter(({ isAffected }) => isAffected);
    expect(affected.length).toBeGreaterThan(200);
    expect(affected.some(({ lost }) => lost.data >= 0.1 && lost.sms === 0)).toBe(true);
    expect(judged.every(({ isAffected, lost }) => isAffected || lost.data === 0)).toBe(true);
  });

  it('states probabilities that are nearer to the truth than those of naive models', () => {
    const { figures, baseline } = accuracyResult('development', judged, impactRules);
    const brier = (of: unknown): number => (of as { brier: number }).brier;
    expect(brier(figures.lastSeen)).toBeLessThan(brier(baseline?.lastCell));
    expect(brier(figures.learnt)).toBeLessThan(brier(baseline?.lastCell));
    expect(brier(figures.declared)).toBeLessThan(brier(baseline?.homeCell));
  });
});

describe('figures of the bench of whereabouts', () => {
  const stated = (value: number): Judged['stated'] =>
    Object.fromEntries(MODELS.map((model) => [model, value])) as Judged['stated'];
  const judge = (value: number, isAffected: boolean): Judged => ({
    ...{
      slot: 'working day',
      kind: 'sitePower',
      isAffected,
      lost: allServices(isAffected ? 1 : 0),
    },
    stated: stated(value),
    statedLost: {
      declared: allServices(value),
      lastSeen: allServices(value),
      learnt: allServices(value),
    },
  });
  const judged = [judge(0.9, true), judge(0.9, true), judge(0.9, false), judge(0.2, true)];

  it('are precision and recall at one half, Brier score and distance from the diagonal', () => {
    const { figures, baseline, ratios } = accuracyResult('development', judged, impactRules);
    expect(figures).toMatchObject({
      people: 4,
      affected: 3,
      learnt: {
        precision: 0.6667,
        recall: 0.6667,
        brier: Number(((0.01 * 2 + 0.81 + 0.64) / 4).toFixed(4)),
        countRatio: Number((2.9 / 3).toFixed(3)),
        calibrationError: Number(((3 * (0.9 - 2 / 3) + 0.8) / 4).toFixed(4)),
      },
    });
    const { lost } = figures.learnt as { lost: Record<string, { brier: number }> };
    expect(lost.sms?.brier).toBe(figures.learnt && (figures.learnt as { brier: number }).brier);
    expect(Object.keys(baseline ?? {})).toEqual(['homeCell', 'lastCell']);
    expect(ratios?.learntBrier).toBe(1);
  });

  it('leave out of the reliability whom the mode does not list', () => {
    const unlisted = accuracyResult('development', [...judged, judge(0.01, true)], impactRules);
    const learnt = unlisted.figures.learnt as { calibrationError: number; recall: number };
    expect(learnt.calibrationError).toBeCloseTo((3 * (0.9 - 2 / 3) + 0.8) / 4, 4);
    expect(learnt.recall).toBe(0.5);
  });
});
