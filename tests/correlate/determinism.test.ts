import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createCorrelate } from '../../src/correlate/correlate.js';
import type { Alarm } from '../../src/domain/alarm.js';
import type { DetectEvent } from '../../src/domain/anomaly.js';
import { TocsinError } from '../../src/domain/errors.js';
import {
  alarm,
  cleared,
  clearOf,
  LANE,
  loadRules,
  MINUTE,
  network,
  PERIOD,
  type Play,
  play,
  raised,
  SECOND,
  T0,
} from './small-network.js';

const ROWS = network({ aggregations: 2, fibresPerAggregation: 2, sitesPerFibre: 4 });
const SEED = 20_260_302;
const RUNS = { seed: SEED, numRuns: 15 };

interface Story {
  readonly events: readonly DetectEvent[];
  readonly alarms: readonly Alarm[];
}

const cell = fc.constantFrom(...ROWS.cells.map(({ cellId }) => cellId));

const trouble = fc
  .record({
    objectId: cell,
    kind: fc.constantFrom('deviation', 'zeroTraffic', 'silence', 'limit'),
    period: fc.nat(6),
    lasts: fc.integer({ min: 1, max: 6 }),
    score: fc.integer({ min: 2, max: 10 }).map((digits) => 1 - 10 ** -digits),
    degree: fc.double({ min: 0, max: 1, noNaN: true }),
  })
  .map(({ objectId, period, lasts, ...rest }) => {
    const spec = { ...rest, startedAtMs: T0 + period * PERIOD };
    return [raised(objectId, spec), cleared(objectId, spec, spec.startedAtMs + lasts * PERIOD)];
  });

const alert = fc
  .record({
    what: fc.oneof(
      fc.constantFrom(...ROWS.sites.map(({ siteId }) => ['site', siteId] as const)),
      fc.constantFrom(...ROWS.links.map(({ linkId }) => ['link', linkId] as const)),
    ),
    severity: fc.constantFrom('critical', 'major', 'minor', 'warning'),
    second: fc.nat(5400),
    lasts: fc.integer({ min: 5, max: 5400 }),
  })
  .map(({ what: [type, id], severity, second, lasts }) => {
    const raisedMs = T0 + second * SECOND;
    const up = alarm(type, id, raisedMs, { perceivedSeverity: severity, probableCause: severity });
    return [up, clearOf(up, raisedMs + lasts * SECOND)];
  });

/** A whole site falls silent while cells elsewhere carry more, or do not. */
const siteSilence = fc
  .record({
    site: fc.constantFrom(...ROWS.sites.map(({ siteId }) => siteId)),
    period: fc.nat(3),
    lasts: fc.integer({ min: 1, max: 8 }),
    risen: fc.array(
      fc.record({ objectId: cell, period: fc.nat(8), z: fc.constantFrom(1, 1.5, 4) }),
      {
        maxLength: 20,
      },
    ),
  })
  .map(({ site, period, lasts, risen }): DetectEvent[] => {
    const spec = { kind: 'silence', startedAtMs: T0 + period * PERIOD, score: 0.999 } as const;
    const cells = ROWS.cells.filter(({ siteId }) => siteId === site);
    const told = new Map(risen.map((each) => [`${each.objectId}/${each.period}`, each]));
    return [
      ...cells.flatMap(({ cellId }) => [
        raised(cellId, spec),
        cleared(cellId, spec, spec.startedAtMs + lasts * PERIOD),
      ]),
      ...[...told.values()].map(
        ({ objectId, period: at, z }) =>
          ({ type: 'rise', atMs: T0 + (at + 1) * PERIOD, objectId, z }) as const,
      ),
    ];
  });

function isAbout(event: DetectEvent, others: readonly DetectEvent[]): boolean {
  const cellOf = (each: DetectEvent): string | undefined =>
    'anomaly' in each ? each.anomaly.objectId : undefined;
  return others.some((each) => cellOf(each) !== undefined && cellOf(each) === cellOf(event));
}

const story: fc.Arbitrary<Story> = fc.record({
  events: fc
    .tuple(fc.array(trouble, { maxLength: 25 }), fc.option(siteSilence, { nil: [] }))
    .map(([all, site]) => [...all.flat().filter((each) => !isAbout(each, site)), ...site]),
  alarms: fc.array(alert, { maxLength: 8 }).map((all) => all.flat()),
});

const UNTIL = { rows: ROWS, untilMs: T0 + 180 * MINUTE } satisfies Partial<Play>;

describe('promise 1: the same input gives the same incidents', () => {
  it('whatever the batching within a tick', () => {
    fc.assert(
      fc.property(story, (told) => {
        const whole = play({ ...UNTIL, ...told });
        expect(play({ ...UNTIL, ...told, isTrickled: true })).toEqual(whole);
        const mixed = { events: [...told.events].reverse(), alarms: [...told.alarms].reverse() };
        expect(play({ ...UNTIL, ...mixed }).changes).toEqual(whole.changes);
      }),
      RUNS,
    );
  });

  it('whatever the ticks, as long as inputs come before the tick that covers them', () => {
    fc.assert(
      fc.property(story, fc.constantFrom(30 * SECOND, MINUTE), (told, tickMs) => {
        const coarse = play({ ...UNTIL, tickMs: 5 * MINUTE, ...told });
        const fine = play({ ...UNTIL, tickMs, ...told });
        const byId = (played: typeof coarse) =>
          [...played.incidents].sort((x, y) => (x.id < y.id ? -1 : 1));
        expect(byId(fine)).toEqual(byId(coarse));
      }),
      { ...RUNS, numRuns: 8 },
    );
  });

  it('whenever it is stopped and started again from a snapshot', () => {
    fc.assert(
      fc.property(story, (told) => {
        expect(play({ ...UNTIL, ...told, isRestarted: true })).toEqual(play({ ...UNTIL, ...told }));
      }),
      RUNS,
    );
  });
});

describe('a snapshot', () => {
  it('is the same when taken again and when restored', () => {
    const stage = createCorrelate(ROWS, loadRules(), [LANE]);
    stage.detected([raised('S1-0', { kind: 'zeroTraffic', startedAtMs: T0 })]);
    stage.alarms([alarm('site', 'S3', T0), alarm('site', 'nowhere', T0)]);
    stage.advance(T0 + PERIOD);
    const state = stage.snapshot();
    expect(stage.snapshot()).toEqual(state);
    const other = createCorrelate(ROWS, loadRules(), [LANE]);
    other.detected([raised('S2-0', { kind: 'zeroTraffic', startedAtMs: T0 })]);
    other.advance(T0 + PERIOD);
    other.restore(state);
    expect(other.snapshot()).toEqual(state);
  });

  it('can be restored into a newer inventory', () => {
    const stage = createCorrelate(ROWS, loadRules(), [LANE]);
    stage.detected([raised('S1-0', { kind: 'zeroTraffic', startedAtMs: T0 })]);
    const [before] = stage.advance(T0 + PERIOD).changes;
    const grown = network({ aggregations: 3, fibresPerAggregation: 2, sitesPerFibre: 4 });
    const newer = { ...grown, cells: grown.cells.filter(({ cellId }) => cellId !== 'S0-0') };
    const other = createCorrelate(newer, loadRules(), [LANE]);
    other.restore(stage.snapshot());
    const spec = { kind: 'zeroTraffic', startedAtMs: T0 } as const;
    other.detected([cleared('S1-0', spec, T0 + PERIOD)]);
    const after = other.advance(T0 + 12 * PERIOD).changes.at(-1);
    expect(after?.incident).toMatchObject({ id: before?.incident.id, state: 'closed' });
  });

  it('of another version is refused', () => {
    const stage = createCorrelate(ROWS, loadRules(), [LANE]);
    const wrong = new TextEncoder().encode('{"version":9}');
    expect(() => stage.restore(wrong)).toThrow(TocsinError);
    expect(() => stage.restore(wrong)).toThrow(/version 9, allowed: 1/);
  });
});
