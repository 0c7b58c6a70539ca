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
