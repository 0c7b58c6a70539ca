import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PostgresImpactStore } from '../../../src/adapters/postgres/impact-store.js';
import { unpackLost } from '../../../src/adapters/postgres/packed-lost.js';
import { withTransaction } from '../../../src/adapters/postgres/pool.js';
import type { Incident } from '../../../src/domain/incident.js';
import { allServices, SERVICES, type ServiceShares } from '../../../src/domain/services.js';
import { AwayGrid } from '../../../src/impact/away-grid.js';
import { caughtShare, harmAt, lossOf } from '../../../src/impact/cell-loss.js';
import { DayPartClock } from '../../../src/impact/day-parts.js';
import { caughtOf } from '../../../src/impact/device-groups.js';
import { homeShares } from '../../../src/impact/home-coverage.js';
import type { ImpactRules } from '../../../src/impact/rules.js';
import { staySegments } from '../../../src/impact/stay.js';
import {
  catchingCells,
  type Exposure,
  exposureAround,
  exposureAt,
  exposureOf,
  homeExposure,
  type LostCell,
  UNEXPOSED,
} from '../../../src/impact/whereabouts.js';
import { ofPart, type WhereaboutsMode } from '../../../src/impact/whereabouts-rules.js';
import { impactRules, incident, MINUTE, saveIncident, T0 } from '../../services/customers.js';
import { type TestDatabase, testDatabase } from '../../services/postgres.js';

const SITES = ['S1', 'S2', 'S3', 'S4', 'S5'];
const PLACES = [
  [48.1, -1.6],
  [48.12, -1.6],
  [48.2, -1.5],
  [48.1, -1.2],
  [47, 2],
] as const;
const CELLS = SITES.flatMap((site) => [1, 2, 3].map((n) => `${site}-${n}`));
const NO_CALLS = { voice: 1, data: 0, sms: 0 };
const SLOW = { voice: 0, data: 0.7, sms: 0.1 };
/** Technology of a cell by its last figure; of others it is not known. */
const TECHNOLOGY: Readonly<Record<string, string>> = { 2: 'LTE800', 3: 'LTE2600' };
const PART = new DayPartClock('Europe/Paris').at(T0);

interface Person {
  readonly home: string | null;
  readonly technologies: string;
  readonly declared: Readonly<Record<string, number>>;
  readonly learnt: Readonly<Record<string, number>>;
  readonly seen: { readonly cell: string; readonly ageMinutes: number } | null;
  readonly isAbroad: boolean;
}
interface World {
  readonly mode: WhereaboutsMode;
  readonly neighbours: readonly { a: string; b: string; weight: number }[];
  readonly lost: readonly { cellId: string; services: ServiceShares; ageMinutes: number }[];
  readonly people: readonly Person[];
}

const cell = fc.constantFrom(...CELLS);
const weights = fc
  .uniqueArray(cell, { maxLength: 3 })
  .map((cells) => Object.fromEntries(cells.map((id, n) => [id, [0.5, 0.3, 0.2][n] ?? 0.1])));
const world: fc.Arbitrary<World> = fc.record({
  mode: fc.constantFrom<WhereaboutsMode>('declared', 'lastSeen', 'learnt'),
  neighbours: fc.uniqueArray(
    fc.record({ a: cell, b: cell, weight: fc.constantFrom(0.05, 0.3, 0.8) }),
    { maxLength: 25, selector: ({ a, b }) => `${a} ${b}` },
  ),
  lost: fc.uniqueArray(
    fc.record({
      cellId: cell,
      services: fc.constantFrom(...[0.3, 0.6, 1, 1].map(allServices), NO_CALLS, SLOW),
      ageMinutes: fc.constantFrom(1, 20, 90, 500),
    }),
    { minLength: 1, maxLength: 9, selector: ({ cellId }) => cellId },
  ),
  people: fc.array(
    fc.record({
      home: fc.option(fc.constantFrom(...SITES)),
      technologies: fc.constantFrom('', 'LTE800', 'lte2600 | LTE1800', 'GSM'),
      declared: weights,
      learnt: weights,
      seen: fc.option(
        fc.record({ cell, ageMinutes: fc.constantFrom(-2, 0, 3, 45, 130, 400, 715, 800) }),
      ),
      isAbroad: fc.integer({ max: 5, min: 0 }).map((n) => n === 0),
    }),
    { minLength: 5, maxLength: 25 },
  ),
});

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
  for (const [n, site] of SITES.entries()) {
    await database.pool.query(
      `insert into sites (site_id, name, lat, lon, zone) values ($1, $1, $2, $3, 'Europe/Paris')`,
      [site, ...(PLACES[n] ?? [0, 0])],
    );
  }
  await database.pool.query(
    `insert into cells (cell_id, site_id, technology)
     select c, split_part(c, '-', 1), ($2::jsonb ->> split_part(c, '-', 2)) from unnest($1::text[]) c`,
    [CELLS, JSON.stringify(TECHNOLOGY)],
  );
});
afterAll(() => database.close());

async function store({ neighbours, people }: World): Promise<void> {
  const { pool } = database;
  await pool.query(`truncate subscribers, usual_cells, last_seen, incident_subscribers, neighbours,
    incident_cells, incident_sites, incident_catching, impact_counts, impact_state,
    impact_history, incidents`);
  await pool.query(
    `insert into neighbours (cell_id, neighbour_id, weight)
     select * from unnest($1::text[], $2::text[], $3::float8[])`,
    [neighbours.map(({ a }) => a), neighbours.map(({ b }) => b), neighbours.map((n) => n.weight)],
  );
  for (const [n, person] of people.entries()) {
    const { home, technologies, declared, learnt, seen, isAbroad } = person;
    await pool.query(
      `insert into subscribers (subscriber_id, home_site, declares_cells, technologies)
       values ($1, $2, false, $3)`,
      [n + 1, home, technologies],
    );
    const usual = [
      ...Object.entries(declared).map(([id, weight]) => [id, weight, 0] as const),
      ...Object.entries(learnt).map(([id, weight]) => [id, weight, PART] as const),
    ];
    await pool.query(
      `insert into usual_cells (subscriber_id, cell_no, weight, part)
       select $1, cell_number(c), w, p from unnest($2::text[], $3::real[], $4::smallint[]) as u(c, w, p)`,
      [n + 1, usual.map(([id]) => id), usual.map((u) => u[1]), usual.map((u) => u[2])],
    );
    if (seen)
      await pool.query(
        'insert into last_seen values ($1, case when $4 then 0 else cell_number($2) end, $3)',
        [n + 1, seen.cell, new Date(T0 - seen.ageMinutes * MINUTE), isAbroad],
      );
  }
}

function neighboursOf({ neighbours }: World, id: string): { cell: string; weight: number }[] {
  return neighbours.filter(({ a }) => a === id).map(({ b, weight }) => ({ cell: b, weight }));
}

function lostCells(given: World): Map<string, LostCell> {
  const ids = new Set(given.lost.map(({ cellId }) => cellId));
  return new Map(
    given.lost.map(({ cellId, services, ageMinutes }) => {
      const overlap = neighboursOf(given, cellId)
        .filter((each) => !ids.has(each.cell))
        .reduce((sum, { weight }) => sum + weight, 0);
      const sinceMs = T0 - ageMinutes * MINUTE;
      return [cellId, { ...harmAt(services, { overlap }, impactRules), sinceMs }];
    }),
  );
}

/** What the reference says of everybody. */
function expected(given: World, rules: ImpactRules): Exposure[] {
  const { whereabouts } = rules;
  const lost = lostCells(given);
  const grid = new AwayGrid(
    SITES.map((siteId, n) => ({
      siteId,
      lat: PLACES[n]?.[0] ?? 0,
      lon: PLACES[n]?.[1] ?? 0,
      cells: 3,
    })),
  );
  const bySite = new Map<string, number>();
  for (const id of lost.keys()) {
    const site = id.slice(0, 2);
    bySite.set(site, (bySite.get(site) ?? 0) + 1);
  }
  grid.setLost(bySite);
  const knowledge = { ...whereabouts, atHome: ofPart(whereabouts.atHome, PART) };
  const homeOf = (site: string): Exposure => {
    const cells = CELLS.filter((id) => id.startsWith(site)).map((cellId) => ({
      cellId,
      neighbours: neighboursOf(given, cellId).map((n) => ({ cellId: n.cell, weight: n.weight })),
    }));
    const atPlace = exposureOf(homeShares(cells, whereabouts.spill), lost);
    const home = homeExposure(
      atPlace,
      exposureAround(grid.lostAround(site), lost.values()),
      knowledge,
    );
    return home.probability < 0.02 ? UNEXPOSED : home;
  };
  const frame = {
    lost,
    catching: catchingCells(lost, (id) => neighboursOf(given, id)),
    mode: given.mode,
    segments: staySegments(T0, new DayPartClock('Europe/Paris'), whereabouts),
  };
  return given.people.map(({ home, declared, learnt, seen, isAbroad }) => {
    const known = Object.entries(Object.keys(learnt).length > 0 ? learnt : declared);
    return exposureAt(
      {
        seen: seen ? { cell: seen.cell, atMs: T0 - seen.ageMinutes * MINUTE } : undefined,
        isAbroad: isAbroad && seen !== null,
        usual: known.length > 0 ? exposureOf(known, lost) : undefined,
        home: home === null ? UNEXPOSED : homeOf(home),
      },
      frame,
    );
  });
}

/** How many devices like somebody's neighbours catch for one that can use everything. */
function caught(given: World, technologies: string): number {
  const ids = new Set(given.lost.map(({ cellId }) => cellId));
  const beside = [...lostCells(given)].flatMap(([cellId, { none }]) =>
    neighboursOf(given, cellId)
      .filter((each) => none > 0 && !ids.has(each.cell))
      .map(({ cell: other, weight }) => ({
        ...{ cellId, overlap: weight },
        technology: TECHNOLOGY[other.slice(-1)] ?? '',
      })),
  );
  return caughtOf(technologies, beside, (overlap) => caughtShare({ overlap }, impactRules));
}

function incidentOf({ lost }: World): Incident {
  const cells = lost.map(({ cellId, services, ageMinutes }) => ({
    cellId,
    degree: Math.max(services.voice, services.data, services.sms),
    services,
    since: new Date(T0 - ageMinutes * MINUTE).toISOString(),
  }));
  return incident([], { cells, sites: [...new Set(cells.map((c) => c.cellId.slice(0, 2)))] });
}

describe('the mapping in Postgres', () => {
  it('gives everybody what the reference gives, in every mode', async () => {
    let listed = 0;
    await fc.assert(
      fc.asyncProperty(world, async (given) => {
        await store(given);
        const rules = {
          ...impactRules,
          whereabouts: { ...impactRules.whereabouts, mode: given.mode },
        };
        await withTransaction(database.pool, async (client) => {
          const doc = incidentOf(given);
          await saveIncident(client, doc);
          await new PostgresImpactStore(rules).map(client, doc, T0);
        });
        const { rows } = await database.pool.query<{
          subscriber_id: number;
          probability: number;
          degree: number;
          service: string;
          reachable: boolean;
          lost: number;
        }>('select * from incident_subscribers');
        const found = new Map(rows.map((row) => [row.subscriber_id, row]));
        for (const [n, exposure] of expected(given, rules).entries()) {
          const { probability } = exposure;
          const share = caught(given, given.people[n]?.technologies ?? '');
          const { degree, lost, none } = lossOf(exposure, share, impactRules);
          const row = found.get(n + 1);
          if (Math.abs(probability - rules.minProbability) < 1e-4) continue;
          if (probability < rules.minProbability) {
            expect(row, `person ${n + 1} at ${probability}`).toBeUndefined();
            continue;
          }
          listed++;
          expect(row?.probability, `person ${n + 1}`).toBeCloseTo(probability, 4);
          expect(row?.degree).toBeCloseTo(degree / probability, 2);
          const given31 = unpackLost(row?.lost ?? 0);
          for (const service of SERVICES)
            expect(Math.abs(given31[service] - lost[service] / probability)).toBeLessThan(0.02);
          if (Math.abs(none / probability - 0.5) > 1e-3)
            expect(row?.service).toBe(none / probability >= 0.5 ? 'none' : 'degraded');
          if (Math.abs(lost.sms - 0.5) > 1e-3) expect(row?.reachable).toBe(lost.sms < 0.5);
        }
      }),
      { seed: 7, numRuns: 60 },
    );
    expect(listed).toBeGreaterThan(200);
  }, 120_000);
});
