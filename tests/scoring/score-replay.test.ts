import { describe, expect, it } from 'vitest';
import { adjustedRandIndex } from '../../src/scoring/rand-index.js';
import type { ScoredIncident, ScoredReplay, TruthRow } from '../../src/scoring/replay-document.js';
import { periodOf } from '../../src/scoring/replay-period.js';
import { scoreReplay } from '../../src/scoring/score-replay.js';

const T0 = Date.UTC(2026, 2, 2);
const MINUTE = 60_000;
const PERIOD = 15 * MINUTE;

function at(minute: number): string {
  return new Date(T0 + minute * MINUTE).toISOString();
}

function incident(
  id: string,
  cells: readonly string[],
  [from, detected, to]: readonly [number, number | null, number | null],
  cause = { kind: 'site', id: 'S1' },
  alike: { kind: string; id: string }[] = [],
): ScoredIncident {
  return {
    id,
    startedAt: at(from),
    detectedAt: detected === null ? null : at(detected),
    endedAt: to === null ? null : at(to),
    cells: [...cells],
    cause: { ...cause, candidates: [{ ...cause, alike }] },
  };
}

function replayOf(incidents: ScoredIncident[], more: Partial<ScoredReplay> = {}): ScoredReplay {
  return { cells: 100, from: at(0), to: at(24 * 60), anomalies: [], incidents, ...more };
}

function truth(
  incidentId: string,
  cells: readonly string[],
  [from, to]: readonly [number, number | null],
  cause: readonly [string | null, string | null] = [null, null],
): TruthRow[] {
  return cells.map((cellId) => ({
    incidentId,
    cellId,
    startedAtMs: T0 + from * MINUTE,
    endedAtMs: to === null ? null : T0 + to * MINUTE,
    causeKind: cause[0],
    causeId: cause[1],
  }));
}

describe('scoreReplay', () => {
  it('scores a worked example by hand', () => {
    // true: I1 on a, b, c from 60 to 120; I2 on d from 200 to 260; I3 on e from 300 to 360
    const rows = [
      ...truth('I1', ['a', 'b', 'c'], [60, 120], ['site', 'S1']),
      ...truth('I2', ['d'], [200, 260], ['cell', 'd']),
      ...truth('I3', ['e'], [300, 360]),
    ];
    // reported: R1 holds a and b, R2 is a fragment on c, R3 is d, R4 is nowhere, R5 never opened
    const replay = replayOf([
      incident('R1', ['a', 'b'], [60, 70, 120]),
      incident('R2', ['c'], [60, 75, 120]),
      incident('R3', ['d'], [205, 230, 260], { kind: 'site', id: 'S9' }),
      incident('R4', ['z'], [500, 510, 520]),
      incident('R5', ['e'], [300, null, 360]),
    ]);
    const { score, matches, falseIds, missedIds } = scoreReplay(replay, rows, PERIOD);
    expect(matches.map(({ reportedId, trueId }) => [reportedId, trueId])).toEqual([
      ['R1', 'I1'],
      ['R3', 'I2'],
    ]);
    expect([falseIds, missedIds]).toEqual([['R2', 'R4'], ['I3']]);
    expect(score.precision).toBe(2 / 4);
    expect(score.recall).toBe(2 / 3);
    expect(score.f1).toBeCloseTo(4 / 7, 12);
    expect(score.medianDelaySeconds).toBe((600 + 1800) / 2);
    expect(score.rightCauseFirst).toBe(1 / 2);
    // 2 false in 100 cells × 1 day
    expect(score.falseIncidentsPer1000CellDays).toBe(20);
    // labels R1 R1 R2 R3 alone against I1 I1 I1 I2 I3: 1 pair together, 3 in truth, 1 in found
    expect(score.adjustedRandIndex).toBeCloseTo((1 - 0.3) / (2 - 0.3), 12);
  });

  it('widens the truth by one period each side; to touch is not to overlap', () => {
    const rows = truth('I1', ['a'], [60, 120]);
    const recall = (from: number, to: number) =>
      scoreReplay(replayOf([incident('R', ['a'], [from, from, to])]), rows, PERIOD).score.recall;
    expect([recall(20, 44), recall(20, 45), recall(20, 46)]).toEqual([0, 0, 1]);
    expect([recall(134, 200), recall(135, 200), recall(136, 200)]).toEqual([1, 0, 0]);
  });

  it('labels no truth row by an incident that only touches it', () => {
    const rows = [...truth('I1', ['a'], [60, 120]), ...truth('I2', ['a'], [60, 120])];
    const { labels } = scoreReplay(replayOf([incident('R', ['a'], [20, 30, 45])]), rows, PERIOD);
    expect(labels).toEqual(['alone 0', 'alone 1']);
  });

  it('pairs one to one by shared cell-seconds, ties by id', () => {
    const rows = [...truth('I1', ['a', 'b'], [60, 120]), ...truth('I2', ['b', 'c'], [60, 120])];
    const big = incident('R1', ['a', 'b', 'c'], [60, 61, 120]);
    const small = incident('R2', ['c'], [60, 61, 120]);
    const { matches } = scoreReplay(replayOf([small, big]), rows, PERIOD);
    expect(matches.map(({ reportedId, trueId }) => [reportedId, trueId])).toEqual([
      ['R1', 'I1'],
      ['R2', 'I2'],
    ]);
  });

  it('lets an incident that still lasts last until the end of the replay', () => {
    const rows = truth('I1', ['a'], [600, 660]);
    const { score } = scoreReplay(replayOf([incident('R', ['a'], [30, 40, null])]), rows, PERIOD);
    expect(score.recall).toBe(1);
    const open = truth('I1', ['a'], [600, null]);
    expect(
      scoreReplay(replayOf([incident('R', ['a'], [1400, 1410, null])]), open, PERIOD).score.recall,
    ).toBe(1);
  });

  it('counts a cause that the report says cannot be told from the first as right', () => {
    const rows = truth('I1', ['a'], [60, 120], ['transport', 'L1']);
    const first = incident('R', ['a'], [60, 61, 120], { kind: 'site', id: 'S1' }, [
      { kind: 'transport', id: 'L1' },
    ]);
    expect(scoreReplay(replayOf([first]), rows, PERIOD).score.rightCauseFirst).toBe(1);
    const byKind = truth('I1', ['a'], [60, 120], ['power', null]);
    expect(scoreReplay(replayOf([first]), byKind, PERIOD).score.rightCauseFirst).toBe(0);
  });

  it.each([
    ['nothing reported, nothing true', [], [], { precision: 1, recall: 1, f1: 1 }],
    ['nothing reported', [], truth('I', ['a'], [1, 2]), { precision: 1, recall: 0, f1: 0 }],
    [
      'nothing true',
      [incident('R', ['a'], [1, 2, 3])],
      [],
      { precision: 0, recall: 1, f1: 0, falseIncidentsPer1000CellDays: 10 },
    ],
  ])('is defined when %s', (_, incidents, rows, expected) => {
    const { score } = scoreReplay(replayOf(incidents), rows, PERIOD);
    expect(score).toMatchObject({
      ...expected,
      medianDelaySeconds: null,
      rightCauseFirst: null,
      adjustedRandIndex: 1,
    });
  });

  it('has no rate of false incidents for a replay without length', () => {
    const { score } = scoreReplay(replayOf([], { from: null, to: null }), [], PERIOD);
    expect(score.falseIncidentsPer1000CellDays).toBeNull();
  });
});

describe('adjustedRandIndex', () => {
  it('is 1 for equal groupings and below 0 for opposed ones', () => {
    expect(adjustedRandIndex(['x', 'x', 'y', 'y'], ['1', '1', '2', '2'])).toBe(1);
    expect(adjustedRandIndex(['x', 'x', 'y', 'y'], ['1', '2', '1', '2'])).toBeCloseTo(-0.5, 12);
  });

  it('agrees with the value computed for a known table', () => {
    // contingency [[1,1],[1,2],[0,4]] by rows: sums 2, 3, 4 against 2, 7
    const truthLabels = ['a', 'a', 'b', 'b', 'b', 'c', 'c', 'c', 'c'];
    const found = ['1', '2', '1', '2', '2', '2', '2', '2', '2'];
    const [together, rows, columns, all] = [7, 10, 22, 36];
    const expected = (rows * columns) / all;
    const value = (together - expected) / ((rows + columns) / 2 - expected);
    expect(adjustedRandIndex(truthLabels, found)).toBeCloseTo(value, 12);
  });

  it('is 1 where it is undefined', () => {
    expect(adjustedRandIndex([], [])).toBe(1);
    expect(adjustedRandIndex(['x', 'y'], ['1', '2'])).toBe(1);
    expect(adjustedRandIndex(['x', 'x'], ['1', '1'])).toBe(1);
  });
});

describe('periodOf', () => {
  const span = (from: number, found: number, to: number | null) => ({
    startedAt: at(from),
    detectedAt: at(found),
    endedAt: to === null ? null : at(to),
  });

  it('is the common step of many anomalies, whatever the replay begins with', () => {
    const replay = replayOf([], {
      from: at(7),
      anomalies: [span(60, 120, 240), span(180, 240, null), span(600, 660, 780)],
    });
    expect(periodOf(replay)).toBe(60 * MINUTE);
    const finer = [...replay.anomalies, span(660, 665, 700)];
    expect(periodOf({ ...replay, anomalies: finer })).toBe(5 * MINUTE);
  });

  it.each([
    ['on the hour are by chance', [span(60, 120, 240), span(180, 240, null)], 15],
    ['five minutes apart', [span(60, 65, 70)], 5],
    ['twenty minutes apart', [span(60, 80, 100)], 5],
    ['at one moment', [span(60, 60, null)], 15],
  ])('takes no more than a few times say: %s', (_, anomalies, minutes) => {
    expect(periodOf(replayOf([], { anomalies }))).toBe(minutes * MINUTE);
  });

  it('is 15 minutes when there is nothing to go by', () => {
    expect(periodOf(replayOf([]))).toBe(PERIOD);
  });
});
