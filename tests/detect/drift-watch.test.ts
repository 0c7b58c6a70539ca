import { describe, expect, it } from 'vitest';
import { DriftWatch, EXCEEDED } from '../../src/detect/drift-watch.js';
import { planKpi } from '../../src/detect/kpi-plan.js';
import { StateReader, StateWriter } from '../../src/detect/state-codec.js';
import { rulesWith } from './world.js';

const PLANS = [
  planKpi({ name: 'users', definition: { kind: 'count', unit: '', bad: 'low' } }, rulesWith()),
];
const SETTLED = 1e6;

function watch(): DriftWatch {
  const drift = new DriftWatch(PLANS);
  for (let object = 0; object < 10; object++) drift.assign(object, object < 5 ? 'Acme' : 'Lumen');
  return drift;
}

/** A day of 4,000 readings a vendor; @param shares of each vendor's beyond 1 % */
function day(drift: DriftWatch, shares: readonly [number, number]): void {
  for (const [vendor, share] of shares.entries()) {
    const beyond = Math.round(4000 * share);
    const quiet = drift.trialsOf(0, SETTLED);
    quiet[drift.groupOf[5 * vendor] ?? 0] = 4000 - beyond;
    for (let i = 0; i < beyond; i++) drift.add(0, 5 * vendor, EXCEEDED + 0.1);
  }
  drift.endDay(() => SETTLED);
}

const lost = (drift: DriftWatch) =>
  drift.calibration().flatMap(({ vendor, isLost }) => (isLost ? [vendor] : []));

describe('the watch over calibration', () => {
  it('knows a vendor whose scores have become too many, and that alone', () => {
    const drift = watch();
    for (let i = 0; i < 5; i++) day(drift, [0.01, 0.011]);
    expect(lost(drift)).toEqual([]);
    for (let i = 0; i < 2; i++) day(drift, [0.01, 0.05]);
    expect(lost(drift)).toEqual(['Lumen']);
    expect(drift.calibration()[1]).toMatchObject({ kpi: 'users', beyondHundredth: 0.05 });
    for (let i = 0; i < 12; i++) day(drift, [0.01, 0.01]);
    expect(lost(drift)).toEqual([]);
  });

  it('takes twice the share for days before it says so, and passes over one odd day', () => {
    const drift = watch();
    day(drift, [0.04, 0.02]);
    for (let i = 0; i < 4; i++) day(drift, [0.01, 0.02]);
    expect(lost(drift)).toEqual([]);
    for (let i = 0; i < 2; i++) day(drift, [0.01, 0.02]);
    expect(lost(drift)).toEqual(['Lumen']);
  });

  it('knows scores that hardly ever are high any more', () => {
    const drift = watch();
    for (let i = 0; i < 3; i++) day(drift, [0.001, 0.01]);
    expect(lost(drift)).toEqual(['Acme']);
  });

  it('joins days that say too little, and says nothing before the tail is settled', () => {
    const drift = watch();
    for (let i = 0; i < 9; i++) {
      for (let n = 0; n < 200; n++) drift.add(0, 0, n < 20 ? EXCEEDED + 1 : 0);
      drift.endDay(() => SETTLED);
    }
    expect(drift.calibration()).toEqual([]);
    for (let n = 0; n < 9000; n++) drift.add(0, 0, EXCEEDED + 1);
    drift.endDay(() => 100);
    expect(drift.calibration()).toEqual([]);
  });

  it('goes on from a stored state', () => {
    const [one, two] = [watch(), new DriftWatch(PLANS)];
    for (let i = 0; i < 2; i++) day(one, [0.01, 0.025]);
    drop(one, two);
    for (const drift of [one, two]) {
      for (let object = 0; object < 10; object++)
        drift.assign(object, object < 5 ? 'Acme' : 'Lumen');
      for (let i = 0; i < 3; i++) day(drift, [0.01, 0.025]);
    }
    expect(two.calibration()).toEqual(one.calibration());
    expect(lost(two)).toEqual(['Lumen']);
  });
});

function drop(from: DriftWatch, to: DriftWatch): void {
  const writer = new StateWriter();
  from.save(writer, 'x');
  to.load(new StateReader(writer.finish()), 'x');
}
