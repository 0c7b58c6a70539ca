import { describe, expect, it } from 'vitest';
import type { DetectEvent } from '../../src/domain/anomaly.js';
import { alarm, MINUTE, network, opened, PERIOD, play, raised, T0 } from './small-network.js';

const HOUR = 60 * MINUTE;
const ROWS = network({ aggregations: 4, fibresPerAggregation: 4, sitesPerFibre: 10 });
const CELLS = ['S70-0', 'S70-1', 'S70-2'];
const VOICE = { kpi: 'voiceDrops', startedAtMs: T0, degree: 0.8 } as const;

describe('what a cell lost', () => {
  it('is calls alone where only the KPI of calls is bad', () => {
    const events = CELLS.map((cell) => raised(cell, VOICE));
    const [incident] = opened(play({ rows: ROWS, untilMs: T0 + HOUR, events }));
    const lost = { degree: 0.8, services: { voice: 0.8, data: 0, sms: 0 } };
    expect(incident?.cells).toHaveLength(3);
    for (const cell of incident?.cells ?? []) expect(cell).toMatchObject(lost);
  });

  it('is by service the worst of the KPIs that speak of it', () => {
    const others = { kpi: 'drops', startedAtMs: T0, degree: 0.4 } as const;
    const events = CELLS.flatMap((cell) => [raised(cell, VOICE), raised(cell, others)]);
    const played = play({ rows: ROWS, untilMs: T0 + HOUR, events });
    const services = { voice: 0.8, data: 0.4, sms: 0.4 };
    for (const cell of opened(played)[0]?.cells ?? []) expect(cell.services).toEqual(services);
    const again = play({ rows: ROWS, untilMs: T0 + HOUR, events, isRestarted: true });
    expect(again.changes).toEqual(played.changes);
  });

  it('is everything where it is silent, has no traffic or a site is down', () => {
    const gone = CELLS.map((cell) => raised(cell, { kind: 'zeroTraffic', startedAtMs: T0 }));
    const mute = { kind: 'silence', startedAtMs: T0 } as const;
    const silent = CELLS.map((cell) => raised(cell, mute));
    const down = alarm('site', 'S70', T0 + MINUTE);
    for (const played of [
      play({ rows: ROWS, untilMs: T0 + HOUR, events: gone }),
      play({ rows: ROWS, untilMs: T0 + HOUR, events: silent, alarms: [down] }),
      play({ rows: ROWS, untilMs: T0 + 10 * MINUTE, alarms: [down] }),
    ]) {
      const [incident] = opened(played);
      expect(incident?.cells).toHaveLength(3);
      for (const cell of incident?.cells ?? []) expect(cell.services).toBeUndefined();
    }
  });

  it('is calls where an alarm says that what carries calls alone has failed', () => {
    const links = ROWS.cells
      .filter(({ siteId }) => ['S70', 'S71'].includes(siteId))
      .map(({ cellId }, n) => ({
        linkId: `IL${n}`,
        parentId: 'TAS1',
        childId: cellId,
        kind: 'ims',
      }));
    const rows = { ...ROWS, links: [...ROWS.links, ...links] };
    const alarms = [alarm('function', 'TAS1', T0)];
    const [incident] = opened(play({ rows, untilMs: T0 + 5 * MINUTE, alarms }));
    expect(incident?.cells).toHaveLength(6);
    const services = { voice: 1, data: 0, sms: 0 };
    for (const cell of incident?.cells ?? []) expect(cell).toMatchObject({ degree: 1, services });
  });
});

describe('what neighbours take up', () => {
  const around = ['S66', 'S67', 'S68', 'S69', 'S71', 'S72', 'S73', 'S74'];
  const neighbours = around.flatMap((site) =>
    [0, 1, 2].map((k) => ({ cellId: `S70-${k}`, neighbourId: `${site}-${k}`, weight: 0.1 })),
  );
  const rows = { ...ROWS, neighbours };
  const silent = CELLS.map((cell) => raised(cell, { kind: 'silence', startedAtMs: T0 }));
  const down = [alarm('site', 'S70', T0 + MINUTE)];
  const rise = (objectId: string, ratio: number): DetectEvent => ({
    ...{ type: 'rise', objectId, z: 1.2, ratio },
    atMs: T0 + 2 * PERIOD,
  });
  const shareOf = (events: readonly DetectEvent[]): unknown =>
    opened(play({ rows, untilMs: T0 + HOUR, events: [...silent, ...events], alarms: down }))[0]
      ?.absorbed;

  it('is measured by what they carry more than expected', () => {
    const risen = neighbours.map(({ neighbourId }) => rise(neighbourId, 1.06));
    const asOf = new Date(T0 + 2 * PERIOD).toISOString();
    expect(shareOf(risen)).toEqual({ share: 0.48, neighbours: 24, asOf });
  });

  it('is nothing where the whole network carries as much more', () => {
    const everywhere = ROWS.cells
      .filter(({ siteId }) => siteId !== 'S70')
      .map(({ cellId }) => rise(cellId, 1.06));
    expect(shareOf(everywhere)).toMatchObject({ share: 0 });
  });

  it('is not said where nothing was measured', () => {
    expect(shareOf([])).toBeUndefined();
  });
});
