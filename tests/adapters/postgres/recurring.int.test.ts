import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readRecurring } from '../../../src/adapters/postgres/read-recurring.js';
import type { RecurringKind } from '../../../src/api/recurring-schemas.js';
import { incident, insertNetwork, saveIncident, T0 } from '../../services/customers.js';
import { type TestDatabase, testDatabase } from '../../services/postgres.js';

const HOUR = 3_600_000;
const DAYS = 3;
const SINCE = T0 - DAYS * 24 * HOUR;
const CELLS = ['S1-1', 'S1-2', 'S2-1', 'S2-2', 'GONE'];
let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase();
  await insertNetwork(database.pool, 2);
  await database.pool.query(`select number_cells($1)`, [CELLS]);
  await database.pool.query(`update sites set name = 'Brest ' || right(site_id, 1)`);
});
afterAll(() => database.close());

interface Spell {
  readonly cell: string;
  readonly fromMs: number;
  /** null: still */
  readonly toMs: number | null;
  /** in eighths, which a float of four bytes holds */
  readonly eighths: number;
}
interface Past {
  readonly id: string;
  readonly lineage: string;
  readonly cause: string;
  readonly userMinutes: number;
  readonly left: 'planned' | 'merged' | 'none' | 'unopened' | null;
  readonly spells: readonly Spell[];
}

const hoursAgo = fc.integer({ min: 0, max: 100 });
const spell = fc.record({
  cell: fc.constantFrom(...CELLS),
  ago: hoursAgo,
  lasts: fc.option(fc.integer({ min: 0, max: 60 }), { freq: 4 }),
  eighths: fc.integer({ min: 1, max: 8 }),
});
const past = fc.record({
  lineage: fc.constantFrom('L1', 'L2', 'L3'),
  cause: fc.constantFrom('FIB-1', 'FIB-2', ''),
  userMinutes: fc.integer({ min: 0, max: 5000 }),
  left: fc.option(fc.constantFrom('planned', 'merged', 'none', 'unopened' as const), {
    freq: 1,
    nil: null,
  }),
  spells: fc.uniqueArray(spell, { selector: ({ cell }) => cell, minLength: 1, maxLength: 4 }),
});
type Given = typeof past extends fc.Arbitrary<infer T> ? T : never;

function pastOf({ spells, ...rest }: Given, n: number): Past {
  return {
    ...(rest as Omit<Past, 'id' | 'spells'>),
    id: `inc_${n}`,
    spells: spells.map(({ cell, ago, lasts, eighths }) => {
      const fromMs = T0 - ago * HOUR;
      const toMs = lasts === null ? null : Math.min(T0, fromMs + lasts * HOUR);
      return { cell, fromMs, toMs, eighths };
    }),
  };
}

async function store(given: readonly Past[]): Promise<void> {
  await database.pool.query('truncate incidents, cell_incidents, audit_log cascade');
  for (const { id, lineage, cause, userMinutes, left, spells } of given) {
    const doc = {
      ...incident([]),
      ...{
        id,
        lineageId: lineage,
        cause: { kind: 'transport', id: cause, probability: 1, candidates: [] },
      },
      detectedAt: left === 'unopened' ? null : new Date(T0).toISOString(),
      plannedWorkId: left === 'planned' ? 'W' : null,
      ...(left === 'merged' ? { mergedInto: 'inc_x' } : {}),
    };
    await saveIncident(database.pool, doc as ReturnType<typeof incident>);
    await database.pool.query(
      `update incidents set impact = jsonb_build_object('userMinutes', $2::float8) where incident_id = $1`,
      [id, userMinutes],
    );
    await database.pool.query(
      `insert into cell_incidents (cell_no, incident_no, from_at, to_at, degree)
       select cell_number(s.cell), i.incident_no, s.from_at, s.to_at, s.degree
       from incidents i, unnest($2::text[], $3::timestamptz[], $4::timestamptz[], $5::float8[])
         as s (cell, from_at, to_at, degree) where i.incident_id = $1`,
      [
        id,
        spells.map(({ cell }) => cell),
        spells.map(({ fromMs }) => new Date(fromMs)),
        spells.map(({ toMs }) => (toMs === null ? null : new Date(toMs))),
        spells.map(({ eighths }) => eighths / 8),
      ],
    );
    if (left !== 'none') continue;
    await database.pool.query(
      `insert into audit_log (actor, action, target, why) values ('Ana', 'notAnIncident', $1, 'drill')`,
      [id],
    );
  }
}

function keyOf(by: RecurringKind, cell: string, cause: string): string {
  if (by === 'cell') return cell;
  if (by === 'cause') return cause;
  if (cell === 'GONE') return cell;
  return by === 'site' ? cell.slice(0, 2) : 'Brest';
}

interface Sum {
  readonly incidents: Set<string>;
  readonly cells: Set<string>;
  lost: number;
  longest: number;
  userMinutes: number;
  degree: number;
  isRunning: boolean;
}

/** The definition, worked out afresh from all that is known. */
function reference(given: readonly Past[], by: RecurringKind, incidents: number, hours: number) {
  const sums = new Map<string, Sum>();
  for (const { lineage, cause, userMinutes, left, spells } of given) {
    if (left !== null) continue;
    const within = spells
      .filter(({ fromMs, toMs }) => (toMs ?? Number.POSITIVE_INFINITY) >= SINCE && fromMs < T0)
      .map((each) => ({ ...each, untilMs: each.toMs ?? T0 }));
    const weigh = (from: number, { untilMs, eighths }: (typeof within)[number]): number =>
      ((untilMs - from) / 60_000) * (eighths / 8);
    const whole = within.reduce((sum, each) => sum + weigh(each.fromMs, each), 0);
    for (const each of within) {
      const key = keyOf(by, each.cell, cause);
      if (key === '') continue;
      const sum = sums.get(key) ?? {
        ...{ incidents: new Set<string>(), cells: new Set<string>(), lost: 0, longest: 0 },
        ...{ userMinutes: 0, degree: 0, isRunning: false },
      };
      const fromMs = Math.max(SINCE, each.fromMs);
      const lost = weigh(fromMs, each);
      sum.incidents.add(lineage);
      sum.cells.add(each.cell);
      sum.lost += lost;
      sum.longest = Math.max(sum.longest, (each.untilMs - fromMs) / 60_000);
      sum.userMinutes += whole > 0 ? (lost * userMinutes) / whole : 0;
      sum.degree = Math.max(sum.degree, each.eighths / 8);
      sum.isRunning ||= each.toMs === null;
      sums.set(key, sum);
    }
  }
  return [...sums]
    .filter(([, sum]) => sum.incidents.size >= incidents || sum.longest >= hours * 60)
    .map(([id, sum]) => ({
      id,
      incidents: sum.incidents.size,
      cells: sum.cells.size,
      isRunning: sum.isRunning,
      degree: sum.degree,
      lostMinutes: Math.round(sum.lost * 1000),
      longestMinutes: Math.round(sum.longest * 1000),
      userMinutes: Math.round(sum.userMinutes * 1000),
    }))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

it('counts what recurs as its definition does, by cell, site, town and cause', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(past, { maxLength: 6 }),
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 1, max: 48 }),
      async (given, incidents, hours) => {
        const all = given.map(pastOf);
        await store(all);
        for (const by of ['cell', 'site', 'town', 'cause'] as const) {
          const asked = { by, days: DAYS, incidents, hours, limit: 100 };
          const { items, total } = await readRecurring(database.pool, asked, T0);
          const found = items.map((item) => ({
            id: item.id,
            incidents: item.incidents,
            cells: item.cells,
            isRunning: item.isRunning,
            degree: item.degree,
            lostMinutes: Math.round(item.lostMinutes * 1000),
            longestMinutes: Math.round(item.longestMinutes * 1000),
            userMinutes: Math.round(item.userMinutes * 1000),
          }));
          const expected = reference(all, by, incidents, hours);
          expect(
            found.sort((a, b) => (a.id < b.id ? -1 : 1)),
            by,
          ).toEqual(expected);
          expect(total).toBe(expected.length);
        }
      },
    ),
    { seed: 7, numRuns: 25 },
  );
});
