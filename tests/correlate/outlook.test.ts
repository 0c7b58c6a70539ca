import { describe, expect, it } from 'vitest';
import { createCorrelate } from '../../src/correlate/correlate.js';
import { Desk, EVERY, HOUR, ROWS, RULES, setRepair } from './repair-desk.js';
import { LANE, MINUTE, T0 } from './small-network.js';

describe('the expected repair of an incident', () => {
  const NEXT = T0 + 24 * EVERY;

  it('is claimed only once enough incidents of its own have ended', () => {
    const desk = new Desk();
    desk.livePast(19);
    desk.fail('S5', T0 + 19 * EVERY);
    expect(desk.last?.state).toBe('open');
    expect(desk.last?.estimatedRepairAt).toBeNull();
    expect(desk.last?.repair).toBeUndefined();
  });

  it('is learnt from them, with a band, and moves on as time passes', () => {
    const desk = new Desk();
    desk.livePast(24);
    desk.fail('S5', NEXT);
    const early = desk.last?.repair;
    expect(early).toMatchObject({ source: 'model' });
    expect(early?.basedOn).toBeGreaterThanOrEqual(20);
    const hours = (Date.parse(early?.at ?? '') - NEXT) / HOUR;
    expect(hours).toBeGreaterThan(1.2);
    expect(hours).toBeLessThan(3.2);
    expect(desk.last?.estimatedRepairAt).toBe(early?.at);
    desk.advance(NEXT + 4 * HOUR);
    const late = desk.last?.repair;
    expect(Date.parse(late?.low ?? '')).toBeGreaterThanOrEqual(Date.parse(late?.asOf ?? ''));
    expect(Date.parse(late?.at ?? '')).toBeGreaterThan(Date.parse(early?.at ?? ''));
    expect(Date.parse(late?.high ?? '')).toBeGreaterThan(NEXT + 4 * HOUR);
  });

  it('is the same whenever the stage is stopped and started again', () => {
    const [one, other] = [new Desk(), new Desk()];
    for (const desk of [one, other]) {
      desk.livePast(22);
      if (desk === other) desk.restart();
      desk.livePast(0);
      desk.fail('S5', NEXT);
      if (desk === other) desk.restart();
      desk.advance(NEXT + 3 * HOUR);
    }
    expect(other.last?.repair?.source).toBe('model');
    expect([...other.said.values()]).toEqual([...one.said.values()]);
    expect(other.stage.snapshot()).toEqual(one.stage.snapshot());
  });

  it('is what a ticket or operator says until that time has passed, then the past again', () => {
    const desk = new Desk();
    desk.livePast(24);
    desk.fail('S5', NEXT);
    const id = desk.last?.id ?? '';
    const saidMs = NEXT + 20 * MINUTE;
    desk.stage.acts([setRepair(id, saidMs, NEXT + HOUR, 'T-7')]);
    desk.advance(NEXT + 30 * MINUTE);
    expect(desk.last?.repair).toEqual({
      source: 'ticket',
      at: new Date(NEXT + HOUR).toISOString(),
      low: null,
      high: null,
      asOf: new Date(saidMs).toISOString(),
      saidBy: 'ana',
      ticketId: 'T-7',
      basedOn: 0,
    });
    desk.advance(NEXT + 61 * MINUTE);
    expect(desk.last?.repair?.source).toBe('model');
    desk.stage.acts([setRepair(id, NEXT + 70 * MINUTE, NEXT + 9 * HOUR)]);
    desk.advance(NEXT + 4 * HOUR);
    expect(desk.last?.repair?.source).toBe('operator');
  });

  it('is not said anew at every look', () => {
    const desk = new Desk();
    desk.livePast(24);
    desk.fail('S5', NEXT);
    const before = desk.revisions;
    desk.advance(NEXT + 2 * HOUR, MINUTE);
    expect(desk.revisions - before).toBeLessThanOrEqual(8);
  });

  it('reads a state from before anything was learnt', () => {
    const desk = new Desk();
    desk.fail('S5', T0);
    const state = JSON.parse(new TextDecoder().decode(desk.stage.snapshot()));
    const { repairs: _repairs, ...old } = state;
    const episodes = state.episodes.map((each: object) => {
      const kept = Object.entries(each).filter(
        ([name]) =>
          !['repair', 'told', 'overrun', 'reviewAtMs', 'firstCells', 'goingThen'].includes(name),
      );
      return { ...Object.fromEntries(kept), repairAtMs: T0 + HOUR, isRepairGiven: true };
    });
    const one = { ...old, version: 1, episodes };
    const stage = createCorrelate(ROWS, RULES, [LANE]);
    stage.restore(new TextEncoder().encode(JSON.stringify(one)));
    const change = stage.advance(T0 + 40 * MINUTE).changes.at(-1);
    expect(change?.incident.repair).toMatchObject({ source: 'operator' });
    expect(change?.incident.estimatedRepairAt).toBe(new Date(T0 + HOUR).toISOString());
  });
});
