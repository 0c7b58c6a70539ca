import { describe, expect, it } from 'vitest';
import type { DetectEvent } from '../../src/domain/anomaly.js';
import {
  alarm,
  cleared,
  clearOf,
  loadRules,
  MINUTE,
  network,
  opened,
  PERIOD,
  play,
  raised,
  T0,
} from './small-network.js';

const HOUR = 60 * MINUTE;
const ROWS = network({ aggregations: 4, fibresPerAggregation: 4, sitesPerFibre: 10 });
const MUTE = { kind: 'silence', startedAtMs: T0, score: 1 - 1e-6 } as const;

function cellsOf(sites: readonly string[]): string[] {
  return ROWS.cells.filter(({ siteId }) => sites.includes(siteId)).map(({ cellId }) => cellId);
}

function surplus(objectId: string): DetectEvent {
  return { type: 'surplus', atMs: T0 + PERIOD, untilMs: T0 + 2 * PERIOD, objectId, ratio: 1.6 };
}

describe('a broken feed is not an outage', () => {
  it('reports a gap and no incident when a whole feed falls silent', () => {
    const events = ROWS.cells.map(({ cellId }) => raised(cellId, MUTE));
    const { incidents, gaps } = play({ rows: ROWS, untilMs: T0 + HOUR, events });
    expect(incidents).toEqual([]);
    expect(gaps).toHaveLength(1);
    expect(gaps[0]).toMatchObject({ feed: 'pm', fromMs: T0, toMs: null });
    expect(gaps[0]?.cells).toHaveLength(ROWS.cells.length);
  });

  it('ends the gap when the cells report again', () => {
    const events = ROWS.cells.flatMap(({ cellId }) => [
      raised(cellId, MUTE),
      cleared(cellId, MUTE, T0 + 2 * PERIOD),
    ]);
    const { incidents, gaps } = play({ rows: ROWS, untilMs: T0 + 2 * HOUR, events });
    expect(incidents).toEqual([]);
    expect(gaps.at(-1)).toMatchObject({ fromMs: T0, toMs: T0 + 2 * PERIOD });
  });

  it('opens an incident on a silent site whose neighbours carry its traffic', () => {
    const events = [
      ...cellsOf(['S7']).flatMap((cell) => [raised(cell, MUTE)]),
      surplus('S6-0'),
      surplus('S8-1'),
    ];
    const [incident] = opened(play({ rows: ROWS, untilMs: T0 + HOUR, events }));
    expect(incident?.cause).toMatchObject({ kind: 'site', id: 'S7' });
  });

  it('opens an incident on a silent site with an alarm', () => {
    const events = cellsOf(['S7']).map((cell) => raised(cell, MUTE));
    const alarms = [alarm('site', 'S7', T0 + MINUTE, { perceivedSeverity: 'major' })];
    const played = play({ rows: ROWS, untilMs: T0 + HOUR, events, alarms });
    expect(opened(played)[0]?.cause).toMatchObject({ kind: 'site', id: 'S7' });
    expect(played.gaps).toEqual([]);
  });

  it('dates silent cells by the alarm in their first period, as it does the incident', () => {
    const events = cellsOf(['S7']).map((cell) => raised(cell, MUTE));
    const alarms = [alarm('site', 'S7', T0 + 10 * MINUTE)];
    const [incident] = opened(play({ rows: ROWS, untilMs: T0 + HOUR, events, alarms }));
    const began = new Date(T0 + 10 * MINUTE).toISOString();
    expect(incident?.startedAt).toBe(began);
    expect(incident?.cells.map(({ since }) => since)).toEqual([began, began, began]);
  });

  it('takes the alarmed site out of a gap of the whole feed, and nothing else', () => {
    const events = ROWS.cells.map(({ cellId }) => raised(cellId, MUTE));
    const alarms = [alarm('site', 'S7', T0 + MINUTE)];
    const played = play({ rows: ROWS, untilMs: T0 + HOUR, events, alarms });
    const [incident, ...others] = opened(played);
    expect(others).toEqual([]);
    expect(incident?.cells.map(({ cellId }) => cellId)).toEqual(['S7-0', 'S7-1', 'S7-2']);
    expect(played.gaps.at(-1)?.cells).toHaveLength(ROWS.cells.length - 3);
  });

  it('believes all of a line down when enough of its sites have alarms', () => {
    const rows = ROWS.links.filter(({ linkId }) => linkId === 'F1-2').map((link) => link.childId);
    const events = cellsOf(rows).map((cell) => raised(cell, MUTE));
    const alarms = rows.slice(0, 5).map((site, i) => alarm('site', site, T0 + i * 1000));
    const [incident, ...others] = opened(play({ rows: ROWS, untilMs: T0 + HOUR, events, alarms }));
    expect(others).toEqual([]);
    expect(incident?.cause.id).toBe('F1-2');
    expect(incident?.cells).toHaveLength(30);
  });

  it('keeps an outage an outage when its alarm clears before the reports are back', () => {
    const events = cellsOf(['S7']).flatMap((cell) => [
      raised(cell, MUTE),
      cleared(cell, MUTE, T0 + 60 * MINUTE),
    ]);
    const up = alarm('site', 'S7', T0 + MINUTE);
    const alarms = [up, clearOf(up, T0 + 50 * MINUTE)];
    const played = play({ rows: ROWS, untilMs: T0 + 4 * HOUR, events, alarms });
    expect(played.gaps).toEqual([]);
    expect(opened(played)[0]).toMatchObject({
      state: 'closed',
      endedAt: new Date(T0 + 50 * MINUTE).toISOString(),
    });
  });

  it('leaves it to a person when nothing could have witnessed the silence', () => {
    const rows = network({
      aggregations: 2,
      fibresPerAggregation: 2,
      sitesPerFibre: 10,
      withoutNeighbours: true,
    });
    const cells = rows.cells.filter(({ siteId }) => siteId === 'S7');
    const events = cells.map(({ cellId }) => raised(cellId, MUTE));
    const { incidents } = play({ rows, untilMs: T0 + HOUR, events });
    expect(incidents.map(({ state, cause }) => `${state} ${cause.id}`)).toEqual(['suspected S7']);
  });

  it('says nothing about a single lost report', () => {
    const events = [raised('S7-0', { ...MUTE, score: 0.998 })];
    const { incidents, gaps } = play({ rows: ROWS, untilMs: T0 + HOUR, events });
    expect([incidents, gaps]).toEqual([[], []]);
  });

  it('does not take the reports of a whole site for lost one by one', () => {
    const events = cellsOf(['S7']).map((cell) => raised(cell, { ...MUTE, score: 0.998 }));
    const { incidents } = play({ rows: ROWS, untilMs: T0 + HOUR, events });
    expect(incidents.map(({ state, cause }) => `${state} ${cause.id}`)).toEqual(['suspected S7']);
  });

  it('learns from the first report after a silence that it was an outage, and that it is over', () => {
    const back = { kind: 'limit', startedAtMs: T0 + 4 * PERIOD, degree: 0.4 } as const;
    const events = cellsOf(['S7']).flatMap((cell) => [
      raised(cell, MUTE),
      cleared(cell, MUTE, T0 + 4 * PERIOD),
      raised(cell, back),
      cleared(cell, back, T0 + 5 * PERIOD),
    ]);
    const played = play({ rows: ROWS, untilMs: T0 + 4 * HOUR, tickMs: MINUTE, events });
    const [incident, ...others] = opened(played);
    expect(others).toEqual([]);
    expect(incident).toMatchObject({
      startedAt: new Date(T0).toISOString(),
      cause: { kind: 'site', id: 'S7' },
    });
    expect(incident?.cells.map(({ degree }) => degree)).toEqual([1, 1, 1]);
    const states = played.changes.map((change) => change.incident.state);
    expect(states).not.toContain('open');
    expect(states).toContain('recovering');
    expect(played.gaps).toEqual([]);
  });

  it('opens what is still down after its first report', () => {
    const back = { kind: 'limit', startedAtMs: T0 + 4 * PERIOD, degree: 1 } as const;
    const events = cellsOf(['S7']).flatMap((cell) => [
      raised(cell, MUTE),
      cleared(cell, MUTE, T0 + 4 * PERIOD),
      raised(cell, back),
    ]);
    const [incident] = opened(play({ rows: ROWS, untilMs: T0 + 2 * HOUR, events }));
    expect(incident).toMatchObject({ state: 'open', startedAt: new Date(T0).toISOString() });
  });

  it('says of a gap that goes on only who is silent still', () => {
    const sites = ['S7', 'S38', 'S75', 'S104'];
    const back = cellsOf(sites).filter((cell) => cell !== 'S7-2');
    const events = [
      ...cellsOf(sites).map((cell) => raised(cell, MUTE)),
      ...back.map((cell) => cleared(cell, MUTE, T0 + 4 * PERIOD)),
      cleared('S7-2', MUTE, T0 + 12 * PERIOD),
    ];
    const { gaps } = play({ rows: ROWS, untilMs: T0 + 5 * HOUR, events, isRestarted: true });
    expect(gaps.map(({ cells, toMs }) => [cells.length, toMs])).toEqual([
      [12, null],
      [1, null],
      [12, T0 + 12 * PERIOD],
    ]);
  });

  it('excuses the cell that carried its users also when the first report after it is a bad one', () => {
    const slow = { startedAtMs: T0 + PERIOD, degree: 0.5 } as const;
    const back = { kind: 'limit', startedAtMs: T0 + 4 * PERIOD, degree: 0.4 } as const;
    const down = cellsOf(['S7']).flatMap((cell) => [
      raised(cell, MUTE),
      cleared(cell, MUTE, T0 + 4 * PERIOD),
      raised(cell, back),
    ]);
    const up = alarm('site', 'S7', T0 + MINUTE);
    const alarms = [up, clearOf(up, T0 + 4 * PERIOD + MINUTE)];
    const events = [...down, raised('S6-0', slow)];
    const untilMs = T0 + 6 * PERIOD;
    const sites = opened(play({ rows: ROWS, untilMs, tickMs: MINUTE, events, alarms }));
    expect(sites.map(({ cause }) => cause.id)).toEqual(['S7']);
    const alone = opened(play({ rows: ROWS, untilMs, events: [raised('S6-0', slow)] }));
    expect(alone.map(({ cause }) => cause.id)).toEqual(['S6-0']);
  });

  it('takes no lost report for an outage because another cell of the site is slow', () => {
    const mates = { cellId: 'S7-1', neighbourId: 'S7-0' };
    const rows = { ...ROWS, neighbours: [...ROWS.neighbours, mates] };
    const lost = { ...MUTE, startedAtMs: T0 + 4 * PERIOD, score: 0.998 } as const;
    const slow = { startedAtMs: T0, detectedAtMs: T0 + 3 * PERIOD, degree: 0.15 } as const;
    const report = [raised('S7-0', lost), cleared('S7-0', lost, T0 + 5 * PERIOD)];
    const events = [raised('S7-1', slow), ...report];
    const given = opened(play({ rows, untilMs: T0 + 4 * HOUR, tickMs: MINUTE, events }));
    expect(given.map(({ cells, state }) => [cells.map(({ cellId }) => cellId), state])).toEqual([
      [['S7-1'], 'open'],
    ]);
  });

  it('waits for a witness no longer than the rules say', () => {
    const rules = loadRules();
    const events = cellsOf(['S7', 'S38', 'S75', 'S104']).map((cell) => raised(cell, MUTE));
    const waits = (untilMs: number) =>
      play({ rows: ROWS, untilMs, tickMs: MINUTE, events, rules }).gaps.length;
    const dueMs = T0 + PERIOD + rules.silence.witnessWaitSeconds * 1000;
    expect(waits(dueMs - MINUTE)).toBe(0);
    expect(waits(dueMs)).toBe(1);
  });
});
