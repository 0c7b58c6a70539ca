import { describe, expect, it } from 'vitest';
import { DEVELOPMENT_CASES } from '../../../../../src/commands/bench/accuracy/development-cases.js';
import {
  drawHealthyWorlds,
  FULL_CELL_MONTHS,
} from '../../../../../src/commands/bench/accuracy/false-rate/healthy-worlds.js';
import { runHealthy } from '../../../../../src/commands/bench/accuracy/false-rate/run-healthy.js';
import { falseRateFigures } from '../../../../../src/commands/bench/accuracy/false-rate.js';
import { SCORING_CASES } from '../../../../../src/commands/bench/accuracy/scoring-cases.js';
import { loadShippedRules } from '../../../../../src/commands/bench/accuracy/warm-world.js';

const DAY_MS = 86_400_000;

describe('healthy worlds', () => {
  it('hold at least the full number of cell-months in several worlds at full size', () => {
    const worlds = drawHealthyWorlds(SCORING_CASES, 1);
    const months = worlds.map(
      ({ cells, branchMs, toMs }) => (cells * (toMs - branchMs)) / DAY_MS / 30,
    );
    expect(worlds.length).toBeGreaterThan(4);
    expect(months.reduce((a, b) => a + b)).toBeGreaterThanOrEqual(FULL_CELL_MONTHS);
  });

  it('share no seed with the other set or with the scenarios', () => {
    const seeds = [SCORING_CASES, DEVELOPMENT_CASES].flatMap((set) => [
      ...drawHealthyWorlds(set, 1).map(({ seed }) => seed),
      ...set.worldSeeds,
    ]);
    expect(new Set(seeds).size).toBe(seeds.length);
  });
});

describe('false rate', () => {
  it('counts what opens after warm-up only, and all of it as false', {
    timeout: 60_000,
  }, async () => {
    const [plan] = drawHealthyWorlds(DEVELOPMENT_CASES, 0.0001);
    if (plan === undefined) throw new Error('no world');
    const shipped = loadShippedRules();
    // Every night is an incident, whatever the model says.
    const rules = {
      ...shipped,
      detection: {
        ...shipped.detection,
        limits: [{ kpi: 'connectedUsers', below: 3, periods: 1 }],
      },
    };
    const short = { ...plan, branchMs: plan.fromMs + 9 * DAY_MS, toMs: plan.fromMs + 12 * DAY_MS };
    const run = await runHealthy(short, rules, () => undefined);
    expect(run.opened.length).toBeGreaterThan(0);
    for (const { openedAt, kpis } of run.opened) {
      expect(Date.parse(openedAt)).toBeGreaterThan(short.branchMs);
      expect(kpis).not.toContain('unknown');
    }
    const figures = falseRateFigures([run], { setRate: 1, wrongWavesPerYear: 1 });
    expect(figures).toMatchObject({ worlds: 1, falseIncidents: run.opened.length });
    expect(run.cellMonths).toBeCloseTo(run.cells * 0.1);
    expect(figures.achievedPer1000CellsAndMonth).toBeCloseTo(
      (1000 * run.opened.length) / run.cellMonths,
      2,
    );
    expect(JSON.parse(JSON.stringify(figures))).toEqual(figures);
  });
});
