import { describe, expect, it } from 'vitest';
import { createCorrelate } from '../../src/correlate/correlate.js';
import type { Incident, IncidentEvent } from '../../src/domain/incident.js';
import type { TopologyRows } from '../../src/domain/topology-rows.js';
import { decideWave } from '../../src/notify/decide-wave.js';
import { policy } from '../services/customers.js';
import {
  alarm,
  LANE,
  loadRules,
  MINUTE,
  network,
  observed,
  PERIOD,
  raised,
  SECOND,
  T0,
} from './small-network.js';

const rows = network({ aggregations: 1, fibresPerAggregation: 2, sitesPerFibre: 3 });

/** The inventory without some sites, their cells and links. */
function without(...sites: string[]): TopologyRows {
  const isKept = ({ siteId }: { readonly siteId: string }): boolean => !sites.includes(siteId);
  const cells = rows.cells.filter(isKept);
  const ids = new Set(cells.map(({ cellId }) => cellId));
  return {
    ...rows,
    sites: rows.sites.filter(isKept),
    cells,
    links: rows.links.filter(({ childId }) => !sites.includes(childId)),
    neighbours: rows.neighbours.filter((each) => ids.has(each.cellId) && ids.has(each.neighbourId)),
  };
}

/** An incident that some alarms have opened, and what is said of it from then on. */
function opened(...alarmed: readonly ['site' | 'link', string][]) {
  const stage = createCorrelate(rows, loadRules(), [LANE]);
  const latest = new Map<string, Incident>();
  const events: IncidentEvent[] = [];
  const advance = (ms: number): void => {
    for (const change of stage.advance(ms).changes) {
      latest.set(change.incident.id, change.incident);
      events.push(...change.events);
    }
  };
  stage.detected(observed(rows));
  advance(T0);
  stage.alarms(alarmed.map(([type, id]) => alarm(type, id, T0 + SECOND)));
  advance(T0 + 2 * MINUTE);
  const all = () => [...latest.values()];
  const only = (): Incident => {
    const [first, ...others] = all();
    if (first === undefined || others.length > 0) throw new Error(`${latest.size} incidents`);
    return first;
  };
  return { stage, advance, only, all, events };
}

const COUNTS = { subscribers: 10, expected: 10, machines: 0, bySegment: {}, userMinutes: 0 };
const IMPACT = { ...COUNTS, rankScore: 0, rankParts: {} };

describe('a network that changes during an incident', () => {
  it('takes what it has no more out of the incident, which goes on with the rest', () => {
    const { stage, advance, only, events } = opened(['link', 'F0-0']);
    expect(only()).toMatchObject({ state: 'open', sites: ['S0', 'S1', 'S2'] });
    stage.network(without('S1'));
    advance(T0 + 3 * MINUTE);
    expect(only()).toMatchObject({ state: 'open', sites: ['S0', 'S2'] });
    expect(only().cells).toHaveLength(6);
    expect(only().cause.id).toBe('F0-0');
    expect(events.map(({ reason }) => reason)).toContain('3 cells taken out of the inventory');
  });

  it('ends an incident of which it has nothing more, and nobody hears that service is back', () => {
    const { stage, advance, only } = opened(['site', 'S1']);
    expect(only().state).toBe('open');
    stage.network(without('S1'));
    advance(T0 + 3 * MINUTE);
    const over = only();
    expect(over).toMatchObject({ state: 'closed', isTakenOut: true });
    expect(decideWave(over, IMPACT, policy, T0 + 3 * MINUTE)).toEqual({
      status: 'none',
      reason: 'its place was taken out of the inventory',
    });
  });

  it('hears nothing of cells that it has no more, until they are imported again', () => {
    const { stage, advance, all } = opened(['site', 'S1']);
    stage.network(without('S1'));
    const cells = ['S1-0', 'S1-1', 'S1-2'];
    const silent = (atMs: number) =>
      cells.map((cell) => raised(cell, { kind: 'silence', startedAtMs: atMs }));
    stage.detected(silent(T0));
    advance(T0 + 2 * PERIOD);
    const restored = createCorrelate(without('S1'), loadRules(), [LANE]);
    restored.restore(stage.snapshot());
    restored.detected(silent(T0 + PERIOD));
    expect(restored.advance(T0 + 3 * PERIOD).changes).toEqual([]);
    expect(all().map(({ state }) => state)).toEqual(['closed']);
    stage.network(rows);
    stage.detected(cells.map((cell) => raised(cell, { startedAtMs: T0 + 3 * PERIOD, score: 1 })));
    advance(T0 + 5 * PERIOD);
    expect(all().map(({ state }) => state)).toEqual(['closed', 'open']);
  });

  it('keeps the incident as it is when sites join, and when a cell moves to another site', () => {
    const { stage, advance, only } = opened(['site', 'S1']);
    const before = only();
    const site = { siteId: 'S9', lat: 48, lon: -3 };
    const moved = rows.cells.map((cell) =>
      cell.cellId === 'S1-2' ? { ...cell, siteId: 'S9' } : cell,
    );
    stage.network({ ...rows, sites: [...rows.sites, site], cells: moved });
    advance(T0 + 3 * MINUTE);
    const { id, lineageId, state, cells } = only();
    expect({ id, lineageId, state }).toEqual({
      id: before.id,
      lineageId: before.lineageId,
      state: 'open',
    });
    expect(cells.map(({ cellId }) => cellId)).toContain('S1-2');
  });
});
