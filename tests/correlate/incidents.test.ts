import { describe, expect, it } from 'vitest';
import {
  alarm,
  cleared,
  clearOf,
  MINUTE,
  network,
  opened,
  PERIOD,
  play,
  raised,
  SECOND,
  T0,
} from './small-network.js';

const HOUR = 60 * MINUTE;
const ROWS = network({ aggregations: 4, fibresPerAggregation: 4, sitesPerFibre: 10 });

function sitesOn(resource: string): string[] {
  return ROWS.links.filter(({ linkId }) => linkId === resource).map(({ childId }) => childId);
}

function cellsOf(sites: readonly string[]): string[] {
  return ROWS.cells.filter(({ siteId }) => sites.includes(siteId)).map(({ cellId }) => cellId);
}

const DOWN = { kind: 'zeroTraffic', startedAtMs: T0 } as const;
const MUTE = { kind: 'silence', startedAtMs: T0, score: 1 - 1e-6 } as const;

describe('one failure is one incident', () => {
  it('finds the fibre when hundreds of cells fail and nothing else says so', () => {
    const rows = network({ aggregations: 3, fibresPerAggregation: 3, sitesPerFibre: 140 });
    const sites = rows.links.filter(({ linkId }) => linkId === 'F1-1').map((link) => link.childId);
    const cells = rows.cells.filter(({ siteId }) => sites.includes(siteId));
    const played = play({
      rows,
      untilMs: T0 + HOUR,
      events: cells.map(({ cellId }) => raised(cellId, DOWN)),
    });
    const [incident, ...others] = opened(played);
    expect(others).toEqual([]);
    expect(incident?.cells).toHaveLength(420);
    expect(incident?.cause).toMatchObject({ kind: 'transport', id: 'F1-1' });
    expect(incident?.cause.probability).toBeGreaterThan(0.9);
    expect(incident?.severity).toBe('critical');
    expect(incident?.detectedAt).toBe(new Date(T0 + PERIOD).toISOString());
  });

  it('holds the node when all of its lines fail, though each line fits its own cells', () => {
    const sites = ['F2-0', 'F2-1', 'F2-2', 'F2-3'].flatMap(sitesOn);
    const events = cellsOf(sites).map((cell) => raised(cell, DOWN));
    const [incident, ...others] = opened(play({ rows: ROWS, untilMs: T0 + HOUR, events }));
    expect(others).toEqual([]);
    expect(incident?.cause).toMatchObject({ kind: 'aggregation' });
    expect(incident?.cause.candidates[0]).toMatchObject({ id: expect.stringMatching(/^[AT]2$/) });
    const named = [incident?.cause, ...(incident?.cause.candidates[0]?.alike ?? [])];
    expect(named.map((each) => each?.id).sort()).toEqual(['A2', 'T2']);
  });

  it('tells causes over the very same cells apart once one of them has an alarm', () => {
    const sites = ['F2-0', 'F2-1', 'F2-2', 'F2-3'].flatMap(sitesOn);
    const events = cellsOf(sites).map((cell) => raised(cell, DOWN));
    const alarms = [alarm('link', 'T2', T0 + 2 * MINUTE)];
    const [incident] = opened(play({ rows: ROWS, untilMs: T0 + HOUR, events, alarms }));
    expect(incident?.cause).toMatchObject({ kind: 'aggregation', id: 'T2' });
    expect(incident?.cause.candidates[0]?.alike).toBeUndefined();
  });

  it('tolerates cells of the resource that are still well', () => {
    const cells = cellsOf(sitesOn('F1-2'));
    const events = cells.slice(2).map((cell) => raised(cell, DOWN));
    const [incident, ...others] = opened(play({ rows: ROWS, untilMs: T0 + HOUR, events }));
    expect(others).toEqual([]);
    expect(incident?.cause.id).toBe('F1-2');
  });

  it('keeps two sites that fail at once apart', () => {
    const events = cellsOf(['S3', 'S25']).map((cell) => raised(cell, DOWN));
    const incidents = opened(play({ rows: ROWS, untilMs: T0 + HOUR, events }));
    expect(incidents.map(({ cause }) => `${cause.kind} ${cause.id}`).sort()).toEqual([
      'site S25',
      'site S3',
    ]);
    expect(new Set(incidents.map(({ lineageId }) => lineageId)).size).toBe(2);
  });

  it('finds the software version that fails across regions', () => {
    const cells = ROWS.cells.filter(({ version }) => version === '21.4');
    const events = cells.map(({ cellId }) =>
      raised(cellId, { startedAtMs: T0, score: 1 - 1e-7, degree: 0.3 }),
    );
    const [incident, ...others] = opened(play({ rows: ROWS, untilMs: T0 + HOUR, events }));
    expect(others).toEqual([]);
    expect(incident?.cause).toMatchObject({ kind: 'software', id: 'V 21.4' });
  });

  it('names the sector when its cells and no others of the site fail', () => {
    const rows = network({ aggregations: 1, fibresPerAggregation: 1, sitesPerFibre: 4 });
    const twin = rows.cells.map((cell) => ({ ...cell, cellId: `${cell.cellId}b` }));
    const both = { ...rows, cells: [...rows.cells, ...twin] };
    const events = ['S2-1', 'S2-1b'].map((cell) => raised(cell, DOWN));
    const [incident] = opened(play({ rows: both, untilMs: T0 + HOUR, events }));
    expect(incident?.cause).toMatchObject({ kind: 'sector', id: 'S2/120' });
  });
});

describe('alarms and counters of one failure join', () => {
  const onset = T0 + 7 * MINUTE;
  const sites = sitesOn('F1-2');
  const alarms = [
    alarm('link', 'F1-2', onset + 5 * SECOND),
    ...sites.map((site, i) => alarm('site', site, onset + (15 + 4 * i) * SECOND)),
  ];
  const all = alarms.flatMap((each) => [each, clearOf(each, T0 + 67 * MINUTE)]);
  const events = cellsOf(sites).flatMap((cell) => [
    raised(cell, MUTE),
    cleared(cell, MUTE, T0 + 75 * MINUTE),
  ]);

  it('opens on the alarms within a minute, with all cells behind the line', () => {
    const { changes } = play({ rows: ROWS, untilMs: T0 + 10 * MINUTE, tickMs: 5000, alarms });
    const first = changes.find(({ incident }) => incident.detectedAt !== null)?.incident;
    expect(first?.cause).toMatchObject({ kind: 'transport', id: 'F1-2' });
    expect(first?.cells).toHaveLength(30);
    expect(Date.parse(first?.detectedAt ?? '') - onset).toBeLessThanOrEqual(MINUTE);
    expect(changes.every(({ incident }) => incident.id === first?.id)).toBe(true);
  });

  it('is one incident from the first alarm to the last silent cell, with exact times', () => {
    const played = play({ rows: ROWS, untilMs: T0 + 4 * HOUR, events, alarms: all });
    const [incident, ...others] = opened(played);
    expect(others).toEqual([]);
    expect(incident).toMatchObject({
      state: 'closed',
      startedAt: new Date(onset + 5 * SECOND).toISOString(),
      endedAt: new Date(T0 + 67 * MINUTE).toISOString(),
    });
    expect(incident?.cells).toHaveLength(30);
    const kinds = played.changes.flatMap((change) => change.events.map(({ kind }) => kind));
    expect(kinds).toEqual(['opened', 'recovering', 'resolved', 'closed']);
    expect(played.gaps).toEqual([]);
  });

  it('opens on a site alarm alone, drops the cells that counters show well, and ends', () => {
    const played = play({
      rows: ROWS,
      untilMs: T0 + 4 * HOUR,
      alarms: [alarm('site', 'S7', T0 + MINUTE)],
    });
    const [incident] = opened(played);
    const first = played.changes[0]?.incident;
    expect(first?.state).toBe('open');
    expect(first?.cells.map(({ cellId }) => cellId)).toEqual(['S7-0', 'S7-1', 'S7-2']);
    expect(incident?.state).toBe('closed');
  });

  it('opens nothing on a warning, a minor or a major alarm alone', () => {
    const alone = (['warning', 'minor', 'major', 'indeterminate'] as const).map((severity, i) =>
      alarm('site', `S${i}`, T0, { perceivedSeverity: severity, probableCause: 'on battery' }),
    );
    expect(opened(play({ rows: ROWS, untilMs: T0 + HOUR, alarms: alone }))).toEqual([]);
  });

  it('opens nothing on a critical alarm that clears while it is held', () => {
    const blip = alarm('site', 'S7', T0 + MINUTE);
    const both = [blip, clearOf(blip, T0 + MINUTE + 10 * SECOND)];
    const played = play({ rows: ROWS, untilMs: T0 + HOUR, tickMs: 5000, alarms: both });
    expect(played.incidents).toEqual([]);
  });

  it('suspects only, when an alarm covers more cells than an alarm alone is believed for', () => {
    const rows = network({ aggregations: 20, fibresPerAggregation: 6, sitesPerFibre: 9 });
    const core = [alarm('function', 'CORE', T0)];
    expect(opened(play({ rows, untilMs: T0 + HOUR, alarms: core }))).toEqual([]);
  });
});

describe('false incidents', () => {
  it('lists one weak deviation as suspected and opens nothing', () => {
    const played = play({
      rows: ROWS,
      untilMs: T0 + PERIOD,
      events: [raised('S3-0', { startedAtMs: T0, score: 1 - 4e-7, degree: 0.3 })],
    });
    expect(played.incidents.map(({ state }) => state)).toEqual(['suspected']);
  });

  it('opens on a deviation that deepens, and on a second KPI', () => {
    const deep = [raised('S3-0', { startedAtMs: T0, score: 1 - 1e-8, degree: 0.5 })];
    expect(opened(play({ rows: ROWS, untilMs: T0 + HOUR, events: deep }))).toHaveLength(1);
    const two = ['drops', 'traffic'].map((kpi) =>
      raised('S3-0', { startedAtMs: T0, score: 1 - 1e-6, degree: 0.5, kpi }),
    );
    const early = play({ rows: ROWS, untilMs: T0 + 20 * MINUTE, events: two });
    expect(opened(early)).toHaveLength(1);
  });

  it('closes a suspicion when the evidence goes', () => {
    const weak = { startedAtMs: T0, score: 1 - 4e-7, degree: 0.3 };
    const events = [raised('S3-0', weak), cleared('S3-0', weak, T0 + PERIOD)];
    const [incident] = play({ rows: ROWS, untilMs: T0 + HOUR, events }).incidents;
    expect(incident).toMatchObject({ state: 'closed', detectedAt: null });
  });

  it('ignores a shallow loss however improbable', () => {
    const events = [raised('S3-0', { startedAtMs: T0, score: 1 - 1e-9, degree: 0.02 })];
    expect(play({ rows: ROWS, untilMs: T0 + HOUR, events }).incidents).toEqual([]);
  });
});

describe('cells that no inventory knows', () => {
  it('have incidents of their own', () => {
    const rows = { sites: [], cells: [], links: [], neighbours: [], works: [] };
    const [incident] = opened(
      play({ rows, untilMs: T0 + HOUR, events: [raised('2.2265366483183206e+17', DOWN)] }),
    );
    expect(incident?.cause).toMatchObject({ kind: 'cell', id: '2.2265366483183206e+17' });
    expect(incident?.cells.map(({ cellId }) => cellId)).toEqual(['2.2265366483183206e+17']);
    expect(incident?.sites).toEqual([]);
  });
});
