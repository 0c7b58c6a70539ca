import { describe, expect, it } from 'vitest';
import { createDetect } from '../../src/detect/detect.js';
import type { Detect } from '../../src/detect/ports.js';
import { StateReader } from '../../src/detect/state-codec.js';
import type { DetectEvent } from '../../src/domain/anomaly.js';
import type { DetectAct } from '../../src/domain/detect-act.js';
import { LANE, reportsOf } from './shapes/two-kinds.js';
import { anomalies, blockOf, HOUR_MS, rulesWith, START_MS } from './world.js';

const DROP = 22 * 24 + 9;
const lost = (cell: number, hour: number): number => (cell === 3 && hour >= DROP ? 0.6 : 0);

interface Drift {
  readonly groups: readonly string[];
}

interface Act {
  readonly hour: number;
  readonly act: DetectAct;
}

function run(days: number, acts: readonly Act[] = [], stops: readonly number[] = []) {
  let detect: Detect = createDetect([LANE], rulesWith());
  const reports = reportsOf({ cells: 30, newFrom: 30, atHour: 0, lost });
  const events: DetectEvent[] = [];
  for (let hour = 0; hour < days * 24; hour++) {
    const startMs = START_MS + hour * HOUR_MS;
    const rows = Object.entries(reports(hour, startMs));
    detect.ingest(
      blockOf(
        LANE,
        rows.map(([id, report]) => ({ id, startMs, report })),
      ),
    );
    detect.act(acts.filter((act) => act.hour === hour).map(({ act }) => act));
    if (stops.includes(hour)) {
      const state = detect.snapshot();
      detect = createDetect([LANE], rulesWith());
      detect.restore(state);
    }
    events.push(...detect.advance(startMs + HOUR_MS + LANE.latenessSeconds * 1000));
  }
  return { events, detect };
}

describe("an operator's word", () => {
  const accept: Act = { hour: DROP + 8, act: { action: 'acceptLevel', objectId: 'cell-03' } };

  it('ends a deviation as the new normal, which is learnt and not told again', () => {
    const { events } = run(27, [accept]);
    const [cleared] = anomalies(events, 'cleared');
    expect(cleared?.reason).toContain("new normal on an operator's word");
    expect(cleared?.accepted).toBe('operator');
    expect(cleared?.endedAtMs).toBeLessThanOrEqual(START_MS + (DROP + 9) * HOUR_MS);
    const after = anomalies(events, 'raised').filter(
      ({ startedAtMs }) => startedAtMs > START_MS + (DROP + 10) * HOUR_MS,
    );
    expect(after).toEqual([]);
  });

  it('does nothing to an object that is well, or that nobody knows', () => {
    const plain = run(24).events;
    const other = (objectId: string): Act => ({
      ...accept,
      act: { action: 'acceptLevel', objectId },
    });
    expect(run(24, [other('cell-04'), other('nobody')]).events).toEqual(plain);
  });

  it('is kept through a restart before it takes effect', () => {
    const plain = run(24, [accept]).events;
    expect(run(24, [accept], [accept.hour]).events).toEqual(plain);
  });

  it('goes back to the models before, which stay until the next scheduled fit', () => {
    const hour = 20 * 24 + 5;
    const before = run(20, []).detect.models()[0];
    const { detect } = run(20.5, [{ hour, act: { action: 'revertModel' } }], [hour + 3]);
    const after = detect.models()[0];
    expect(before?.clusters).toBe(2);
    expect(after?.version).toBe(before?.previousVersion);
    expect(after?.previousVersion).toBeNull();
    const later = run(30, [{ hour, act: { action: 'revertModel' } }]).detect.models()[0];
    expect(later?.version).toBeGreaterThan(before?.version ?? 0);
  });

  it('watches calibration by the vendors that a changed network brings', () => {
    const { detect } = run(2);
    const drift = () => new StateReader(detect.snapshot()).json<Drift>(`${LANE.feed}.pools.drift`);
    expect(drift().groups).toEqual(['']);
    detect.vendors(new Map([['cell-03', 'Acme']]));
    const startMs = START_MS + 48 * HOUR_MS;
    detect.advance(startMs + HOUR_MS + LANE.latenessSeconds * 1000);
    expect(drift().groups).toEqual(['', 'Acme']);
  });

  it('corrects how much may be raised', () => {
    const act = (factor: number): Act => ({ hour: 24, act: { action: 'correctRate', factor } });
    const nats = (factor: number) =>
      anomalies(run(23, [act(factor)]).events, 'raised').map(({ detectedAtMs }) => detectedAtMs);
    expect(nats(100)[0]).toBeLessThanOrEqual(nats(0.01)[0] ?? Number.POSITIVE_INFINITY);
    expect(run(9, [act(100)]).detect.snapshot()).not.toEqual(run(9).detect.snapshot());
    expect(run(9, [act(100)]).detect.models()[0]?.rateFactor).toBeCloseTo(100, 9);
    expect(run(9).detect.models()[0]?.rateFactor).toBe(1);
  });
});
