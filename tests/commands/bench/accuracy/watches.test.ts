import { describe, expect, it } from 'vitest';
import { ListWatch } from '../../../../src/commands/bench/accuracy/list-watch.js';
import { TextWatch } from '../../../../src/commands/bench/accuracy/text-watch.js';
import { loadShippedRules } from '../../../../src/commands/bench/accuracy/warm-world.js';
import type { Incident } from '../../../../src/domain/incident.js';

const T0 = Date.parse('2026-03-02T10:00:00Z');
const MINUTE = 60_000;
const iso = (ms: number): string => new Date(ms).toISOString();

function incident(cells: readonly string[], change: Partial<Incident> = {}): Incident {
  return {
    schemaVersion: 1,
    ...{ id: 'inc', lineageId: 'inc', revision: 1, state: 'open', endedAt: null },
    ...{ startedAt: iso(T0), detectedAt: iso(T0), estimatedRepairAt: null, severity: 'critical' },
    cells: cells.map((cellId) => ({ cellId, degree: 1, since: iso(T0) })),
    sites: [],
    cause: { kind: 'site', id: 'S1', probability: 1, candidates: [] },
    ...{ explanation: '', alarmIds: [], anomalyIds: [], plannedWorkId: null, acknowledgedBy: null },
    certainty: 0.999,
    ...change,
  };
}

const step = (minute: number, each: Incident) => ({
  ...{ nowMs: T0 + minute * MINUTE, events: [], gaps: [] },
  changes: [{ incident: each, events: [] }],
});

function truth(cellId: string, startedAtMs = T0) {
  const cause = { causeKind: 'site', causeId: 'S1' };
  return { incidentId: 'I1', cellId, startedAtMs, endedAtMs: null, ...cause };
}

describe('the watch on the list', () => {
  it('notes when most of the cells are listed, and when under the right cause', () => {
    const watch = new ListWatch(['a', 'b', 'c', 'd'].map((cell) => truth(cell)));
    const other = { kind: 'site', id: 'S9', probability: 1, candidates: [] };
    watch.note(step(1, incident(['a'])));
    expect(watch.listings.size).toBe(0);
    watch.note(step(2, incident(['a', 'b'], { state: 'suspected', cause: other })));
    watch.note(step(3, incident(['a', 'b', 'c'])));
    expect(watch.listings.get('I1')).toEqual({
      atMs: T0 + 2 * MINUTE,
      withCauseAtMs: T0 + 3 * MINUTE,
    });
  });

  it('asks for no cells that have not failed yet, and counts no incident that is over', () => {
    const watch = new ListWatch([
      truth('a'),
      truth('b', T0 + 9 * MINUTE),
      truth('c', T0 + 9 * MINUTE),
    ]);
    watch.note(step(1, incident(['a'], { state: 'closed' })));
    expect(watch.listings.size).toBe(0);
    watch.note(step(2, incident(['a'])));
    expect(watch.listings.get('I1')?.atMs).toBe(T0 + 2 * MINUTE);
  });
});

describe('the watch on texts', () => {
  const { policy } = loadShippedRules();
  const ask = (...steps: [number, Incident][]): TextWatch => {
    const watch = new TextWatch(policy);
    for (const [minute, each] of steps) {
      watch.note(step(minute, each));
      watch.ask(T0 + minute * MINUTE);
    }
    return watch;
  };

  it('counts what leaves by itself, and apart from it what a person is asked about', () => {
    const told = ask([30, incident(['a'])]);
    expect([told.texts.length, told.asked.length]).toEqual([1, 0]);
    const unsure = ask([30, incident(['a'], { certainty: 0 })]);
    expect([unsure.texts.length, unsure.asked.length]).toEqual([0, 1]);
  });

  it('counts once what was asked first and left by itself later', () => {
    const watch = ask([30, incident(['a'], { certainty: 0 })], [31, incident(['a'])]);
    expect(watch.texts.map(({ atMs }) => atMs)).toEqual([T0 + 31 * MINUTE]);
    expect(watch.asked).toEqual([]);
  });
});
