import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { importFile } from '../../../src/adapters/postgres/import-file.js';
import type { ImportKindName } from '../../../src/adapters/postgres/import-kinds.js';
import { type TestDatabase, testDatabase } from '../../services/postgres.js';

let database: TestDatabase;
let folder: string;
beforeAll(async () => {
  database = await testDatabase();
  folder = await mkdtemp(join(tmpdir(), 'tocsin-import-'));
});
beforeEach(async () => {
  await database.pool.query('truncate sites, cells, subscribers, subscriber_identifiers');
});
afterAll(async () => {
  await database.close();
  await rm(folder, { recursive: true, force: true });
});

async function importing(kind: ImportKindName, text: string | Buffer, more: object = {}) {
  const path = join(folder, `${kind}.csv`);
  await writeFile(path, text);
  return importFile(database.pool, kind, path, { phoneSecret: 's', ...more });
}

const rejectsOf = (kind: string) => readFile(join(folder, `${kind}.rejects.csv`), 'utf8');
const siteIds = async () =>
  (await database.pool.query('select site_id from sites order by 1')).rows.map(
    (row) => row.site_id,
  );

test('takes what is good and lists what is not by line and reason', async () => {
  const text = [
    'site_id,lat,lon,name',
    'S1,48.1,-1.6,"Saint-Malo, port"',
    'S2,95,-1.6,x',
    '',
    'S3,48,-1.5,"two',
    'lines"',
    'S4,48',
    'S1,48.2,-1.6,again',
    'S5,48.3,-1.6,"a ""quoted"" name"',
  ].join('\r\n');
  const report = await importing('sites', text);
  expect(report).toMatchObject({ rows: 6, inserted: 3, rejected: 3 });
  expect(await rejectsOf('sites')).toBe(
    [
      'line,reason',
      '3,"lat was ""95"", allowed: a number from -90 to 90"',
      '7,"has 2 fields, allowed: 4"',
      '8,"repeats line 2"',
      '',
    ].join('\n'),
  );
  const names = await database.pool.query('select name from sites order by site_id');
  expect(names.rows.map((row) => row.name)).toEqual([
    'Saint-Malo, port',
    'two\r\nlines',
    'a "quoted" name',
  ]);
});

test('a former rejects file does not outlive an import without rejects', async () => {
  await importing('sites', 'site_id,lat,lon\nS1,1,2\nS2,1,x\n');
  expect(existsSync(join(folder, 'sites.rejects.csv'))).toBe(true);
  const report = await importing('sites', 'site_id,lat,lon\nS1,1,2\nS2,1,3\n');
  expect(report).toMatchObject({ inserted: 1, unchanged: 1, rejectsFile: undefined });
  expect(existsSync(join(folder, 'sites.rejects.csv'))).toBe(false);
});

test.each([
  ['semicolons', 'site_id;lat;lon\nS1;1;2\n'],
  ['tabs and other spellings', 'Site ID\tLatitude\tLONGITUDE\nS1\t1\t2\n'],
  ['a byte order mark', '\ufeffsite_id,lat,lon\nS1,1,2\n'],
  ['columns it does not know', 'owner,site_id,lat,lon\nme,S1,1,2\n'],
])('reads a file with %s', async (_name, text) => {
  expect(await importing('sites', text)).toMatchObject({ inserted: 1 });
  expect(await siteIds()).toEqual(['S1']);
});

test('ids are text, byte for byte', async () => {
  const odd = ['2.2265366483183206e+17', "O'Brien", 'a\\b', '\\N', 'back\\', '007', 'é'];
  await importing('sites', `site_id,lat,lon\n${odd.map((id) => `${id},1,2`).join('\n')}\n`);
  expect(await siteIds()).toEqual([...odd].sort());
});

test.each([
  [
    'no header',
    '',
    'no column site_id in an empty header: sites have site_id, name, lat, lon, zone',
  ],
  ['another file', 'a,b\n1,2\n', 'no column site_id in a, b'],
  ['a column twice', 'site_id,site,lat,lon\n1,2,3,4\n', 'column site_id is there twice'],
  [
    'only bad rows',
    'site_id,lat,lon\nS1,x,2\n',
    'none of 1 rows could be taken, first line 2: lat',
  ],
])('refuses a file with %s', async (_name, text, message) => {
  await expect(importing('sites', text)).rejects.toMatchObject({
    code: 'input.file',
    message: expect.stringContaining(message),
  });
});

test('refuses what is not a file', async () => {
  const missing = importFile(database.pool, 'sites', join(folder, 'no.csv'), { phoneSecret: 's' });
  await expect(missing).rejects.toMatchObject({ code: 'input.file' });
  const directory = importFile(database.pool, 'sites', folder, { phoneSecret: 's' });
  await expect(directory).rejects.toThrow('is not a file');
});

test('rejects bytes that are not UTF-8 and keeps the rest', async () => {
  const text = Buffer.concat([
    Buffer.from('site_id,lat,lon,name\nS1,1,2,ok\nS2,1,2,'),
    Buffer.from([0xff, 0xfe]),
    Buffer.from('\nS3,1,2,ok\n'),
  ]);
  expect(await importing('sites', text)).toMatchObject({ inserted: 2, rejected: 1 });
  expect(await rejectsOf('sites')).toContain('3,"name is not valid UTF-8"');
});

test('a quote that never closes spoils its record, not the import', async () => {
  const text = 'site_id,lat,lon,name\nS1,1,2,ok\nS2,1,2,"open\nS3,1,2,ok\n';
  const report = await importing('sites', text);
  expect(report).toMatchObject({ inserted: 1, rejected: 1 });
  expect(await rejectsOf('sites')).toContain('is not CSV: Quote Not Closed');
});

test('nobody sees half of an import, and a failure leaves nothing', async () => {
  await importing('sites', 'site_id,lat,lon\nS1,1,2\n');
  let rows = '';
  for (let n = 0; n < 20_000; n++) rows += `T${n},1,2\n`;
  const seen = new Set<number>();
  const looking = async (): Promise<void> => {
    const found = await database.pool.query('select count(*)::int as n from sites');
    seen.add(found.rows[0].n);
  };
  let looks: Promise<void>[] = [];
  await importing('sites', `site_id,lat,lon\n${rows}`, { onProgress: () => looks.push(looking()) });
  await Promise.all(looks);
  expect([...seen].every((count) => count === 1 || count === 20_001)).toBe(true);
  looks = [];
  const dying = importing('sites', `site_id,lat,lon\n${rows.replaceAll('T', 'U')}`, {
    onProgress: () =>
      looks.push(
        database.pool
          .query(
            `select pg_terminate_backend(pid) from pg_stat_activity
              where datname = current_database() and pid <> pg_backend_pid()
                and query ilike 'copy import_staging%'`,
          )
          .then(() => undefined),
      ),
  });
  const outcome = await dying.then(
    () => 'stored',
    (error: { code: string }) => error.code,
  );
  await Promise.all(looks);
  const count = (await siteIds()).length;
  expect([
    ['stored', 40_001],
    ['unavailable.postgres', 20_001],
  ]).toContainEqual([outcome, count]);
});
