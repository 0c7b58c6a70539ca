import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { importRows, type NumberedRow } from '../../../src/adapters/postgres/import-rows.js';
import { type TestDatabase, testDatabase } from '../../services/postgres.js';

const COLUMNS = ['imsi', 'msisdn', 'segment', 'usual_cells'];
const PEOPLE = 25;
let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase();
});
beforeEach(() =>
  database.pool.query('truncate subscribers, subscriber_identifiers, usual_cells, erasures'),
);
afterAll(() => database.close());

/** Rows of a file whose reading is cut short after some. */
function* rows(upTo = PEOPLE): Generator<NumberedRow> {
  for (let n = 1; n <= PEOPLE; n++) {
    if (n > upTo) throw new Error('killed');
    const imsi = n === 3 ? 'none' : `2080100000${String(n).padStart(5, '0')}`;
    yield [n + 1, [imsi, `+336000000${String(n).padStart(2, '0')}`, 'gold', 'C1:0.5|C2:0.3']];
  }
}

function importing(source: Iterable<NumberedRow>, heard: unknown[] = [], origin = 'people.csv') {
  const onReject = (reject: unknown): void => void heard.push(reject);
  const onResume = (line: number): void => void heard.push(line);
  return importRows(
    database.pool,
    'subscribers',
    { columns: COLUMNS, rows: source, onReject, onResume, origin },
    { phoneSecret: 's', keptTogether: 10 },
  );
}

async function count(table: string): Promise<number> {
  const { rows: found } = await database.pool.query(`select count(*)::int as n from ${table}`);
  return found[0].n;
}

test('goes on after the rows that a killed import had read, and shows nothing before the end', async () => {
  const heard: unknown[] = [];
  await expect(importing(rows(23), heard)).rejects.toThrow('killed');
  expect(await count('subscribers')).toBe(0);
  expect(await count('kept_subscribers')).toBe(19);
  const counts = await importing(rows(), heard);
  expect(heard).toEqual([21, { line: 4, reason: expect.stringContaining('imsi is not') }]);
  expect(counts).toEqual({ rows: 25, inserted: 24, updated: 0, unchanged: 0, rejected: 1 });
  expect(await count('subscribers')).toBe(24);
  expect(await count('usual_cells')).toBe(48);
  expect(await count('import_runs')).toBe(0);
  await expect(count('kept_subscribers')).rejects.toThrow('does not exist');
});

test('begins anew with another file, or the same one changed', async () => {
  await expect(importing(rows(23), [], 'people.csv 1')).rejects.toThrow('killed');
  const heard: unknown[] = [];
  expect(await importing(rows(), heard, 'people.csv 2')).toMatchObject({ rows: 25, inserted: 24 });
  expect(heard).toHaveLength(1);
});

test('does not bring back somebody who was erased while it lay killed', async () => {
  await importing(rows());
  await expect(importing(rows(23))).rejects.toThrow('killed');
  await database.pool.query(`update subscribers set erased_at = now()
    where subscriber_id = (select min(subscriber_id) from subscribers)`);
  const counts = await importing(rows());
  expect(counts).toMatchObject({ inserted: 0, updated: 0, rejected: 2 });
  expect(await count('usual_cells')).toBe(46);
});

test('a first load without indexes leaves all of them behind', async () => {
  const indexes = async () =>
    (
      await database.pool.query(
        `select indexdef from pg_indexes
         where tablename in ('usual_cells', 'subscriber_identifiers') order by 1`,
      )
    ).rows;
  const before = await indexes();
  await importing(rows());
  expect(await indexes()).toEqual(before);
  const again = await importing(rows());
  expect(again).toEqual({ rows: 25, inserted: 0, updated: 0, unchanged: 24, rejected: 1 });
});

test('shows nothing of a merge that Postgres broke off, and takes it up without reading again', async () => {
  // tables that have rows already keep their indexes, and whoever reads them does not wait
  await database.pool.query(
    `insert into subscribers (subscriber_id) values (1000);
     insert into subscriber_identifiers (kind, value, subscriber_id) values ('account', 'A', 1000);
     insert into usual_cells (subscriber_id, cell_no, weight) values (1000, cell_number('C1'), 1)`,
  );
  const blocker = await database.pool.connect();
  await blocker.query('begin; lock table usual_cells in access exclusive mode');
  const broken = importing(rows());
  const outcome = expect(broken).rejects.toMatchObject({ code: 'unavailable.postgres' });
  const waiting = async () =>
    (
      await database.pool.query<{ pid: number }>(
        `select pid from pg_locks where relation = 'usual_cells'::regclass and not granted`,
      )
    ).rows[0]?.pid;
  await expect.poll(waiting).toEqual(expect.any(Number));
  expect(await count('subscribers')).toBe(1);
  await database.pool.query('select pg_terminate_backend($1)', [await waiting()]);
  await outcome;
  await blocker.query('rollback');
  blocker.release();
  expect(await count('subscribers')).toBe(1);
  const heard: unknown[] = [];
  expect(await importing(rows(), heard)).toMatchObject({ rows: 25, inserted: 24, rejected: 1 });
  expect(heard[0]).toBe(PEOPLE + 1);
  expect(await count('usual_cells')).toBe(49);
});

test('sightings of a file go on after a kill, again change nothing, and are of nobody erased', async () => {
  await importing(rows());
  await database.pool.query(
    `insert into sites (site_id, lat, lon) values ('S1', 48, -1);
     insert into cells (cell_id, site_id) values ('C1', 'S1'), ('C2', 'S1')`,
  );
  function* sightings(upTo = PEOPLE): Generator<NumberedRow> {
    for (let n = 1; n <= PEOPLE; n++) {
      if (n > upTo) throw new Error('killed');
      const cell = n === 5 ? 'C9' : `C${1 + (n % 2)}`;
      const imsi = `2080100000${String(1 + (n % 12)).padStart(5, '0')}`;
      yield [n + 1, [imsi, cell, `2024-01-15T10:${String(n).padStart(2, '0')}:00Z`]];
    }
  }
  const importSightings = (source: Iterable<NumberedRow>, heard: unknown[] = []) =>
    importRows(
      database.pool,
      'presence',
      {
        columns: ['subscriber', 'cell', 'time'],
        rows: source,
        onReject: (reject) => void heard.push(reject),
        onResume: (line) => void heard.push(line),
        origin: 'sightings.csv',
      },
      { phoneSecret: 's', keptTogether: 10 },
    );
  await database.pool.query(`update subscribers set erased_at = now() where subscriber_id =
    (select subscriber_id from subscriber_identifiers where value = '208010000000002')`);
  await expect(importSightings(sightings(17))).rejects.toThrow('killed');
  expect(await count('last_seen')).toBe(0);
  const heard: unknown[] = [];
  expect(await importSightings(sightings(), heard)).toMatchObject({ rows: 25 });
  expect(heard[0]).toBe(11);
  expect(heard.slice(1)).toContainEqual({ line: 6, reason: 'cell "C9" is not in the inventory' });
  const seen = 'select subscriber_id, cell_no, seen_at, xmin::text from last_seen order by 1';
  const once = (await database.pool.query(seen)).rows;
  expect(once).toHaveLength(10);
  await importSightings(sightings());
  expect((await database.pool.query(seen)).rows).toEqual(once);
});
