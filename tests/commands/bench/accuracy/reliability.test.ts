import { describe, expect, it } from 'vitest';
import {
  type JudgedCase,
  statedCauses,
} from '../../../../src/commands/bench/accuracy/reliability.js';
import { brierScore, reliabilityTable } from '../../../../src/domain/reliability-table.js';
import type { ReplayedIncident } from '../../../../src/replay-report.js';
import { scoreReplay } from '../../../../src/scoring/score-replay.js';

const T0 = Date.parse('2026-03-02T10:00:00Z');
const END = '2026-03-02T11:00:00.000Z';

type Candidate = ReplayedIncident['cause']['candidates'][number];

function candidate(id: string, probability: number, alike: string[] = []): Candidate {
  const kind = id === '' ? 'several' : 'site';
  const others = alike.map((each) => ({ kind: 'power', id: each }));
  return { kind, id, probability, evidence: [], ...(alike.length > 0 ? { alike: others } : {}) };
}

function incident(id: string, cells: string[], candidates: Candidate[]): ReplayedIncident {
  const startedAt = new Date(T0).toISOString();
  const [first = candidate('x', 1)] = candidates;
  return {
    ...{ id, lineageId: id, state: 'open', startedAt, detectedAt: startedAt, endedAt: END },
    ...{ cells, sites: [], severity: 'major', explanation: '' },
    cause: { kind: first.kind, id: first.id, probability: first.probability, candidates },
  };
}

function judged(
  incidents: ReplayedIncident[],
  causes: Record<string, [string, string]>,
): JudgedCase {
  const truth = Object.entries(causes).map(([cellId, [incidentId, causeId]]) => ({
    ...{ incidentId, cellId, causeId, causeKind: 'site' },
    startedAtMs: T0,
    endedAtMs: T0 + 3_600_000,
  }));
  const scored = incidents.map((each) => ({ ...each, cells: [...each.cells] }));
  const replay = { cells: 9, from: null, to: END, anomalies: [], incidents: scored };
  return { truth, scoring: scoreReplay(replay, truth, 900_000), report: { incidents } };
}

describe('reliability table', () => {
  it('has ten bins, a stated 1 in the last', () => {
    const bins = reliabilityTable([
      { probability: 0.02, isTrue: false },
      { probability: 0.08, isTrue: true },
      { probability: 1, isTrue: true },
    ]);
    expect(bins).toHaveLength(10);
    expect(bins[0]).toEqual({ from: 0, to: 0.1, count: 2, meanStated: 0.05, shareTrue: 0.5 });
    expect(bins[9]).toMatchObject({ count: 1, meanStated: 1, shareTrue: 1 });
    expect(bins[5]).toMatchObject({ count: 0, meanStated: null, shareTrue: null });
  });

  it('has Brier scores of 0 for certainty that is right, 0.25 for one half', () => {
    expect(brierScore([{ probability: 1, isTrue: true }])).toBe(0);
    expect(brierScore([{ probability: 0.5, isTrue: true }])).toBe(0.25);
    expect(brierScore([{ probability: 0.9, isTrue: false }])).toBeCloseTo(0.81);
    expect(brierScore([])).toBeNull();
  });
});

describe('stated causes', () => {
  it('are so when the id, or one that cannot be told from it, is the true one', () => {
    const found = incident('R1', ['a'], [candidate('S1', 0.7), candidate('S2', 0.2, ['P1'])]);
    expect(statedCauses(judged([found], { a: ['I1', 'S1'] })).all).toEqual([
      { probability: 0.7, isTrue: true },
      { probability: 0.2, isTrue: false },
    ]);
    const alike = statedCauses(judged([found], { a: ['I1', 'P1'] }));
    expect(alike.all.map(({ isTrue }) => isTrue)).toEqual([false, true]);
    expect(alike.firstOfFound).toEqual([{ probability: 0.7, isTrue: false }]);
  });

  it('are not so in a false incident, and none are read of one that never opened', () => {
    const ghost = incident('R1', ['z'], [candidate('S1', 0.9)]);
    const suspected = { ...incident('R2', ['y'], [candidate('S1', 0.9)]), detectedAt: null };
    const stated = statedCauses(judged([ghost, suspected], { a: ['I1', 'S1'] }));
    expect(stated).toEqual({ all: [{ probability: 0.9, isTrue: false }], firstOfFound: [] });
  });

  it('are several when the incident holds several', () => {
    const both = incident('R1', ['a', 'b'], [candidate('', 0.6), candidate('S1', 0.4)]);
    const { all } = statedCauses(judged([both], { a: ['I1', 'S1'], b: ['I2', 'S2'] }));
    expect(all[0]).toEqual({ probability: 0.6, isTrue: true });
    const alone = statedCauses(judged([both], { a: ['I1', 'S1'], b: ['I1', 'S1'] }));
    expect(alone.all[0]).toEqual({ probability: 0.6, isTrue: false });
  });
});
