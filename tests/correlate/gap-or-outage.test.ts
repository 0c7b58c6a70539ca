import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DetectEvent } from '../../src/domain/anomaly.js';
import {
  alarm,
  cleared,
  MINUTE,
  network,
  opened,
  PERIOD,
  play,
  raised,
  T0,
} from './small-network.js';

const ROWS = network({ aggregations: 3, fibresPerAggregation: 3, sitesPerFibre: 4 });
const CELLS = ROWS.cells.map(({ cellId }) => cellId);
const RUNS = { seed: 20_260_304, numRuns: 25 };
const UNTIL = T0 + 20 * PERIOD;

/** Cells fall silent together or one after another, and report again or not. */
const spell = fc.record({
  startPeriod: fc.nat(3),
  periods: fc.integer({ min: 2, max: 12 }),
  isOver: fc.boolean(),
  digits: fc.integer({ min: 3, max: 9 }),
});

function silences(
  cells: readonly string[],
  given: typeof spell extends fc.Arbitrary<infer T> ? T : never,
) {
  const startedAtMs = T0 + given.startPeriod * PERIOD;
  const spec = { kind: 'silence', startedAtMs, score: 1 - 10 ** -given.digits } as const;
  return cells.flatMap((cell): DetectEvent[] => {
    const ended = cleared(cell, spec, startedAtMs + given.periods * PERIOD);
    return given.isOver ? [raised(cell, spec), ended] : [raised(cell, spec)];
  });
}

/** Cells whose reports come through one collector: any of them, or all of some sites. */
const collector = fc.oneof(
  fc.subarray(CELLS, { minLength: 1 }),
  fc
    .subarray(
      ROWS.sites.map(({ siteId }) => siteId),
      { minLength: 1 },
    )
    .map((sites) => ROWS.cells.filter(({ siteId }) => sites.includes(siteId)).map((c) => c.cellId)),
);

const line = fc.constantFrom(
  ...new Set(ROWS.links.filter(({ kind }) => kind === 'transport').map(({ linkId }) => linkId)),
);

function cellsBehind(linkId: string): string[] {
  const sites = new Set(ROWS.links.filter((link) => link.linkId === linkId).map((l) => l.childId));
  return ROWS.cells.filter(({ siteId }) => sites.has(siteId)).map(({ cellId }) => cellId);
}

describe('promise 4: a broken feed is not an outage', () => {
  it('whatever falls silent for however long, silence alone opens nothing', () => {
    fc.assert(
      fc.property(collector, spell, fc.boolean(), (cells, given, isRestarted) => {
        const events = silences(cells, given);
        const played = play({ rows: ROWS, events, untilMs: UNTIL, isRestarted });
        expect(opened(played)).toEqual([]);
        expect(played.incidents.filter(({ state }) => state === 'open')).toEqual([]);
      }),
      RUNS,
    );
  });

  it('what is listed of it is all of a resource, is suspected only, and is told to nobody', () => {
    fc.assert(
      fc.property(collector, spell, fc.constantFrom(0, 1.2, 2.5), (cells, given, z) => {
        const busy = [1, 2, 3, 4].flatMap((period) =>
          CELLS.filter((cell) => z > 0 && !cells.includes(cell)).map(
            (objectId): DetectEvent => ({
              ...{ type: 'rise', objectId, z },
              atMs: T0 + (given.startPeriod + period) * PERIOD,
            }),
          ),
        );
        const events = [...silences(cells, given), ...busy];
        const silent = new Set(cells);
        const isWhole = ({ siteId }: { readonly siteId: string }): boolean =>
          CELLS.filter((cell) => cell.startsWith(`${siteId}-`)).every((cell) => silent.has(cell));
        const whole = new Set(ROWS.sites.filter(isWhole).map(({ siteId }) => siteId));
        const { changes } = play({ rows: ROWS, events, untilMs: UNTIL });
        for (const { incident } of changes) {
          expect(['suspected', 'closed']).toContain(incident.state);
          expect(incident.certainty).toBeUndefined();
          expect(incident.sites.filter((site) => !whole.has(site))).toEqual([]);
        }
      }),
      RUNS,
    );
  });

  it('an alarm that discriminates makes it an incident on what it is about, and no more', () => {
    fc.assert(
      fc.property(line, spell, fc.boolean(), (linkId, given, isWholeFeed) => {
        const behind = cellsBehind(linkId);
        const events = silences(isWholeFeed ? CELLS : behind, { ...given, isOver: false });
        const atMs = T0 + given.startPeriod * PERIOD + MINUTE;
        const alarms = [alarm('link', linkId, atMs)];
        const played = play({ rows: ROWS, events, alarms, untilMs: UNTIL });
        const [incident, ...others] = opened(played);
        expect(others).toEqual([]);
        expect(incident?.cause.id).toBe(linkId);
        expect(incident?.cells.map(({ cellId }) => cellId)).toEqual([...behind].sort());
        const known = new Set(played.gaps.at(-1)?.cells);
        expect(behind.filter((cell) => known.has(cell))).toEqual([]);
        expect(known.size).toBe(isWholeFeed ? CELLS.length - behind.length : 0);
      }),
      RUNS,
    );
  });

  it('people are told of nothing that nothing but silence speaks for', () => {
    fc.assert(
      fc.property(collector, spell, line, (cells, given, linkId) => {
        const events = silences(cells, given);
        const major = { perceivedSeverity: 'minor' } as const;
        const alarms = [alarm('link', linkId, T0 + MINUTE, major)];
        for (const incident of opened(play({ rows: ROWS, events, alarms, untilMs: UNTIL }))) {
          const behind = new Set(cellsBehind(linkId));
          expect(incident.cells.filter(({ cellId }) => !behind.has(cellId))).toEqual([]);
        }
      }),
      RUNS,
    );
  });
});
