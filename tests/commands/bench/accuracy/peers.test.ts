import { describe, expect, it } from 'vitest';
import {
  alecDistance,
  groupByAlec,
} from '../../../../src/commands/bench/accuracy/peers/alec-dbscan.js';
import {
  type Candidate,
  candidatesOf,
} from '../../../../src/commands/bench/accuracy/peers/candidates.js';
import { ObjectGraph } from '../../../../src/commands/bench/accuracy/peers/object-graph.js';
import { scoreGroups } from '../../../../src/commands/bench/accuracy/peers/score-groups.js';
import { groupBySiteWindow } from '../../../../src/commands/bench/accuracy/peers/site-window.js';
import type { Alarm } from '../../../../src/domain/alarm.js';

const T0 = Date.parse('2026-03-02T10:00:00Z');
const MINUTE = 60_000;
const graph = new ObjectGraph({
  sites: [],
  cells: [
    { cellId: 'A1', siteId: 'A' },
    { cellId: 'A2', siteId: 'A' },
    { cellId: 'B1', siteId: 'B' },
    { cellId: 'C1', siteId: 'C' },
  ],
  links: [
    { linkId: 'F', parentId: 'AGG', childId: 'A', kind: 'transport' },
    { linkId: 'F', parentId: 'AGG', childId: 'B', kind: 'transport' },
    { linkId: 'T', parentId: 'CORE', childId: 'AGG', kind: 'aggregation' },
  ],
});

function at(object: string, minutes: number): Candidate {
  const atMs = T0 + minutes * MINUTE;
  return { object, atMs, startedMs: atMs - MINUTE, endedMs: atMs + 60 * MINUTE };
}

const objects = (groups: Candidate[][]): string[][] =>
  groups.map((group) => group.map(({ object }) => object));

describe('object graph', () => {
  it('counts hops over sites, lines and nodes', () => {
    expect(graph.within('cell/A1', 3).get('node/AGG')).toBe(3);
    expect(graph.within('cell/A1', 2).get('cell/A2')).toBe(2);
    expect(graph.within('cell/A1', 1).has('cell/A2')).toBe(false);
  });

  it('knows the cells that depend on an object', () => {
    expect([...graph.cellsUnder('link/F')].sort()).toEqual(['A1', 'A2', 'B1']);
    expect([...graph.cellsUnder('node/CORE')].sort()).toEqual(['A1', 'A2', 'B1']);
    expect([...graph.cellsUnder('cell/C1')]).toEqual(['C1']);
    expect([...graph.cellsUnder('node/unknown')]).toEqual([]);
  });
});

describe('fixed window per site', () => {
  it('joins what one site has within the window of the first, and nothing of another', () => {
    const stream = [at('cell/A1', 0), at('cell/B1', 1), at('site/A', 14), at('cell/A2', 16)];
    expect(objects(groupBySiteWindow(stream, graph, 15 * MINUTE))).toEqual([
      ['cell/A1', 'site/A'],
      ['cell/B1'],
      ['cell/A2'],
    ]);
  });

  it('groups what is on no site by its object', () => {
    const stream = [at('link/F', 0), at('node/AGG', 1), at('link/F', 2)];
    expect(objects(groupBySiteWindow(stream, graph, 15 * MINUTE))).toEqual([
      ['link/F', 'link/F'],
      ['node/AGG'],
    ]);
  });
});

describe("ALEC's clustering", () => {
  it('has the distance of its engine', () => {
    expect(alecDistance(0, 1)).toBeCloseTo(64.64, 2);
    expect(alecDistance(1, 0)).toBeCloseTo(79.83, 2);
    expect(alecDistance(1, 1)).toBeCloseTo(144.47, 6);
  });

  it('joins neighbours at one moment, and through them what is farther', () => {
    const stream = [at('cell/A1', 0), at('site/A', 0), at('cell/A2', 0), at('link/F', 0.2)];
    expect(objects(groupByAlec(stream, graph))).toEqual([
      ['cell/A1', 'site/A', 'cell/A2', 'link/F'],
    ]);
  });

  it('leaves apart what is two hops or more than 75 seconds away', () => {
    expect(objects(groupByAlec([at('cell/A1', 0), at('cell/A2', 0)], graph))).toHaveLength(2);
    expect(objects(groupByAlec([at('cell/A1', 0), at('cell/A1', 1.2)], graph))).toHaveLength(1);
    expect(objects(groupByAlec([at('cell/A1', 0), at('cell/A1', 1.3)], graph))).toHaveLength(2);
  });

  it('joins the cells of a site when they stand at it', () => {
    const stream = [at('cell/A1', 0), at('cell/A2', 0), at('cell/B1', 0)];
    const groups = groupByAlec(stream, graph, (object) => graph.siteOf(object) ?? object);
    expect(objects(groups)).toEqual([['cell/A1', 'cell/A2'], ['cell/B1']]);
  });
});

describe('candidates', () => {
  const alarm: Alarm = {
    alarmId: '1',
    objectType: 'function',
    objectId: 'AGG',
    perceivedSeverity: 'critical',
    probableCause: 'equipmentMalfunction',
    alarmRaisedTime: '2026-03-02T10:05:00Z',
  };

  it('are anomalies and telling alarms in order of when they became known', () => {
    const clear = {
      ...alarm,
      perceivedSeverity: 'cleared',
      alarmClearedTime: '2026-03-02T11:00:00Z',
    };
    const door: Alarm = { ...alarm, alarmId: '2', perceivedSeverity: 'warning' };
    const harmless: Alarm = { ...alarm, alarmId: '3', serviceAffecting: false };
    const anomaly = {
      ...{
        objectId: 'A1',
        kpi: 'availabilityRatio',
        reason: '',
        score: 0.999,
        observed: 0,
        expected: 1,
      },
      startedAt: '2026-03-02T10:00:00Z',
      detectedAt: '2026-03-02T10:15:00Z',
      endedAt: null,
    };
    const source = {
      alarms: [alarm, door, harmless, { ...clear, perceivedSeverity: 'cleared' as const }],
      report: { anomalies: [anomaly] },
    };
    const found = candidatesOf(source, 0);
    expect(candidatesOf(source, 11.5)).toEqual(found.slice(0, 1));
    expect(found).toEqual([
      {
        object: 'node/AGG',
        atMs: T0 + 5 * MINUTE,
        startedMs: T0 + 5 * MINUTE,
        endedMs: T0 + 60 * MINUTE,
      },
      { object: 'cell/A1', atMs: T0 + 15 * MINUTE, startedMs: T0, endedMs: null },
    ]);
  });
});

describe('scoring of groups', () => {
  const truth = ['A1', 'A2', 'B1'].map((cellId) => ({
    incidentId: 'I1',
    cellId,
    startedAtMs: T0,
    endedAtMs: T0 + 60 * MINUTE,
    causeKind: 'transport',
    causeId: 'F',
  }));
  const span = { cells: 4, from: '2026-03-02T00:00:00Z', to: '2026-03-03T00:00:00Z' };

  it('finds one incident with its cause when all is in one group', () => {
    const group = [at('link/F', 1), at('cell/A1', 2)];
    const { score } = scoreGroups([group], graph, truth, span);
    expect(score).toMatchObject({ precision: 1, recall: 1, rightCauseFirst: 1 });
    expect(score.medianDelaySeconds).toBe(60);
  });

  it('counts fragments as false', () => {
    const groups = [[at('cell/A1', 1)], [at('cell/A2', 1)], [at('cell/B1', 1)]];
    const { score } = scoreGroups(groups, graph, truth, span);
    expect(score.precision).toBeCloseTo(1 / 3);
    expect(score.rightCauseFirst).toBe(0);
  });
});
