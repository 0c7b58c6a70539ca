import { describe, expect, it } from 'vitest';
import { Random } from '../../../../../simulators/random.js';
import { IncidentLog } from '../../../../../src/commands/bench/accuracy/real-sets/incident-log.js';
import {
  DEPTHS,
  injectInto,
  judge,
  newStages,
  type Trial,
} from '../../../../../src/commands/bench/accuracy/real-sets/inject.js';
import type { RealSet } from '../../../../../src/commands/bench/accuracy/real-sets/read-set.js';
import { recallOf } from '../../../../../src/commands/bench/accuracy/real-sets/recall-table.js';
import { loadShippedRules } from '../../../../../src/commands/bench/accuracy/warm-world.js';
import { ReportBlockBuilder } from '../../../../../src/domain/report-block.js';

const FROM_MS = Date.UTC(2026, 0, 5);
const HOUR_MS = 3_600_000;
const CELLS = Array.from({ length: 8 }, (_, at) => `C${at}`);
const ratio = {
  kind: 'ratio',
  unit: 'ratio',
  range: [0, 1] as [number, number],
  bad: 'low',
  weight: 2,
} as const;
const lane: RealSet['lane'] = {
  feed: 'made',
  collector: 'made',
  objectType: 'cell',
  periodSeconds: 3600,
  latenessSeconds: 0,
  zone: 'UTC',
  holidays: [],
  kpis: [
    { name: 'setup', definition: ratio },
    { name: 'users', definition: { kind: 'count', unit: 'users', bad: 'low', role: 'traffic' } },
  ],
};

/** Eight steady cells over 20 days; one of them loses its set-ups for the hours given. */
function steadySet(brokenHours: readonly number[] = []): RealSet {
  const random = new Random(5, 'steady');
  const periods = Array.from({ length: 20 * 24 }, (_, hour) => {
    const builder = new ReportBlockBuilder({
      feed: 'made',
      objectType: 'cell',
      periodSeconds: 3600,
      kpis: ['setup', 'users'],
    });
    for (const cell of CELLS) {
      const row = builder.addRow(cell, FROM_MS + hour * HOUR_MS);
      const isBroken = cell === 'C0' && brokenHours.includes(hour);
      builder.set(row, 0, isBroken ? 0.1 : (2000 - random.poisson(20)) / 2000, 2000);
      builder.set(row, 1, 50 + 3 * random.normal());
    }
    return builder.finish();
  });
  const rows = {
    sites: [],
    cells: CELLS.map((cellId) => ({ cellId, siteId: `S${cellId}` })),
    links: [],
    neighbours: [],
    works: [],
  };
  return { name: 'made', lane, rows, objects: CELLS, periods };
}

const rules = loadShippedRules();

describe('degradations put into real series', () => {
  it('find deep losses at once, and shallower ones no sooner', { timeout: 60_000 }, async () => {
    const trials = await injectInto(steadySet(), rules, new IncidentLog(), { places: 2, seed: 3 });
    const deep = trials.filter(({ kind, depth }) => kind === 'quality' && depth === 1);
    expect(deep.length).toBe(2);
    expect(deep.every(({ openedAfter }) => openedAfter === 1)).toBe(true);
    const recall = recallOf(trials).filter(({ kind }) => kind === 'quality');
    const atOnce = recall.map((row) => row.recall[0] ?? 0);
    expect(atOnce).toEqual([...atOnce].sort((a, b) => a - b));
  });

  it('are not tried where the series as it is has an incident', { timeout: 60_000 }, async () => {
    const hours = Array.from({ length: 100 }, (_, at) => 15 * 24 + at);
    const set = { ...steadySet(hours), objects: ['C0'] };
    const log = new IncidentLog();
    await judge(set, newStages(set, rules), set.periods, (step) => log.add(step));
    expect(log.list()).toHaveLength(1);
    expect(log.list()[0]).toMatchObject({ objects: ['C0'], anomalies: [{ kpi: 'setup' }] });
    expect(log.unsaid().map(({ kpi }) => kpi)).not.toContain('setup');
    const trials = await injectInto(set, rules, log, { places: 3, seed: 3 });
    const spells = log.spellsOf('C0');
    for (const { startMs } of trials) {
      for (const { fromMs, toMs } of spells) expect(startMs < fromMs || startMs > toMs).toBe(true);
    }
    expect(log.firstOpenedMs('C0', FROM_MS)).toBe(FROM_MS + (15 * 24 + 1) * HOUR_MS);
    expect(log.firstOpenedMs('C0', FROM_MS + 18 * 24 * HOUR_MS)).toBeUndefined();
  });
});

describe('incident log', () => {
  it('lists anomalies that no opened incident holds', () => {
    const log = new IncidentLog();
    const anomaly = {
      id: 'a1',
      feed: 'made',
      objectType: 'cell',
      objectId: 'C3',
      kpi: '',
      kind: 'silence',
      startedAtMs: FROM_MS,
      detectedAtMs: FROM_MS + HOUR_MS,
      endedAtMs: null,
      observed: null,
      expected: null,
      band: null,
      score: 0.99,
      degree: 1,
      reason: 'no report',
    } as const;
    const raised = { type: 'raised', atMs: FROM_MS, anomaly } as const;
    log.add({ nowMs: FROM_MS + HOUR_MS, events: [raised], changes: [], gaps: [] });
    expect(log.list()).toEqual([]);
    expect(log.unsaid()).toMatchObject([{ object: 'C3', kpi: 'silence', reason: 'no report' }]);
  });
});

describe('recall by depth and length', () => {
  it('counts an incident that is open by the last degraded report', () => {
    const trial = (depth: number, openedAfter: number | undefined): Trial => ({
      kind: 'quality',
      depth,
      objectId: 'C0',
      startMs: 0,
      openedAfter,
    });
    const rows = recallOf([trial(1, 1), trial(1, 3), trial(1, undefined), trial(0.5, 12)]);
    expect(rows).toHaveLength(DEPTHS.length);
    const of = (depth: number) => rows.find((row) => row.depth === depth);
    expect(of(1)?.recall).toEqual([0.333, 0.333, 0.667, 0.667, 0.667, 0.667, 0.667]);
    expect(of(0.5)?.recall.at(-1)).toBe(1);
    expect(of(0.2)).toMatchObject({ trials: 0, recall: LENGTHS_OF_NOTHING });
  });
});

const LENGTHS_OF_NOTHING = [null, null, null, null, null, null, null];
