import { describe, expect, it } from 'vitest';
import { DEVELOPMENT_CASES } from '../../../../../src/commands/bench/accuracy/development-cases.js';
import { drawHealthyWorlds } from '../../../../../src/commands/bench/accuracy/false-rate/healthy-worlds.js';
import {
  degradeBlock,
  degraded,
  kpisTouchedBy,
} from '../../../../../src/commands/bench/accuracy/real-sets/degrade.js';
import { laneOf } from '../../../../../src/commands/bench/accuracy/warm-world.js';
import { ReportBlockBuilder } from '../../../../../src/domain/report-block.js';

const [plan] = drawHealthyWorlds(DEVELOPMENT_CASES, 0.001);
if (plan === undefined) throw new Error('no world');
const { kpis } = laneOf(plan);
const namesOf = (places: readonly number[]): string[] =>
  places.map((at) => kpis[at]?.name ?? 'none');

function block(values: readonly number[]) {
  const builder = new ReportBlockBuilder({
    feed: 'f',
    objectType: 'cell',
    periodSeconds: 900,
    kpis: kpis.map(({ name }) => name),
  });
  builder.addRow('A', 0);
  const row = builder.addRow('B', 0);
  for (const [at, value] of values.entries()) builder.set(row, at, value, 100);
  return builder.finish();
}

describe('synthetic degradations', () => {
  it('take successes, throughput or traffic, and leave availability as it is', () => {
    expect(namesOf(kpisTouchedBy('quality', kpis))).toEqual([
      'rrcSetupSuccessRatio',
      'erabSetupSuccessRatio',
      'erabDropRatio',
      'dlThroughputMbps',
    ]);
    expect(namesOf(kpisTouchedBy('traffic', kpis))).toEqual([
      'connectedUsers',
      'dlVolumeMegabytes',
    ]);
  });

  it('make fewer successes and more failures of the same lost share', () => {
    const kpi = (name: string) => {
      const found = kpis.find((each) => each.name === name);
      if (found === undefined) throw new Error(name);
      return found;
    };
    expect(degraded(0.98, kpi('rrcSetupSuccessRatio'), 0.5)).toBeCloseTo(0.49);
    expect(degraded(0.02, kpi('erabDropRatio'), 0.5)).toBeCloseTo(0.51);
    expect(degraded(40, kpi('connectedUsers'), 1)).toBe(0);
  });

  it('change a copy of the one object only, and say when there was nothing to lose', () => {
    const users = kpis.findIndex(({ name }) => name === 'connectedUsers');
    const before = block(kpis.map(() => 8));
    const after = degradeBlock(before, kpis, {
      objectId: 'B',
      kpis: new Set([users]),
      depth: 0.25,
    });
    expect(after?.values[kpis.length + users]).toBe(6);
    expect(before.values[kpis.length + users]).toBe(8);
    expect(after?.values[kpis.length]).toBe(8);
    const asleep = block(kpis.map(() => 0));
    const touched = { kpis: new Set([users]), depth: 1 };
    expect(degradeBlock(asleep, kpis, { objectId: 'B', ...touched })).toBeUndefined();
    expect(degradeBlock(before, kpis, { objectId: 'C', ...touched })).toBeUndefined();
    expect(degradeBlock(before, kpis, { objectId: 'A', ...touched })).toBeUndefined();
  });
});
