import { describe, expect, it } from 'vitest';
import type { DetectEvent } from '../../src/domain/anomaly.js';
import {
  alarm,
  cleared,
  loadRules,
  MINUTE,
  network,
  opened,
  PERIOD,
  type Played,
  play,
  raised,
  T0,
} from './small-network.js';

const HOUR = 60 * MINUTE;
const ROWS = network({ aggregations: 4, fibresPerAggregation: 4, sitesPerFibre: 10 });
const MUTE = { kind: 'silence', startedAtMs: T0, score: 1 - 1e-6 } as const;
const UNTIL = { rows: ROWS, untilMs: T0 + 2 * HOUR };

function cellsOf(sites: readonly string[]): string[] {
  return ROWS.cells.filter(({ siteId }) => sites.includes(siteId)).map(({ cellId }) => cellId);
}

function behind(linkId: string): string[] {
  return ROWS.links.filter((link) => link.linkId === linkId).map(({ childId }) => childId);
}

function mute(sites: readonly string[]): DetectEvent[] {
  return cellsOf(sites).map((cell) => raised(cell, MUTE));
}

/** One cell, far from all that is silent, carries a little more in every period. */
function quietElsewhere(periods: number): DetectEvent[] {
  return Array.from({ length: periods }, (_, at) => ({
    ...{ type: 'rise' as const, objectId: 'S150-0', z: 1.2 },
    atMs: T0 + (at + 1) * PERIOD,
  }));
}

const said = ({ incidents }: Played): string[] =>
  incidents.map(({ state, cause, cells }) => `${state} ${cause.id} ${cells.length}`);

describe('silence of just what a resource holds', () => {
  it('is listed as suspected with its cells and cause as soon as it is known, and opens nothing', () => {
    for (const [sites, id] of [
      [['S7'], 'S7'],
      [behind('F1-2'), 'F1-2'],
    ] as const) {
      const played = play({ ...UNTIL, untilMs: T0 + PERIOD, tickMs: MINUTE, events: mute(sites) });
      expect(said(played)).toEqual([`suspected ${id} ${sites.length * 3}`]);
      expect(played.gaps).toEqual([]);
    }
  });

  it('is listed once for each of a few that fail in one period', () => {
    const played = play({ ...UNTIL, events: mute(['S7', ...behind('F2-1')]) });
    expect(said(played).sort()).toEqual(['suspected F2-1 30', 'suspected S7 3']);
  });

  it('is a gap when more resources than could fail at once are silent', () => {
    const played = play({ ...UNTIL, events: mute(['S7', 'S38', 'S75', 'S104']) });
    expect(played.incidents).toEqual([]);
    expect(played.gaps.at(-1)?.cells).toHaveLength(12);
  });

  it('is a gap when as much is silent besides', () => {
    const besides = ['S38-0', 'S75-1', 'S104-2', 'S120-0'];
    const events = [...mute(['S7']), ...besides.map((cell) => raised(cell, MUTE))];
    const played = play({ ...UNTIL, events });
    expect(played.incidents).toEqual([]);
    expect(played.gaps.at(-1)?.cells).toHaveLength(7);
  });

  it('is a gap when alarms come in and none is of it', () => {
    const door = alarm('site', 'S99', T0 - MINUTE, { perceivedSeverity: 'warning' });
    const played = play({ ...UNTIL, events: mute(['S7']), alarms: [door] });
    expect(opened(played)).toEqual([]);
    expect(played.gaps.at(-1)?.cells).toEqual(['S7-0', 'S7-1', 'S7-2']);
  });

  it('is seen through the gap of a release, all of which is silent elsewhere too', () => {
    const odd = ROWS.cells.filter(({ version }) => version === '21.4').map(({ siteId }) => siteId);
    const played = play({ ...UNTIL, events: mute([...new Set([...odd, ...behind('F1-2')])]) });
    expect(said(played)).toEqual(['suspected F1-2 30']);
    expect(played.gaps.at(-1)?.cells).toHaveLength(75 * 3);
  });

  it('is no more than a gap when all of one release is silent', () => {
    const odd = ROWS.cells.filter(({ version }) => version === '21.4').map(({ siteId }) => siteId);
    const played = play({ ...UNTIL, events: mute([...new Set(odd)]) });
    expect(played.incidents).toEqual([]);
    expect(played.gaps.at(-1)?.cells).toHaveLength(80 * 3);
  });
});

describe('neighbours that clearly carry nothing', () => {
  const near = ['S5', 'S6', 'S8', 'S9', 'S10'].flatMap((site) => cellsOf([site]));
  const rows = {
    ...ROWS,
    neighbours: near.flatMap((neighbourId) => [
      { cellId: 'S7-0', neighbourId, weight: 0.1 },
      { cellId: 'S7-1', neighbourId, weight: 0.1 },
      { cellId: 'S7-2', neighbourId, weight: 0.1 },
    ]),
  };
  const events = [...mute(['S7']), ...quietElsewhere(6)];
  const rules = loadRules();
  const sure = { ...rules, silence: { ...rules.silence, absorbedShare: 1 } };

  it('take the suspicion back for a gap after two whole periods, and for good', () => {
    const until = (untilMs: number) =>
      play({ rows, events, untilMs, rules: sure, isRestarted: true });
    expect(said(until(T0 + 2 * PERIOD))).toEqual(['suspected S7 3']);
    const later = until(T0 + 12 * PERIOD);
    expect(later.incidents.map(({ state }) => state)).toEqual(['closed']);
    expect(later.gaps.at(-1)?.cells).toEqual(['S7-0', 'S7-1', 'S7-2']);
  });

  it('say nothing where they could not have carried much', () => {
    const few = { ...rules, silence: { ...rules.silence, absorbedShare: 0.02 } };
    const played = play({ rows, events, untilMs: T0 + 12 * PERIOD, rules: few });
    expect(said(played)).toEqual(['suspected S7 3']);
  });

  it('do not outweigh an alarm that comes later', () => {
    const alarms = [alarm('site', 'S7', T0 + 8 * PERIOD)];
    const played = play({ rows, events, alarms, untilMs: T0 + 12 * PERIOD, rules: sure });
    expect(opened(played).map(({ cause }) => cause.id)).toEqual(['S7']);
  });

  it('are heard again once it has reported', () => {
    const back = cellsOf(['S7']).flatMap((cell) => [
      cleared(cell, MUTE, T0 + 5 * PERIOD),
      raised(cell, { ...MUTE, startedAtMs: T0 + 20 * PERIOD }),
    ]);
    const played = play({
      ...{ rows, rules: sure, untilMs: T0 + 21 * PERIOD },
      events: [...events, ...back],
    });
    expect(played.incidents.at(-1)).toMatchObject({ state: 'suspected', cause: { id: 'S7' } });
  });
});
