import { describe, expect, it } from 'vitest';
import { groupingWorld } from '../../../../src/commands/bench/accuracy/grouping/grouping-world.js';
import { growthExponent } from '../../../../src/commands/bench/accuracy/grouping-speed.js';
import { type Scored, totalsOf } from '../../../../src/commands/bench/accuracy/score-cases.js';
import { tableLines } from '../../../../src/commands/bench/accuracy/table.js';
import { wrongTextsOf } from '../../../../src/commands/bench/accuracy/wrong-texts.js';
import { scoreReplay } from '../../../../src/scoring/score-replay.js';

const T0 = Date.parse('2026-03-02T10:00:00Z');
const HOUR = 3_600_000;
const iso = (ms: number): string => new Date(ms).toISOString();

function scored(name: string, groups: string[][], truth: Record<string, string>): Scored {
  const incidents = groups.map((cells, at) => ({
    ...{ id: `R${at}`, startedAt: iso(T0), detectedAt: iso(T0 + 60_000), endedAt: iso(T0 + HOUR) },
    cells,
    cause: { kind: 'site', id: 'S1', candidates: [] },
  }));
  const rows = Object.entries(truth).map(([cellId, incidentId]) => ({
    ...{ incidentId, cellId, causeKind: 'site', causeId: 'S1' },
    startedAtMs: T0,
    endedAtMs: T0 + HOUR,
  }));
  const replay = { cells: 9, from: iso(T0), to: iso(T0 + HOUR), anomalies: [], incidents };
  const truthIds = rows.map(({ incidentId }) => incidentId);
  return { name, truthIds, scoring: scoreReplay(replay, rows, 900_000) };
}

describe('totals', () => {
  it('add up what was reported and what was true over cases', () => {
    const totals = totalsOf([
      scored('one', [['a', 'b']], { a: 'I1', b: 'I1' }),
      scored('two', [['a'], ['z']], { a: 'I1', c: 'I2' }),
      scored('none', [], {}),
    ]);
    expect(totals).toMatchObject({ cases: 3, trueIncidents: 3, reported: 3, rightCauseFirst: 1 });
    expect(totals.precision).toBeCloseTo(2 / 3);
    expect(totals.recall).toBeCloseTo(2 / 3);
    expect(totals.medianDelaySeconds).toBe(60);
  });

  it('are undefined where there is nothing to be right about', () => {
    const totals = totalsOf([scored('none', [], {})]);
    expect(totals).toMatchObject({ precision: null, recall: null, ari: null, ariPooled: null });
  });

  it('see a cell that is missing once in the mean, and in proportion when pooled', () => {
    const most = scored('most', [['a', 'b', 'c']], { a: 'I1', b: 'I1', c: 'I1', d: 'I1' });
    const whole = scored('whole', [['a', 'b', 'c']], { a: 'I1', b: 'I1', c: 'I1' });
    const totals = totalsOf([most, whole]);
    expect(totals.ari).toBe(0.5);
    expect(totals.ariPooled).toBeGreaterThan(0.6);
    expect(totals.ariPooled).toBeLessThan(1);
  });
});

describe('wrong texts', () => {
  const fault = {
    ...{ id: 'I1', alarms: [], works: [], truth: [] },
    spec: { kind: 'regionalPowerCut' as const, fromMs: T0, durationMs: HOUR },
    effects: [{ fromMs: T0, toMs: T0 + HOUR, cells: [1], isUncollected: true }],
  };
  const truth = [{ incidentId: 'I1', cellId: 'hurt', startedAtMs: T0, endedAtMs: T0 + HOUR }].map(
    (row) => ({ ...row, causeKind: null, causeId: null }),
  );
  const told = (cells: string[], atMs = T0 + 60_000) => {
    const { wrong, gapOrCrowd } = wrongTextsOf({
      texts: [{ incidentId: 'R1', atMs, cells }],
      truth,
      faults: [fault],
      cellIds: ['hurt', 'unheard', 'well'],
    });
    return { wrong: wrong.length, gapOrCrowd: gapOrCrowd.length };
  };

  it('are none when those told are hurt', () => {
    expect(told(['hurt', 'well'])).toEqual({ wrong: 0, gapOrCrowd: 0 });
  });

  it('are those that go to nobody who is hurt, or long after', () => {
    expect(told(['well'])).toEqual({ wrong: 1, gapOrCrowd: 0 });
    expect(told(['hurt'], T0 + 2 * HOUR)).toEqual({ wrong: 1, gapOrCrowd: 0 });
  });

  it('are those that go to a cell that is only not heard of, whoever else is told', () => {
    expect(told(['hurt', 'unheard'])).toEqual({ wrong: 0, gapOrCrowd: 1 });
  });
});

describe('speed of grouping', () => {
  it('has exponent 1 when linear and 2 when quadratic', () => {
    const sizes = (power: number) =>
      [100, 200, 400].map((candidates) => ({ candidates, seconds: candidates ** power }));
    expect(growthExponent(sizes(1))).toBeCloseTo(1);
    expect(growthExponent(sizes(2))).toBeCloseTo(2);
  });

  it('is measured on as many candidates as asked, each another object', () => {
    const world = groupingWorld(2_000, T0);
    expect(world.anomalies.length + world.alarms.length).toBe(2_000);
    const ids = world.anomalies.flatMap((event) =>
      'anomaly' in event ? event.anomaly.objectId : [],
    );
    expect(new Set(ids).size).toBe(world.anomalies.length);
    expect(new Set(world.rows.cells.map(({ cellId }) => cellId)).has(ids.at(-1) ?? '')).toBe(true);
  });
});

describe('table', () => {
  it('sets text left, numbers right and a dash for nothing', () => {
    expect(
      tableLines(
        ['name', 'n'],
        [
          ['a', 10],
          ['bcdef', null],
        ],
      ),
    ).toEqual(['name    n', 'a      10', 'bcdef   -']);
  });
});
