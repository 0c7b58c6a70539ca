import { describe, expect, it } from 'vitest';
import { createCorrelate } from '../../src/correlate/correlate.js';
import type { OperatorAct } from '../../src/domain/facts.js';
import {
  alarm,
  cleared,
  clearOf,
  LANE,
  loadRules,
  MINUTE,
  network,
  observed,
  opened,
  PERIOD,
  play,
  raised,
  T0,
} from './small-network.js';

const HOUR = 60 * MINUTE;
const SHAPE = { aggregations: 2, fibresPerAggregation: 3, sitesPerFibre: 8 };
const ROWS = network(SHAPE);
const DOWN = { kind: 'zeroTraffic', startedAtMs: T0 } as const;

function cellsOf(site: string): string[] {
  return ROWS.cells.filter(({ siteId }) => siteId === site).map(({ cellId }) => cellId);
}

function flaps(site: string, count: number, everyMs: number) {
  return Array.from({ length: count }, (_, i) => {
    const up = alarm('site', site, T0 + i * everyMs);
    return [up, clearOf(up, T0 + i * everyMs + everyMs / 2)];
  }).flat();
}

describe('the life of an incident', () => {
  it('is one incident when the site comes and goes every two minutes for an hour', () => {
    const alarms = flaps('S5', 15, 4 * MINUTE);
    const played = play({ rows: ROWS, untilMs: T0 + 5 * HOUR, tickMs: MINUTE, alarms });
    const [incident, ...others] = opened(played);
    expect(others).toEqual([]);
    expect(incident?.state).toBe('closed');
    const kinds = played.changes.flatMap(({ events }) => events.map(({ kind }) => kind));
    expect(kinds.filter((kind) => kind === 'opened')).toHaveLength(1);
    expect(kinds.filter((kind) => kind === 'resolved')).toHaveLength(1);
  });

  it('is the same incident when it fails again before it is closed, and waits longer then', () => {
    const again = { ...DOWN, startedAtMs: T0 + 8 * PERIOD };
    const events = cellsOf('S5').flatMap((cell) => [
      raised(cell, DOWN),
      cleared(cell, DOWN, T0 + 3 * PERIOD),
      raised(cell, again),
      cleared(cell, again, T0 + 10 * PERIOD),
    ]);
    const played = play({ rows: ROWS, untilMs: T0 + 8 * HOUR, tickMs: 5 * MINUTE, events });
    expect(opened(played)).toHaveLength(1);
    const said = played.changes.flatMap((change) => change.events);
    expect(said.map(({ kind }) => kind)).toEqual([
      'opened',
      'recovering',
      'resolved',
      'reopened',
      'recovering',
      'resolved',
      'closed',
    ]);
    const waitMs = (nth: number): number => {
      const at = (kind: string): number =>
        Date.parse(said.filter((event) => event.kind === kind)[nth]?.at ?? '');
      return at('resolved') - at('recovering');
    };
    expect(waitMs(1)).toBe(2 * waitMs(0));
  });

  it('keeps the lineage when it fails again after it was closed', () => {
    const again = { ...DOWN, startedAtMs: T0 + 12 * PERIOD };
    const events = cellsOf('S5').flatMap((cell) => [
      raised(cell, DOWN),
      cleared(cell, DOWN, T0 + 2 * PERIOD),
      raised(cell, again),
    ]);
    const [first, second] = opened(play({ rows: ROWS, untilMs: T0 + 5 * HOUR, events }));
    expect(second?.id).not.toBe(first?.id);
    expect(second?.lineageId).toBe(first?.lineageId);
    expect(first?.state).toBe('closed');
  });

  it('grows with the cells that join and shrinks with those that are well', () => {
    const [one, two, three] = cellsOf('S5');
    const late = { ...DOWN, startedAtMs: T0 + PERIOD };
    const events = [
      raised(one ?? '', DOWN),
      raised(two ?? '', DOWN),
      raised(three ?? '', late),
      cleared(one ?? '', DOWN, T0 + 3 * PERIOD),
    ];
    const played = play({ rows: ROWS, untilMs: T0 + 3 * HOUR, events });
    const said = played.changes.flatMap((change) => change.events.map(({ kind }) => kind));
    expect(said).toEqual(['opened', 'grew', 'shrank']);
    expect(opened(played)[0]?.cells.map(({ cellId }) => cellId)).toEqual(['S5-1', 'S5-2']);
  });

  it('merges incidents that turn out to have one cause and remembers their lineages', () => {
    const sites = ROWS.links.filter(({ linkId }) => linkId === 'F0-1').map((link) => link.childId);
    const alarms = sites.map((site, i) => alarm('site', site, T0 + i * 3 * MINUTE));
    const played = play({ rows: ROWS, untilMs: T0 + 30 * MINUTE, tickMs: MINUTE, alarms });
    const [incident, ...others] = opened(played);
    expect(others).toEqual([]);
    expect(incident?.cause.id).toBe('F0-1');
    const merged = played.incidents.filter(({ mergedInto }) => mergedInto === incident?.id);
    expect(merged.length).toBeGreaterThan(0);
    expect(incident?.absorbedLineages).toEqual(
      merged
        .filter(({ detectedAt }) => detectedAt !== null)
        .map(({ lineageId }) => lineageId)
        .sort(),
    );
  });

  it('has revisions that rise by one with every change handed on', () => {
    const events = cellsOf('S5').flatMap((cell) => [
      raised(cell, DOWN),
      cleared(cell, DOWN, T0 + 3 * PERIOD),
    ]);
    const { changes } = play({ rows: ROWS, untilMs: T0 + 5 * HOUR, tickMs: 5000, events });
    expect(changes.map(({ incident }) => incident.revision)).toEqual(changes.map((_, i) => i + 1));
  });
});

describe('planned work', () => {
  const work = {
    workId: 'W1',
    resourceId: 'S5',
    startsAtMs: T0 - 10 * MINUTE,
    endsAtMs: T0 + HOUR,
    description: 'antenna swap',
  };
  const rows = network({ ...SHAPE, works: [work] });

  it('excuses what is on it, and says so', () => {
    const events = cellsOf('S5').flatMap((cell) => [
      raised(cell, DOWN),
      cleared(cell, DOWN, T0 + 2 * PERIOD),
    ]);
    const alarms = [alarm('site', 'S5', T0 + MINUTE)];
    const both = [...alarms, clearOf(alarm('site', 'S5', T0 + MINUTE), T0 + 29 * MINUTE)];
    const played = play({ rows, untilMs: T0 + 3 * HOUR, events, alarms: both });
    expect(opened(played)).toEqual([]);
    expect(played.changes[0]?.incident).toMatchObject({ state: 'suspected', plannedWorkId: 'W1' });
    expect(played.changes[0]?.incident.explanation).toContain('Planned work W1 (antenna swap)');
  });

  it('becomes an incident when it overruns', () => {
    const events = cellsOf('S5').map((cell) => raised(cell, DOWN));
    const alarms = [alarm('site', 'S5', T0 + MINUTE)];
    const [incident] = opened(play({ rows, untilMs: T0 + 2 * HOUR, events, alarms }));
    const graceMs = loadRules().works.graceSeconds * 1000;
    expect(incident?.detectedAt).toBe(new Date(work.endsAtMs + graceMs).toISOString());
    expect(incident?.explanation).toContain('should have ended');
  });

  it('witnesses its own overrun when what it took down stays silent', () => {
    const silence = { kind: 'silence', startedAtMs: T0, score: 1 - 1e-6 } as const;
    const mute = cellsOf('S5').map((cell) => raised(cell, silence));
    const played = play({ rows, untilMs: T0 + 3 * HOUR, tickMs: MINUTE, events: mute });
    const [incident] = opened(played);
    expect(incident).toMatchObject({ plannedWorkId: 'W1', cause: { kind: 'site', id: 'S5' } });
    expect(Date.parse(incident?.detectedAt ?? '')).toBeGreaterThan(work.endsAtMs + PERIOD);
    expect(played.gaps).toEqual([]);
    const back = cellsOf('S5').map((cell) => cleared(cell, silence, T0 + 4 * PERIOD));
    expect(opened(play({ rows, untilMs: T0 + 3 * HOUR, events: [...mute, ...back] }))).toEqual([]);
  });

  it('does not witness one lost report of what it is on', () => {
    const silence = { kind: 'silence', startedAtMs: T0, score: 1 - 1e-6 } as const;
    const events = [raised('S5-0', silence)];
    const played = play({ rows, untilMs: T0 + 3 * HOUR, tickMs: MINUTE, events });
    expect(opened(played)).toEqual([]);
    expect(played.gaps.at(-1)?.cells).toEqual(['S5-0']);
  });

  it('waits for counters to clear before it calls an overrun by them alone', () => {
    const spec = { ...DOWN, startedAtMs: T0 + 2 * PERIOD };
    const over = cellsOf('S5').flatMap((cell) => [
      raised(cell, spec),
      cleared(cell, spec, T0 + 4 * PERIOD),
    ]);
    expect(opened(play({ rows, untilMs: T0 + 4 * HOUR, events: over }))).toEqual([]);
    const lasting = cellsOf('S5').map((cell) => raised(cell, spec));
    expect(opened(play({ rows, untilMs: T0 + 4 * HOUR, events: lasting }))).toHaveLength(1);
  });

  it('excuses what is on it once it is imported, and incidents that are open go on', () => {
    const stage = createCorrelate(network(SHAPE), loadRules());
    stage.detected(observed(rows));
    stage.alarms([alarm('site', 'S0', T0 + MINUTE)]);
    const other = stage.advance(T0 + 5 * MINUTE).changes.at(-1)?.incident;
    expect(other).toMatchObject({ state: 'open', sites: ['S0'] });
    stage.network(rows);
    stage.alarms([alarm('site', 'S5', T0 + 6 * MINUTE)]);
    const found = stage.advance(T0 + 10 * MINUTE).changes.map(({ incident }) => incident);
    expect(found.find(({ sites }) => sites.includes('S5'))).toMatchObject({
      state: 'suspected',
      plannedWorkId: 'W1',
    });
    stage.alarms([clearOf(alarm('site', 'S0', T0 + MINUTE), T0 + 20 * MINUTE)]);
    const { changes } = stage.advance(T0 + 30 * MINUTE);
    expect(changes.map(({ incident }) => incident.id)).toContain(other?.id);
  });

  it('is attached to an open incident when it is imported, said to overrun, and put off again', () => {
    const stage = createCorrelate(network(SHAPE), loadRules());
    const reasons: string[] = [];
    const until = (minute: number) => {
      const changes = stage.advance(T0 + minute * MINUTE).changes;
      for (const { events } of changes)
        for (const { kind, reason } of events) if (kind === 'planned') reasons.push(reason);
      return changes.at(-1)?.incident;
    };
    stage.alarms([alarm('site', 'S5', T0 + MINUTE)]);
    expect(until(2)).toMatchObject({ state: 'open', plannedWorkId: null });
    stage.network(rows);
    expect(until(3)).toMatchObject({
      state: 'open',
      plannedWorkId: 'W1',
      plannedWorkEndsAt: new Date(work.endsAtMs).toISOString(),
    });
    expect(until(61)).toBeUndefined();
    expect(until(70)?.explanation).toContain('should have ended at 2026-03-02 13:00 UTC');
    stage.network({ ...rows, works: [{ ...work, endsAtMs: T0 + 2 * HOUR }] });
    expect(until(72)?.explanation).toContain('Planned work W1 (antenna swap) until');
    expect(reasons).toEqual([
      'planned work W1 until 2026-03-02 13:00 UTC',
      'W1 should have ended at 2026-03-02 13:00 UTC',
      'W1 goes on until 2026-03-02 14:00 UTC',
    ]);
  });

  it('does not excuse what fails elsewhere at the same time', () => {
    const events = cellsOf('S6').map((cell) => raised(cell, DOWN));
    expect(opened(play({ rows, untilMs: T0 + HOUR, events }))).toHaveLength(1);
  });
});

describe('what an operator does', () => {
  function start() {
    const stage = createCorrelate(ROWS, loadRules(), [LANE]);
    stage.detected([...observed(ROWS), ...cellsOf('S5').map((cell) => raised(cell, DOWN))]);
    const [change] = stage.advance(T0 + PERIOD).changes;
    const incidentId = change?.incident.id ?? '';
    const act = (action: OperatorAct['action'], minute: number, value?: string) => {
      stage.acts([
        {
          actId: `act-${minute}`,
          at: new Date(T0 + PERIOD + minute * MINUTE).toISOString(),
          actor: 'ana',
          why: 'ticket 7',
          action,
          incidentId,
          ...(value === undefined ? {} : { value }),
        },
      ]);
      return stage.advance(T0 + PERIOD + minute * MINUTE).changes.at(-1);
    };
    return { stage, act, incidentId };
  }

  it('acknowledges', () => {
    expect(start().act('acknowledge', 1)?.incident.acknowledgedBy).toBe('ana');
  });

  it('sets the repair time, and refuses what is no time', () => {
    const { act } = start();
    const at = '2026-03-02T18:00:00.000Z';
    expect(act('setRepair', 1, at)?.incident.estimatedRepairAt).toBe(at);
    const refused = act('setRepair', 2, 'soon');
    expect(refused?.incident.estimatedRepairAt).toBe(at);
    expect(refused?.events[0]?.reason).toContain('"soon"');
  });

  it('never states a repair time that nobody gave, unless the rules hold typical ones', () => {
    const events = cellsOf('S5').map((cell) => raised(cell, DOWN));
    const [none] = opened(play({ rows: ROWS, untilMs: T0 + HOUR, events }));
    expect(none?.estimatedRepairAt).toBeNull();
    const rules = loadRules();
    const own = { ...rules, repair: { ...rules.repair, typicalSecondsByKind: { site: 7200 } } };
    const [given] = opened(play({ rows: ROWS, untilMs: T0 + HOUR, events, rules: own }));
    expect(given?.estimatedRepairAt).toBe(new Date(T0 + 2 * HOUR).toISOString());
  });

  it('says that it is no incident: it closes, and the same evidence does not open it again', () => {
    const { stage, act, incidentId } = start();
    expect(act('notAnIncident', 1)?.incident.state).toBe('closed');
    expect(stage.advance(T0 + 6 * HOUR).changes).toEqual([]);
    const worse = { ...DOWN, startedAtMs: T0 + 7 * HOUR };
    stage.detected(cellsOf('S6').map((cell) => raised(cell, worse)));
    const [other] = stage.advance(T0 + 8 * HOUR).changes;
    expect(other?.incident.id).not.toBe(incidentId);
  });
});
