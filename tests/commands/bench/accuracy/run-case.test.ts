import { beforeAll, describe, expect, it } from 'vitest';
import { runCases } from '../../../../src/commands/bench/accuracy/all-runs.js';
import { faultsOf } from '../../../../src/commands/bench/accuracy/case-failures.js';
import { DEVELOPMENT_CASES } from '../../../../src/commands/bench/accuracy/development-cases.js';
import type { CaseRun } from '../../../../src/commands/bench/accuracy/run-case.js';
import { rowOf } from '../../../../src/commands/bench/accuracy/score-cases.js';
import { wallDelaysOf } from '../../../../src/commands/bench/accuracy/wall-delays.js';

const SMALL = {
  ...DEVELOPMENT_CASES,
  worldSeeds: [5],
  sites: [12, 12],
  cellsPerSite: [3, 3],
  warmUpDays: 8,
} as const;

function run(named: string): Promise<CaseRun[]> {
  return runCases(SMALL, { scale: 1, named }, () => undefined);
}

describe('a simulated case', () => {
  let found: CaseRun[] = [];
  beforeAll(async () => {
    found = await run('transportCut');
  }, 60_000);

  it('is found by its alarms, told once and to those who are hurt', () => {
    const [withAlarms] = found;
    expect(withAlarms?.scoring.score).toMatchObject({ precision: 1, recall: 1 });
    expect(found.slice(0, 1).map(faultsOf)).toEqual([0]);
    const row = rowOf('transportCut', 'alarms', found.slice(0, 1));
    expect(row).toMatchObject({ wrongTexts: 0, gapOrCrowdTexts: 0 });
    expect(row.wall.listed.withinAim).toBe(1);
    expect(row.wall.open.withinAim).toBe(1);
  });

  it('is decided later by the clock on the wall than in event time when only counters tell', () => {
    const silent = found.find(({ plan }) => !plan.hasAlarms);
    expect(silent?.alarms).toEqual([]);
    const delays = silent ? wallDelaysOf(silent).map(({ toOpen }) => toOpen) : [];
    const inEventTime = silent?.live.scoring.matches.map(({ delaySeconds }) => delaySeconds);
    expect(delays).toEqual(inEventTime?.map((seconds) => expect.closeTo(seconds + 300, 0)));
  });

  it('comes out the same from a world warmed up anew, whatever ran on it before', async () => {
    const again = await run('transportCut-1-silent');
    const before = found.find(({ plan }) => plan.name === again[0]?.plan.name);
    expect(again).toHaveLength(1);
    expect(again[0]?.report).toEqual(before?.report);
    expect(again[0]?.live.texts).toEqual(before?.live.texts);
  }, 60_000);
});
