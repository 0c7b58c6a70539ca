import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Incident } from '../../src/domain/incident.js';
import type { Ticket } from '../../src/domain/ticket.js';
import { Desk, HOUR, setRepair } from './repair-desk.js';
import { MINUTE, T0 } from './small-network.js';

const iso = (atMs: number): string => new Date(atMs).toISOString();

interface Said extends Omit<Partial<Ticket>, 'saidAt' | 'repairAt'> {
  readonly saidMs: number;
  readonly repairMs?: number;
}

/** Ticket T-7 on site S5, if nothing else is said. */
function ticket({ saidMs, repairMs, ...rest }: Said): Ticket {
  const names = rest.incidentId === undefined ? { resourceId: 'S5' } : {};
  return {
    ticketId: 'T-7',
    ...names,
    ...rest,
    saidAt: iso(saidMs),
    ...(repairMs === undefined ? {} : { repairAt: iso(repairMs) }),
  };
}

function outOfService(): Desk {
  const desk = new Desk();
  desk.fail('S5', T0);
  return desk;
}

/** What is expected once these words have been said. */
function after(desk: Desk, untilMs: number, ...words: Said[]): Incident | undefined {
  desk.stage.tickets(words.map(ticket));
  desk.advance(untilMs);
  return desk.last;
}

const AT = T0 + 15 * MINUTE;
const LATER = T0 + 30 * MINUTE;

describe('a ticket on an incident', () => {
  it('says when service is back, who says so and since when', () => {
    const desk = outOfService();
    const saidBy = 'field team west';
    const said = after(desk, LATER, { saidMs: AT, repairMs: T0 + 3 * HOUR, saidBy });
    expect(said?.repair).toEqual({
      source: 'ticket',
      at: iso(T0 + 3 * HOUR),
      low: null,
      high: null,
      asOf: iso(AT),
      saidBy,
      ticketId: 'T-7',
      basedOn: 0,
    });
    expect(said?.estimatedRepairAt).toBe(iso(T0 + 3 * HOUR));
    const time = iso(T0 + 3 * HOUR)
      .slice(0, 16)
      .replace('T', ' ');
    const words = `ticket T-7, field team west expects repair at ${time} UTC`;
    expect(desk.events.at(-1)).toBe(`repair: ${words}`);
  });

  it('counts in its latest word, also when an earlier one comes late', () => {
    const desk = outOfService();
    after(desk, LATER, { saidMs: AT, repairMs: T0 + 3 * HOUR });
    after(desk, T0 + 40 * MINUTE, { saidMs: LATER, repairMs: T0 + 5 * HOUR });
    const late = after(desk, T0 + 50 * MINUTE, { saidMs: AT + MINUTE, repairMs: T0 + 4 * HOUR });
    expect(late?.repair).toMatchObject({ at: iso(T0 + 5 * HOUR), asOf: iso(LATER) });
  });

  it.each(['closed', 'withdrawn'] as const)('counts no more once it is %s', (state) => {
    const desk = new Desk();
    desk.livePast(24);
    const downMs = T0 + 24 * 12 * HOUR;
    desk.fail('S5', downMs);
    const saidMs = downMs + 15 * MINUTE;
    const said = after(desk, saidMs + MINUTE, { saidMs, repairMs: downMs + 9 * HOUR });
    expect(said?.repair?.source).toBe('ticket');
    const over = after(desk, saidMs + 20 * MINUTE, { saidMs: saidMs + 9 * MINUTE, state });
    expect(over?.repair?.source).toBe('model');
    expect(over?.repairOverrun).toBeUndefined();
    expect(desk.events.at(-1)).toMatch(/no longer counts: ticket T-7 took it back/);
  });

  it('whose time passed is said to be overrun, and the past foretells from then on', () => {
    const desk = new Desk();
    desk.livePast(24);
    const downMs = T0 + 24 * 12 * HOUR;
    desk.fail('S5', downMs);
    const word = { saidMs: downMs + 15 * MINUTE, repairMs: downMs + HOUR };
    const said = after(desk, downMs + HOUR + MINUTE, word);
    expect(said?.repair?.source).toBe('model');
    expect(Date.parse(said?.repair?.low ?? '')).toBeGreaterThan(downMs + HOUR);
    const overrun = { source: 'ticket', at: iso(word.repairMs), asOf: iso(word.saidMs) };
    expect(said?.repairOverrun).toEqual({ ...overrun, ticketId: 'T-7' });
    expect(desk.events.filter((event) => event.endsWith('overrun'))).toHaveLength(1);
    const next = { saidMs: downMs + 2 * HOUR, repairMs: downMs + 4 * HOUR };
    const again = after(desk, downMs + 130 * MINUTE, next);
    expect(again?.repair?.source).toBe('ticket');
    expect(again?.repairOverrun).toBeUndefined();
  });

  it('whose time passed leaves it unknown where nothing has been learnt', () => {
    const desk = outOfService();
    const said = after(desk, T0 + 2 * HOUR, { saidMs: AT, repairMs: T0 + HOUR });
    expect(said?.estimatedRepairAt).toBeNull();
    expect(said?.repair).toBeUndefined();
    expect(said?.repairOverrun).toMatchObject({ at: iso(T0 + HOUR) });
  });
});

describe('a ticket and an operator', () => {
  it('are weighed by when they gave their time', () => {
    const desk = outOfService();
    const id = desk.last?.id ?? '';
    after(desk, LATER, { saidMs: AT, repairMs: T0 + 3 * HOUR });
    desk.stage.acts([setRepair(id, LATER, T0 + 6 * HOUR)]);
    desk.advance(T0 + 40 * MINUTE);
    expect(desk.last?.repair).toMatchObject({ source: 'operator', saidBy: 'ana' });
    // the ticket is written in, but gives the time it gave before
    const bumped = { saidMs: T0 + 45 * MINUTE, repairMs: T0 + 3 * HOUR };
    expect(after(desk, T0 + 50 * MINUTE, bumped)?.repair?.source).toBe('operator');
    const newer = { saidMs: T0 + 55 * MINUTE, repairMs: T0 + 4 * HOUR };
    expect(after(desk, T0 + 60 * MINUTE, newer)?.repair).toMatchObject({
      source: 'ticket',
      at: iso(T0 + 4 * HOUR),
    });
  });

  it('end together when the operator went by the ticket', () => {
    const desk = outOfService();
    desk.stage.acts([setRepair(desk.last?.id ?? '', AT, T0 + 6 * HOUR, 'T-7')]);
    desk.advance(LATER);
    expect(desk.last?.repair).toMatchObject({ source: 'ticket', saidBy: 'ana', ticketId: 'T-7' });
    const closed = { saidMs: LATER, state: 'closed' as const };
    expect(after(desk, T0 + 40 * MINUTE, closed)?.estimatedRepairAt).toBeNull();
  });
});

describe('a ticket is about an incident', () => {
  const repairMs = T0 + 3 * HOUR;
  const told = (desk: Desk, said: Partial<Said>) =>
    after(desk, LATER, { saidMs: AT, repairMs, ...said })?.repair?.source;

  it.each([
    ['on its cause', { resourceId: 'S5', resourceType: 'site' }],
    ['on what its cause is part of', { resourceId: 'F0-1' }],
    ['that has just been opened before it', { saidMs: T0 - HOUR }],
  ] as const)('%s', (_, said) => {
    expect(told(outOfService(), said)).toBe('ticket');
  });

  it.each([
    ['on another site', { resourceId: 'S4' }],
    ['on one of its cells', { resourceId: 'S5-0' }],
    ['on nothing that is known', { resourceId: 'nowhere' }],
    ['that was last spoken of long before', { saidMs: T0 - 5 * HOUR }],
    ['without a time', { repairMs: undefined }],
  ] as const)('but not %s', (_, said) => {
    expect(told(outOfService(), said as Partial<Said>)).toBeUndefined();
  });

  it('that it names, whatever its age', () => {
    const desk = outOfService();
    const incidentId = desk.last?.id ?? '';
    expect(told(desk, { incidentId, saidMs: T0 - 5 * HOUR })).toBe('ticket');
  });

  it('only when it has all that failed: one of many sites says nothing of the whole', () => {
    const desk = new Desk();
    desk.cut('F0-1', T0);
    expect(desk.last?.cause).toMatchObject({ kind: 'transport', id: 'F0-1' });
    const sites = ['S4', 'S5', 'S6', 'S7'].map((resourceId) => ({ resourceId }));
    const words = sites.map((site, i) => ({ ...site, ticketId: `T-${i}`, saidMs: AT, repairMs }));
    expect(after(desk, LATER, ...words)?.repair).toBeUndefined();
    expect(told(desk, { resourceId: 'F0-1', saidMs: T0 + 20 * MINUTE })).toBeUndefined();
    desk.advance(T0 + 40 * MINUTE);
    expect(desk.last?.repair?.ticketId).toBe('T-7');
  });

  it('before a newer one on what its cause is part of', () => {
    const desk = outOfService();
    const above = { ticketId: 'T-8', resourceId: 'A0', saidMs: AT + MINUTE, repairMs: T0 + HOUR };
    expect(after(desk, LATER, { saidMs: AT, repairMs }, above)?.repair?.ticketId).toBe('T-7');
  });
});

const word = fc.record({
  ticketId: fc.constantFrom('T-1', 'T-2', 'T-3'),
  resourceId: fc.constantFrom('S5', 'F0-1', 'A0', 'S4'),
  minute: fc.integer({ min: -30, max: 170 }),
  forMinutes: fc.option(fc.integer({ min: -20, max: 200 }), { nil: undefined }),
  state: fc.constantFrom('open' as const, 'open' as const, 'closed' as const, 'withdrawn' as const),
});

describe('tickets', () => {
  it('say the same whatever the batching, and whenever the stage is started again', () => {
    fc.assert(
      fc.property(fc.array(word, { maxLength: 12 }), fc.nat(170), (words, restartMinute) => {
        const said = words.map(({ minute, forMinutes, ...rest }) => {
          const saidMs = T0 + minute * MINUTE;
          const repair = forMinutes === undefined ? {} : { repairMs: saidMs + forMinutes * MINUTE };
          return ticket({ ...rest, saidMs, ...repair });
        });
        const [whole, trickled] = [outOfService(), outOfService()];
        whole.stage.tickets(said);
        whole.advance(T0 + 3 * HOUR);
        for (const each of [...said].reverse()) trickled.stage.tickets([each]);
        trickled.advance(T0 + restartMinute * MINUTE);
        trickled.restart();
        trickled.advance(T0 + 3 * HOUR);
        expect(trickled.last?.repair).toEqual(whole.last?.repair);
        expect(trickled.last?.repairOverrun).toEqual(whole.last?.repairOverrun);
        const at = Date.parse(whole.last?.repair?.at ?? iso(T0 + 4 * HOUR));
        expect(at).toBeGreaterThan(T0 + 3 * HOUR - 10 * MINUTE);
      }),
      { seed: 20_260_311, numRuns: 30 },
    );
  });
});
