import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseYaml } from '../../src/adapters/rules/load-yaml.js';
import { allServices, SERVICES } from '../../src/domain/services.js';
import { AwayGrid } from '../../src/impact/away-grid.js';
import { lossOf } from '../../src/impact/cell-loss.js';
import { DayPartClock } from '../../src/impact/day-parts.js';
import { homeShares } from '../../src/impact/home-coverage.js';
import { learnDay } from '../../src/impact/learn-usual.js';
import { checkImpactRules, ImpactRules } from '../../src/impact/rules.js';
import { stayProbability, staySegments } from '../../src/impact/stay.js';
import {
  catchingCells,
  type Exposure,
  type ExposureFrame,
  exposureAround,
  exposureAt,
  exposureOf,
  homeExposure,
  type LostCell,
  UNEXPOSED,
} from '../../src/impact/whereabouts.js';
import { shippedImpactRules as impactRules, MINUTE, T0 } from '../services/customers.js';

const rules = impactRules.whereabouts;
const clock = new DayPartClock('Europe/Paris');
const HOUR = 60 * MINUTE;
/** Thursday 15 January 2026, 03:00 in Paris. */
const NIGHT = Date.UTC(2026, 0, 15, 2);
const segments = staySegments(T0, clock, rules);
const dark: LostCell = { sinceMs: T0 - 30 * MINUTE, none: 0.8, worse: allServices(0) };
const slow: LostCell = {
  ...{ sinceMs: T0 - 30 * MINUTE, none: 0 },
  worse: { voice: 0.1, data: 0.5, sms: 0 },
};

function frame(given: Partial<ExposureFrame<string>> = {}): ExposureFrame<string> {
  const lost = new Map([
    ['D', dark],
    ['S', slow],
  ]);
  return { lost, catching: new Map(), mode: 'lastSeen', segments, ...given };
}
const home: Exposure = {
  ...{ probability: 0.4, dark: 0.3, none: 0.2 },
  worse: { voice: 0, data: 0.05, sms: 0 },
};

describe('staying at a place', () => {
  it('is sure at once, less so with time, and unknown beyond what is kept', () => {
    expect(stayProbability(segments, T0)).toBe(1);
    expect(stayProbability(segments, T0 + MINUTE)).toBe(1);
    const ages = [5, 30, 120, 300, 600].map((age) => stayProbability(segments, T0 - age * MINUTE));
    expect([...ages].sort((a, b) => b - a)).toEqual(ages);
    expect(ages[0]).toBeGreaterThan(0.95);
    expect(stayProbability(segments, T0 - rules.keepHours * HOUR - 1)).toBe(0);
  });

  it('lasts longer by night than by day', () => {
    const night = staySegments(NIGHT, clock, rules);
    expect(stayProbability(night, NIGHT - 2 * HOUR)).toBeGreaterThan(
      stayProbability(segments, T0 - 2 * HOUR),
    );
  });

  it('adds up the rates of the parts of the week that lie between', () => {
    const evening = Date.UTC(2026, 0, 14, 17);
    const { workDay, workEvening } = rules.stayMinutes;
    const expected = Math.exp(-(60 / workDay + 60 / workEvening));
    const found = stayProbability(staySegments(evening, clock, rules), evening - 2 * HOUR);
    expect(found).toBeCloseTo(expected, 12);
  });

  it('covers the kept time without holes, over the change of the clocks too', () => {
    for (const now of [T0, NIGHT, Date.UTC(2026, 2, 29, 6), Date.UTC(2026, 9, 25, 7, 7)]) {
      const pieces = staySegments(now, clock, rules);
      expect(pieces[0]?.fromMs).toBe(now - rules.keepHours * HOUR);
      pieces.forEach(({ toMs }, at) => {
        expect(toMs).toBe(pieces[at + 1]?.fromMs ?? now);
      });
    }
  });

  it('takes not being seen at a dark cell for nothing: only the time until it failed counts', () => {
    const seenMs = T0 - 50 * MINUTE;
    const before = stayProbability(segments, seenMs, T0 - 30 * MINUTE);
    expect(before).toBeCloseTo(Math.exp(-20 / rules.stayMinutes.workDay), 12);
    expect(stayProbability(segments, seenMs)).toBeLessThan(before);
  });
});

describe('exposure to an incident', () => {
  it('follows a sighting of five minutes ago more than where somebody usually is', () => {
    const away = { seen: { cell: 'other', atMs: T0 - 5 * MINUTE }, home, usual: home };
    const here = { seen: { cell: 'S', atMs: T0 - 5 * MINUTE }, home: UNEXPOSED };
    for (const mode of ['lastSeen', 'learnt'] as const) {
      expect(exposureAt(away, frame({ mode })).probability).toBeLessThan(0.05);
      expect(exposureAt(here, frame({ mode })).probability).toBeGreaterThan(0.95);
    }
  });

  it('reads nothing that the mode does not allow', () => {
    const where = { seen: { cell: 'D', atMs: T0 - MINUTE }, usual: UNEXPOSED, home };
    expect(exposureAt(where, frame({ mode: 'declared' }))).toEqual(home);
    const unseen = { usual: UNEXPOSED, home };
    expect(exposureAt(unseen, frame({ mode: 'lastSeen' }))).toEqual(home);
    expect(exposureAt(unseen, frame({ mode: 'learnt' }))).toEqual(UNEXPOSED);
  });

  it('takes a sighting since the failure at a cell that catches phones for nothing', () => {
    const where = { seen: { cell: 'N', atMs: T0 - 10 * MINUTE }, home };
    const catching = new Map([['N', dark.sinceMs]]);
    expect(exposureAt(where, frame({ catching }))).toEqual(home);
    expect(exposureAt(where, frame()).probability).toBeLessThan(home.probability);
    const before = { seen: { cell: 'N', atMs: dark.sinceMs - MINUTE }, home };
    expect(exposureAt(before, frame({ catching })).probability).toBeLessThan(home.probability);
  });

  it('is a probability, and what is lost never more than that', () => {
    const share = fc.double({ min: 0, max: 0.5, noNaN: true });
    const age = fc.integer({ min: 0, max: 900 });
    const cell = fc.constantFrom('D', 'S', 'other');
    fc.assert(
      fc.property(share, share, age, cell, (atDark, atSlow, minutes, at) => {
        const usual = exposureOf(
          [
            ['D', atDark],
            ['S', atSlow],
          ],
          frame().lost,
        );
        const seen = { cell: at, atMs: T0 - minutes * MINUTE };
        const exposure = exposureAt({ seen, usual, home }, frame({ mode: 'learnt' }));
        const { probability, dark, none } = exposure;
        expect(probability).toBeGreaterThanOrEqual(0);
        expect(probability).toBeLessThanOrEqual(1);
        expect(dark).toBeLessThanOrEqual(probability + 1e-12);
        const all = lossOf(exposure, 1, impactRules);
        const limited = lossOf(exposure, 0.3, impactRules);
        expect(all.degree).toBeLessThanOrEqual(limited.degree + 1e-12);
        for (const service of SERVICES) {
          expect(limited.lost[service]).toBeLessThanOrEqual(probability + 1e-12);
          expect(all.lost[service]).toBeLessThanOrEqual(limited.lost[service] + 1e-12);
          expect(all.lost[service]).toBeGreaterThanOrEqual(all.none - 1e-12);
        }
        expect(none).toBeLessThanOrEqual(probability);
      }),
      { seed: 4 },
    );
  });

  it('finds the cells that catch: in service, and of the greatest overlap', () => {
    const neighbours = [
      { cell: 'S', weight: 0.9 },
      { cell: 'N', weight: 0.6 },
      { cell: 'M', weight: 0.2 },
    ];
    const found = catchingCells(frame().lost, (id) => (id === 'D' ? neighbours : []));
    expect([...found]).toEqual([['N', dark.sinceMs]]);
  });
});

describe('a declared place', () => {
  const cells = [
    { cellId: 'A', neighbours: [{ cellId: 'B', weight: 0.8 }] },
    { cellId: 'B', neighbours: [] },
  ];

  it('is covered by its cells and, in part, by those that overlap', () => {
    const shares = homeShares(cells, 0.2);
    expect(shares.get('A')).toBeCloseTo(0.4, 12);
    expect(shares.get('B')).toBeCloseTo(0.6, 12);
    expect(homeShares([], 0.2).size).toBe(0);
  });

  it('exposes those at home by its cells and those away by what is lost around', () => {
    const lost = new Map([['A', dark]]);
    const atPlace = exposureOf(homeShares(cells, 0.2), lost);
    const around = exposureAround(0.1, lost.values());
    const { probability, none } = homeExposure(atPlace, around, { placeRight: 0.9, atHome: 0.5 });
    expect(probability).toBeCloseTo(0.9 * (0.5 * 0.4 + 0.5 * 0.1), 12);
    expect(none).toBeCloseTo(probability * dark.none, 12);
  });
});

describe('places around', () => {
  const sites = [
    { siteId: 'here', lat: 48.1, lon: -1.6, cells: 3 },
    { siteId: 'near', lat: 48.16, lon: -1.6, cells: 3 },
    { siteId: 'far', lat: 48.35, lon: -1.6, cells: 3 },
    { siteId: 'elsewhere', lat: 45, lon: 3, cells: 30 },
  ];
  const around = (...lost: string[]): number => {
    const grid = new AwayGrid(sites);
    grid.setLost(new Map(lost.map((siteId) => [siteId, 3])));
    return grid.lostAround('here');
  };

  it('draw more the nearer they are, and not beyond a day’s reach', () => {
    expect(around('here')).toBeGreaterThan(around('near'));
    expect(around('near')).toBeGreaterThan(around('far'));
    expect(around('elsewhere')).toBe(0);
    expect(around('here', 'near', 'far')).toBeCloseTo(1, 12);
    expect(around()).toBe(0);
  });

  it('forget an incident when given another', () => {
    const grid = new AwayGrid(sites);
    grid.setLost(new Map([['here', 3]]));
    grid.setLost(new Map([['near', 3]]));
    expect(grid.lostAround('here')).toBe(around('near'));
    expect(grid.lostAround('unknown')).toBe(0);
  });
});

describe('learning usual places', () => {
  const none = new Map<string, number>();

  it('begins half with the declared place and comes to where somebody is seen', () => {
    const declared = new Map([['home', 1]]);
    let known = learnDay(none, new Map([['work', 3]]), declared, rules);
    expect(known.get('home')).toBeCloseTo(0.5, 12);
    for (let day = 0; day < 40; day++) {
      known = learnDay(known, new Map([['work', 3]]), declared, rules);
    }
    expect([...known]).toEqual([['work', 1]]);
  });

  it('halves what it knew in the half-life and keeps shares of one whole', () => {
    let known: ReadonlyMap<string, number> = new Map([['old', 1]]);
    for (let day = 0; day < rules.halfLifeDays; day++) {
      known = learnDay(known, new Map([['new', 1]]), none, rules);
    }
    expect(known.get('old')).toBeCloseTo(0.5, 12);
    expect([...known.values()].reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 12);
  });

  it('learns nothing from a day without sightings and forgets what is rare', () => {
    const known = new Map([
      ['home', 0.96],
      ['once', 0.04],
    ]);
    expect(learnDay(known, none, none, rules)).toEqual(known);
    const later = [1, 2, 3, 4].reduce<ReadonlyMap<string, number>>(
      (was) => learnDay(was, new Map([['home', 2]]), none, rules),
      known,
    );
    expect([...later.keys()]).toEqual(['home']);
  });
});

describe('the mode', () => {
  const refusal = (mode: string, legalBasis?: string): string => {
    const given = structuredClone(impactRules) as { whereabouts: Record<string, unknown> };
    given.whereabouts.mode = mode;
    if (legalBasis !== undefined) given.whereabouts.legalBasis = legalBasis;
    try {
      parseYaml(JSON.stringify(given), 'impact.yaml', ImpactRules, checkImpactRules);
      return 'taken';
    } catch (error) {
      return String(error);
    }
  };

  it('is as shipped the least intrusive one', () => {
    expect(rules.mode).toBe('declared');
    expect(rules.legalBasis).toBeUndefined();
  });

  it('learns only with a legal basis named', () => {
    expect(refusal('learnt')).toMatch(
      /impact\.yaml:1:\d+.*legalBasis.*allowed.*declared, lastSeen/,
    );
    expect(refusal('learnt', 'consent, clause 7')).toBe('taken');
    expect(refusal('lastSeen')).toBe('taken');
    expect(refusal('all')).toMatch(/allowed/);
  });
});
