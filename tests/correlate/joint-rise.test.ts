import { describe, expect, it } from 'vitest';
import type { DetectEvent } from '../../src/domain/anomaly.js';
import type { NeighbourRow } from '../../src/domain/topology-rows.js';
import { loadRules, MINUTE, network, opened, PERIOD, play, raised, T0 } from './small-network.js';

const HOUR = 60 * MINUTE;
const MUTE = { kind: 'silence', startedAtMs: T0, score: 1 - 1e-6 } as const;
const PLAIN = network({ aggregations: 4, fibresPerAggregation: 4, sitesPerFibre: 10 });
/** Sites whose cells overlap with those of S70. */
const AROUND = ['S65', 'S66', 'S67', 'S68', 'S69', 'S71', 'S72', 'S73', 'S74', 'S75'];

function overlap(cellId: string, neighbourId: string): NeighbourRow[] {
  return [
    { cellId, neighbourId, weight: 0.1 },
    { cellId: neighbourId, neighbourId: cellId, weight: 0.1 },
  ];
}

const ROWS = {
  ...PLAIN,
  neighbours: AROUND.flatMap((site) => overlap('S70-0', `${site}-0`)),
};

function silent(sites: readonly string[]): DetectEvent[] {
  const cells = PLAIN.cells.filter(({ siteId }) => sites.includes(siteId));
  return cells.map(({ cellId }) => raised(cellId, MUTE));
}

function rises(cells: readonly string[], z: number): DetectEvent[] {
  return cells.map((objectId) => ({ type: 'rise', atMs: T0 + PERIOD, objectId, z }));
}

const NEAR = AROUND.map((site) => `${site}-0`);
const UNTIL = { rows: ROWS, untilMs: T0 + HOUR };

describe('neighbours that carry more together', () => {
  it('witness a silent site though none does so clearly', () => {
    const events = [...silent(['S70']), ...rises(NEAR, 1.5)];
    const [incident] = opened(play({ ...UNTIL, events }));
    expect(incident?.cause).toMatchObject({ kind: 'site', id: 'S70' });
    expect(incident?.detectedAt).toBe(new Date(T0 + PERIOD).toISOString());
  });

  it('are the same witness after a restart', () => {
    const events = [...silent(['S70']), ...rises(NEAR, 1.5)];
    const { changes } = play({ ...UNTIL, events });
    expect(play({ ...UNTIL, events, isRestarted: true }).changes).toEqual(changes);
  });

  it('are no witness where they rise no more than chance has it', () => {
    const events = [...silent(['S70']), ...rises(NEAR.slice(0, 3), 1.5)];
    const { incidents, gaps } = play({ ...UNTIL, events });
    expect(incidents.map(({ state, cause }) => `${state} ${cause.id}`)).toEqual(['suspected S70']);
    expect(gaps).toEqual([]);
  });

  it('are no witness when the whole network is as busy', () => {
    const cells = PLAIN.cells.map(({ cellId }) => cellId).filter((id) => !id.startsWith('S70-'));
    const events = [...silent(['S70']), ...rises(cells, 1.5)];
    expect(opened(play({ ...UNTIL, events }))).toEqual([]);
  });

  it('are no witness when one of them has a crowd', () => {
    const events = [...silent(['S70']), ...rises(NEAR.slice(0, 1), 9)];
    expect(opened(play({ ...UNTIL, events }))).toEqual([]);
  });

  it('speak for no other site that is silent at once', () => {
    const events = [...silent(['S70', 'S120', 'S130']), ...rises(NEAR, 1.5)];
    const played = play({ ...UNTIL, events });
    expect(opened(played).map(({ cause }) => cause.id)).toEqual(['S70']);
  });

  it('must rise further where the rules ask for more', () => {
    const rules = loadRules();
    const strict = { ...rules, silence: { ...rules.silence, jointRiseZ: 12 } };
    const events = [...silent(['S70']), ...rises(NEAR, 1.5)];
    expect(opened(play({ ...UNTIL, events, rules: strict }))).toEqual([]);
  });
});
