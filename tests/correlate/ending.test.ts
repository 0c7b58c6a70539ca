import { describe, expect, it } from 'vitest';
import type { DetectEvent } from '../../src/domain/anomaly.js';
import {
  alarm,
  cleared,
  clearOf,
  MINUTE,
  network,
  PERIOD,
  type Played,
  play,
  raised,
  T0,
} from './small-network.js';

const ROWS = network({ aggregations: 4, fibresPerAggregation: 4, sitesPerFibre: 4 });
const MUTE = { kind: 'silence', startedAtMs: T0, score: 1 - 1e-6 } as const;
const END = T0 + 4 * PERIOD;
const BACK = { kind: 'limit', startedAtMs: END, degree: 0.4 } as const;
const SITES = new Set(
  ROWS.links.filter(({ linkId }) => linkId === 'F1-2').map(({ childId }) => childId),
);
const CELLS = ROWS.cells.filter(({ siteId }) => SITES.has(siteId)).map(({ cellId }) => cellId);
const [LAST = '', ...OTHERS] = [...CELLS].reverse();

/** A line is silent and comes back with part of a period lost, but for some of its cells. */
function lineBack(without: readonly string[]): DetectEvent[] {
  const back = CELLS.filter((cell) => !without.includes(cell));
  return [
    ...CELLS.map((cell) => raised(cell, MUTE)),
    ...back.flatMap((cell) => [
      cleared(cell, MUTE, END),
      raised(cell, BACK),
      cleared(cell, BACK, END + PERIOD),
    ]),
  ];
}

function lostThen(cell: string, periods: number): DetectEvent {
  return cleared(cell, MUTE, END + periods * PERIOD);
}

const UNTIL = { rows: ROWS, tickMs: MINUTE, untilMs: T0 + 12 * PERIOD };
const statesOf = ({ changes }: Played): string[] =>
  changes.map(({ incident }) => incident.state).filter((state, i, all) => state !== all[i - 1]);

describe('an outage that ends but for single cells', () => {
  it('is never open when it was only suspected and one report is lost at its end', () => {
    const played = play({ ...UNTIL, events: [...lineBack([LAST]), lostThen(LAST, 1)] });
    expect(new Set(played.changes.map(({ incident }) => incident.id)).size).toBe(1);
    expect(statesOf(played)).toEqual(['suspected', 'recovering', 'resolved', 'closed']);
  });

  it('comes out the same after restarts', () => {
    const events = [...lineBack([LAST]), lostThen(LAST, 1)];
    const { changes } = play({ ...UNTIL, events });
    expect(play({ ...UNTIL, events, isRestarted: true }).changes).toEqual(changes);
  });

  it('goes on where silence outlasts the return of the others by two reports', () => {
    const played = play({ ...UNTIL, events: lineBack([LAST]) });
    const openAt = played.changes.findIndex(({ incident }) => incident.state === 'open');
    expect(statesOf(played).slice(0, 3)).toEqual(['suspected', 'recovering', 'open']);
    const cells = played.changes[openAt]?.incident.cells.filter(({ degree }) => degree === 1);
    expect(cells?.map(({ cellId }) => cellId)).toContain(LAST);
  });

  it('goes on at once where most are still silent', () => {
    const played = play({ ...UNTIL, events: lineBack(OTHERS) });
    expect(statesOf(played).slice(0, 2)).toEqual(['suspected', 'open']);
  });

  it('recovers, told or not, when alarms had opened it', () => {
    const up = alarm('link', 'F1-2', T0 + MINUTE);
    const alarms = [up, clearOf(up, END + MINUTE)];
    const events = [...lineBack([LAST]), lostThen(LAST, 1)];
    const states = statesOf(play({ ...UNTIL, events, alarms }));
    expect(states.filter((state) => state === 'open')).toHaveLength(1);
    expect(states.slice(-3)).toEqual(['recovering', 'resolved', 'closed']);
  });

  it('is not reopened by a report lost after the first ones are back', () => {
    const lost = { ...MUTE, startedAtMs: END + PERIOD, score: 0.998 } as const;
    const up = alarm('link', 'F1-2', T0 + MINUTE);
    const alarms = [up, clearOf(up, END + MINUTE)];
    const events = [
      ...lineBack([]).filter(
        (each) => !('anomaly' in each && each.type === 'cleared' && each.anomaly.kind === 'limit'),
      ),
      ...CELLS.map((cell) => cleared(cell, BACK, END + 2 * PERIOD)),
      raised(LAST, lost),
      cleared(LAST, lost, END + 2 * PERIOD),
    ];
    const states = statesOf(play({ ...UNTIL, events, alarms }));
    expect(states.filter((state) => state === 'open')).toHaveLength(1);
  });
});

describe('what is slight beside undecided silence', () => {
  it('opens nothing', () => {
    const before = { startedAtMs: T0 - 4 * PERIOD, detectedAtMs: T0 - PERIOD };
    const slow = { ...before, score: 1 - 1e-9, degree: 0.05 } as const;
    const silent = CELLS.slice(1).map((cell) => raised(cell, MUTE));
    const events = [...silent, raised(CELLS[0] ?? '', slow)];
    const states = statesOf(play({ ...UNTIL, events }));
    expect(states).not.toContain('open');
  });
});
