import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ExposureStore } from '../../../src/adapters/postgres/exposure-store.js';
import { PostgresImpactStore } from '../../../src/adapters/postgres/impact-store.js';
import { withTransaction } from '../../../src/adapters/postgres/pool.js';
import { DayPartClock } from '../../../src/impact/day-parts.js';
import type { ImpactRules } from '../../../src/impact/rules.js';
import {
  impactRules,
  incident,
  insertNetwork,
  MINUTE,
  saveIncident,
  T0,
} from '../../services/customers.js';
import { type TestDatabase, testDatabase } from '../../services/postgres.js';

const SITES = 5;
const CELLS = Array.from(
  { length: SITES * 3 },
  (_, n) => `S${1 + Math.floor(n / 3)}-${1 + (n % 3)}`,
);
const rules: ImpactRules = {
  ...impactRules,
  whereabouts: { ...impactRules.whereabouts, mode: 'lastSeen' },
};
const part = new DayPartClock('Europe/Paris').at(T0);
let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase();
  await insertNetwork(database.pool, SITES);
});
afterAll(() => database.close());

const cell = fc.constantFrom(...CELLS);
const neighbours = fc.uniqueArray(
  fc.record({ a: cell, b: cell, weight: fc.constantFrom(0.2, 0.4, 0.5, 0.9) }),
  { selector: ({ a, b }) => `${a} ${b}`, minLength: 10, maxLength: 60 },
);
/** Cells of the incident at one moment, with what each lost and since how many minutes. */
const moment = fc.uniqueArray(
  fc.record({
    cellId: cell,
    degree: fc.constantFrom(1, 0.4),
    ago: fc.integer({ min: 5, max: 8 }),
  }),
  { selector: ({ cellId }) => cellId, minLength: 1, maxLength: 10 },
);

async function stored(): Promise<unknown> {
  const { rows: catching } = await database.pool.query(
    `select n.cell_id, c.since from incident_catching c join cell_numbers n using (cell_no) order by 1`,
  );
  const { rows: sites } = await database.pool.query(
    `select site_id, round(probability::numeric, 2) as p, round(none::numeric, 2) as none, since
     from incident_sites order by 1`,
  );
  return { catching, sites };
}

it('follows a change of cells as if all were worked out anew', async () => {
  await fc.assert(
    fc.asyncProperty(
      neighbours,
      fc.array(moment, { minLength: 2, maxLength: 5 }),
      async (beside, moments) => {
        const { pool } = database;
        await pool.query(`truncate neighbours, incidents, impact_state, incident_cells, incident_sites,
          incident_catching, cell_incidents, impact_history cascade`);
        await pool.query(
          `insert into neighbours (cell_id, neighbour_id, weight)
           select * from unnest($1::text[], $2::text[], $3::float8[]) as n (a, b, w) where a <> b`,
          [beside.map(({ a }) => a), beside.map(({ b }) => b), beside.map(({ weight }) => weight)],
        );
        const store = new PostgresImpactStore(rules);
        for (const [n, cells] of moments.entries()) {
          const doc = incident([], {
            revision: n + 1,
            sites: ['S1'],
            cells: cells.map(({ cellId, degree, ago }) => {
              return { cellId, degree, since: new Date(T0 - ago * MINUTE).toISOString() };
            }),
          });
          await withTransaction(pool, async (client) => {
            await saveIncident(client, doc);
            await store.map(client, doc, T0 + n);
          });
          const followed = await stored();
          await withTransaction(pool, async (client) => {
            const { rows } = await client.query('select incident_no from incidents');
            const frame = { nowMs: T0 + n, part };
            await new ExposureStore(rules).refresh(client, rows[0].incident_no, frame);
          });
          expect(followed).toEqual(await stored());
        }
      },
    ),
    { seed: 11, numRuns: 25 },
  );
});
