import { describe, expect, it } from 'vitest';
import type { PastIncident } from '../../src/domain/past-incident.js';
import { Desk, HOUR } from './repair-desk.js';
import { MINUTE, T0 } from './small-network.js';

const DAY = 24 * HOUR;
const iso = (atMs: number): string => new Date(atMs).toISOString();

/** Past incidents of sites, one a day, that lasted around so many hours. */
function pastOf(count: number, hours: number, more: Partial<PastIncident> = {}): PastIncident[] {
  return Array.from({ length: count }, (_, i) => {
    const startedMs = T0 - (count - i + 1) * DAY;
    const endedMs = startedMs + hours * HOUR * 2 ** (((i * 7) % 11) / 5 - 1);
    return {
      id: `OLD-${i}`,
      causeKind: 'site',
      cells: 3,
      startedAt: iso(startedMs),
      lastedUntil: iso(endedMs),
      endedBy: iso(endedMs),
      ...more,
    };
  });
}

/** Hours after the start at which repair is expected, an hour after a site went down. */
function expectedHours(desk: Desk): number {
  desk.fail('S5', T0);
  desk.advance(T0 + HOUR);
  return (Date.parse(desk.last?.repair?.at ?? '') - T0) / HOUR;
}

describe('imported past incidents', () => {
  it('make a band from the first day on', () => {
    const desk = new Desk();
    desk.stage.pastIncidents(pastOf(60, 4));
    expect(expectedHours(desk)).toBeGreaterThan(3);
    expect(expectedHours(desk)).toBeLessThan(7);
    expect(desk.last?.repair).toMatchObject({ source: 'model', basedOn: 60 });
    expect(desk.last?.repair?.high).not.toBeNull();
  });

  it('are learnt from while an incident is open, without anything else happening', () => {
    const desk = new Desk();
    desk.fail('S5', T0);
    desk.stage.pastIncidents(pastOf(60, 4));
    expect(desk.last?.repair).toBeUndefined();
    desk.advance(T0 + HOUR);
    expect(desk.last?.repair).toMatchObject({ source: 'model', basedOn: 60 });
  });

  it('are replaced by their ids, and taken out when nothing can be learnt from them', () => {
    const desk = new Desk();
    desk.stage.pastIncidents(pastOf(60, 4));
    desk.stage.pastIncidents(pastOf(60, 10));
    desk.stage.pastIncidents(pastOf(5, 0));
    const hours = expectedHours(desk);
    expect(hours).toBeGreaterThan(7);
    expect(hours).toBeLessThan(16);
    expect(desk.last?.repair?.basedOn).toBe(55);
  });

  it('that have not ended count for as long as they have lasted', () => {
    const ended = new Desk();
    ended.stage.pastIncidents(pastOf(80, 4));
    const censored = new Desk();
    const open = pastOf(40, 12, { endedBy: null }).map((each) => ({ ...each, id: `X${each.id}` }));
    censored.stage.pastIncidents([...pastOf(40, 4), ...open]);
    expect(expectedHours(censored)).toBeGreaterThan(expectedHours(ended) * 1.3);
    expect(censored.last?.repair?.basedOn).toBe(40);
  });

  it('give the same whether a thread learns from them, or a restart comes in between', () => {
    const one = new Desk();
    let asked = 0;
    const other = new Desk({
      fitter: {
        begin: () => {
          asked++;
          return { result: undefined };
        },
      },
    });
    for (const desk of [one, other]) {
      desk.fail('S5', T0);
      desk.stage.pastIncidents(pastOf(60, 4));
      desk.stage.advance(T0 + 10 * MINUTE);
    }
    other.restart();
    expect(asked).toBe(2);
    for (const desk of [one, other]) desk.advance(T0 + HOUR + MINUTE);
    expect(other.last).toEqual(one.last);
    expect(other.last?.repair?.basedOn).toBe(60);
    expect(other.stage.snapshot()).toEqual(one.stage.snapshot());
  });
});
