import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createCorrelate } from '../../src/correlate/correlate.js';
import type { OperatorAct } from '../../src/domain/facts.js';
import type { Incident, IncidentEvent } from '../../src/domain/incident.js';
import { alarm, LANE, loadRules, MINUTE, network, observed, raised, T0 } from './small-network.js';

const HOUR = 60 * MINUTE;
const ROWS = network({ aggregations: 2, fibresPerAggregation: 3, sitesPerFibre: 8 });
const DOWN = { kind: 'zeroTraffic', startedAtMs: T0 } as const;

type Given = Partial<OperatorAct> & Pick<OperatorAct, 'action'>;

/** The stage with what it said so far. */
class Desk {
  stage = createCorrelate(ROWS, loadRules(), [LANE]);
  readonly incidents = new Map<string, Incident>();
  readonly events: (IncidentEvent & { readonly id: string })[] = [];
  readonly #isRestarted: boolean;
  #acts = 0;

  constructor(isRestarted = false) {
    this.#isRestarted = isRestarted;
    this.stage.detected(observed(ROWS));
    this.until(T0 - MINUTE);
  }

  until(atMs: number): this {
    for (const { incident, events } of this.stage.advance(atMs).changes) {
      this.incidents.set(incident.id, incident);
      for (const event of events) this.events.push({ ...event, id: incident.id });
    }
    if (!this.#isRestarted) return this;
    const state = this.stage.snapshot();
    this.stage = createCorrelate(ROWS, loadRules(), [LANE]);
    this.stage.restore(state);
    return this;
  }

  act(atMs: number, given: Given): this {
    this.#acts++;
    const at = new Date(atMs).toISOString();
    const who = { actId: `act-${this.#acts}`, at, actor: 'Ana', why: 'seen on site' };
    this.stage.acts([{ ...who, ...given }]);
    return this.until(atMs + MINUTE);
  }

  /** Cells of the site lose their traffic. */
  down(...sites: readonly string[]): this {
    const cells = ROWS.cells.filter(({ siteId }) => sites.includes(siteId));
    this.stage.detected(cells.map(({ cellId }) => raised(cellId, DOWN)));
    return this;
  }

  at(site: string): Incident {
    const found = [...this.incidents.values()].find(
      ({ sites, state, mergedInto }) =>
        sites.includes(site) && state !== 'closed' && mergedInto === undefined,
    );
    if (found === undefined) throw new Error(`no incident at ${site}`);
    return found;
  }

  reasons(id: string, kind: string): string[] {
    return this.events.filter((each) => each.id === id && each.kind === kind).map((e) => e.reason);
  }
}

/** Two incidents far apart, S1 and S40. */
function twoIncidents(isRestarted = false): Desk {
  return new Desk(isRestarted).down('S1', 'S40').until(T0 + 20 * MINUTE);
}

describe('operators group incidents', () => {
  it('merges two for good, and whoever was told of either counts as told', () => {
    const desk = twoIncidents();
    const [one, other] = [desk.at('S1'), desk.at('S40')];
    expect(one.id).not.toBe(other.id);
    desk.act(T0 + 30 * MINUTE, { action: 'merge', incidentId: other.id, into: one.id });
    desk.until(T0 + 3 * HOUR);
    expect(desk.at('S1').sites).toEqual(['S1', 'S40']);
    expect(desk.at('S1').absorbedLineages).toEqual([other.lineageId]);
    expect(desk.incidents.get(other.id)).toMatchObject({ state: 'closed', mergedInto: one.id });
    expect(desk.reasons(other.id, 'act')).toEqual([`Ana merged it into ${one.id}: seen on site`]);
    const running = [...desk.incidents.values()].filter(({ state }) => state !== 'closed');
    expect(running).toHaveLength(1);
  });

  it('splits cells off with the same lineage, and keeps the parts apart', () => {
    const fibre = ROWS.links.filter(({ linkId }) => linkId === 'F0-1').map((link) => link.childId);
    const desk = new Desk().down(...fibre).until(T0 + 20 * MINUTE);
    const parent = desk.at('S9');
    expect(parent.cause.id).toBe('F0-1');
    const cells = ['S9-0', 'S9-1', 'S9-2'];
    desk.act(T0 + 30 * MINUTE, { action: 'split', incidentId: parent.id, cells });
    desk.until(T0 + 3 * HOUR);
    const child = desk.at('S9');
    expect(child.id).not.toBe(parent.id);
    expect(child).toMatchObject({ lineageId: parent.lineageId, state: 'open', sites: ['S9'] });
    expect(child.cells.map(({ cellId }) => cellId)).toEqual(cells);
    expect(child.cause).toMatchObject({ kind: 'site', id: 'S9' });
    expect(desk.incidents.get(parent.id)?.sites).not.toContain('S9');
    expect(desk.reasons(child.id, 'split')).toEqual([
      `from ${parent.id}; Ana split 3 cells off: seen on site`,
    ]);
    expect(desk.incidents.size).toBe(2);
  });

  it('splits off all that depends on a resource', () => {
    const fibre = ROWS.links.filter(({ linkId }) => linkId === 'F0-1').map((link) => link.childId);
    const desk = new Desk().down(...fibre, 'S40').until(T0 + 20 * MINUTE);
    const [parent, other] = [desk.at('S9'), desk.at('S40')];
    desk.act(T0 + 25 * MINUTE, { action: 'merge', incidentId: other.id, into: parent.id });
    const resource = { type: 'link', id: 'F0-1' } as const;
    desk.act(T0 + 30 * MINUTE, { action: 'split', incidentId: parent.id, resource });
    expect(desk.at('S9').sites.sort()).toEqual([...fibre].sort());
    expect(desk.incidents.get(parent.id)?.sites).toEqual(['S40']);
  });

  it('says why it cannot merge with nothing or split everything', () => {
    const desk = twoIncidents();
    const { id } = desk.at('S1');
    desk.act(T0 + 30 * MINUTE, { action: 'merge', incidentId: id, into: 'inc_none' });
    desk.act(T0 + 31 * MINUTE, { action: 'merge', incidentId: id, into: id });
    const cells = ['S1-0', 'S1-1', 'S1-2'];
    desk.act(T0 + 32 * MINUTE, { action: 'split', incidentId: id, cells });
    expect(desk.reasons(id, 'act')).toEqual([
      'Ana asked for merge: there is no incident "inc_none"',
      `Ana asked for merge: they are one already (${id})`,
      'Ana asked for split: some of what failed must be in either part',
    ]);
    expect(desk.at('S1').cells).toHaveLength(3);
  });
});

describe('operators say what it is', () => {
  it('keeps the cause a person gave, and names who', () => {
    const desk = twoIncidents();
    const { id } = desk.at('S1');
    const resource = { type: 'link', id: 'F0-0' } as const;
    desk.act(T0 + 30 * MINUTE, { action: 'setCause', incidentId: id, resource });
    desk.stage.alarms([alarm('site', 'S1', T0 + 32 * MINUTE)]);
    desk.until(T0 + 2 * HOUR);
    expect(desk.at('S1').cause).toMatchObject({ kind: 'transport', id: 'F0-0', setBy: 'Ana' });
    expect(desk.at('S1').cause.candidates[0]?.evidence[0]).toBe('Ana says so: seen on site');
    const unknown = { id: 'nowhere' };
    desk.act(T0 + 2 * HOUR, { action: 'setCause', incidentId: id, resource: unknown });
    expect(desk.reasons(id, 'act')).toEqual([
      'Ana asked for setCause: nothing is known of "nowhere"',
    ]);
  });

  it('records a comment and changes nothing else', () => {
    const desk = twoIncidents();
    const before = desk.at('S1');
    desk.act(T0 + 30 * MINUTE, { action: 'comment', incidentId: before.id });
    expect(desk.reasons(before.id, 'comment')).toEqual(['Ana: seen on site']);
    const { revision: _, ...after } = desk.at('S1');
    expect(before).toMatchObject(after);
  });
});

describe('operators silence', () => {
  const until = new Date(T0 + 2 * HOUR).toISOString();

  it('a resource: nothing under it opens until the time is over, the rest does', () => {
    const desk = new Desk();
    const resource = { type: 'link', id: 'F0-0' } as const;
    desk.act(T0 - 30_000, { action: 'silence', resource, until });
    desk.down('S1', 'S40').until(T0 + HOUR);
    expect(desk.at('S40').state).toBe('open');
    expect(desk.at('S1')).toMatchObject({ state: 'suspected', silencedUntil: until });
    desk.until(T0 + 2 * HOUR + MINUTE);
    expect(desk.at('S1').state).toBe('open');
    expect(desk.at('S1').silencedUntil).toBeUndefined();
    expect(desk.reasons(desk.at('S1').id, 'silenced')).toEqual([
      'silenced until 2026-03-02 14:00 UTC by Ana: seen on site',
      'no longer silenced',
    ]);
  });

  it('an incident: it goes on, marked, and a time gone by ends it early', () => {
    const desk = twoIncidents();
    const { id } = desk.at('S1');
    desk.act(T0 + 30 * MINUTE, { action: 'silence', incidentId: id, until });
    expect(desk.at('S1')).toMatchObject({ state: 'open', silencedUntil: until });
    const gone = new Date(T0).toISOString();
    desk.act(T0 + 40 * MINUTE, { action: 'silence', incidentId: id, until: gone });
    expect(desk.at('S1').silencedUntil).toBeUndefined();
  });

  it('an incident, ended early also where it has let go of what was silenced', () => {
    const desk = twoIncidents();
    const { id } = desk.at('S1');
    desk.act(T0 + 30 * MINUTE, { action: 'silence', incidentId: id, until });
    desk.act(T0 + 31 * MINUTE, { action: 'notAnIncident', incidentId: id });
    const gone = new Date(T0).toISOString();
    desk.act(T0 + 40 * MINUTE, { action: 'silence', incidentId: id, until: gone });
    desk.stage.alarms([alarm('site', 'S1', T0 + 50 * MINUTE)]);
    desk.until(T0 + HOUR);
    expect(desk.at('S1')).toMatchObject({ state: 'open' });
    expect(desk.at('S1').silencedUntil).toBeUndefined();
  });
});

describe('what operators mark as no incident', () => {
  it('makes later ones as sure as it less certain, and names the KPIs that spoke for it', () => {
    const desk = twoIncidents();
    const [one, other] = [desk.at('S1'), desk.at('S40')];
    expect(one.certainty).toBeGreaterThan(0.99);
    expect(one.kpis).toEqual(['drops']);
    desk.act(T0 + 30 * MINUTE, { action: 'notAnIncident', incidentId: one.id });
    desk.down('S20').until(T0 + 50 * MINUTE);
    expect(desk.at('S20').certainty).toBeLessThan(0.99);
    expect(desk.at('S40').certainty).toBe(other.certainty);
  });
});

describe('promise 1 holds for acts', () => {
  const given = fc.record({
    action: fc.constantFrom('merge', 'split', 'silence', 'setCause', 'comment', 'notAnIncident'),
    minute: fc.integer({ min: 21, max: 90 }),
    cells: fc.constant<string[]>(['S1-0', 'S1-1']),
    isSecond: fc.boolean(),
  } as const);

  it('whatever is done, a restart after every tick changes nothing', () => {
    fc.assert(
      fc.property(fc.array(given, { maxLength: 6 }), (acts) => {
        const [plain, restarted] = [false, true].map((isRestarted) => {
          const desk = twoIncidents(isRestarted);
          const ids = [desk.at('S1').id, desk.at('S40').id];
          for (const { action, minute, cells, isSecond } of [...acts].sort(
            (a, b) => a.minute - b.minute,
          )) {
            const [incidentId = '', into = ''] = isSecond ? [...ids].reverse() : ids;
            const resource = { type: 'site', id: 'S1' } as const;
            const until = new Date(T0 + 100 * MINUTE).toISOString();
            const named = action === 'setCause' ? { resource } : {};
            desk.act(T0 + minute * MINUTE, { action, incidentId, into, cells, until, ...named });
          }
          return desk.until(T0 + 4 * HOUR);
        });
        expect(restarted?.events).toEqual(plain?.events);
        expect([...(restarted?.incidents ?? [])]).toEqual([...(plain?.incidents ?? [])]);
      }),
      { seed: 7, numRuns: 15 },
    );
  });
});
