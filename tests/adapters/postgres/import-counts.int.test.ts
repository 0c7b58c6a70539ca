import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { importFile } from '../../../src/adapters/postgres/import-file.js';
import { PostgresJournal } from '../../../src/adapters/postgres/journal.js';
import { CONTROL_STREAM } from '../../../src/runtime/ports.js';
import { insertNetwork } from '../../services/customers.js';
import { type TestDatabase, testDatabase } from '../../services/postgres.js';

let database: TestDatabase;
let folder: string;
beforeAll(async () => {
  database = await testDatabase();
  await insertNetwork(database.pool, 3);
  folder = await mkdtemp(join(tmpdir(), 'counts-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
  await database.close();
});

async function load(name: string, lines: readonly string[]) {
  const path = join(folder, name);
  await writeFile(path, ['name,area,start,count', ...lines].join('\n'));
  return importFile(database.pool, 'counts', path, { phoneSecret: 's', zone: 'Europe/Paris' });
}

async function told(): Promise<unknown[]> {
  const entries = await new PostgresJournal(database.pool).read(CONTROL_STREAM, -1, 100);
  return entries.flatMap(({ fact }) => (fact.kind === 'pastCounts' ? fact.items : []));
}

it('takes past counts once, corrects them in place, and says which rows it cannot take', async () => {
  const good = [
    'complaints,Rennes,2026-01-05 10:00,4',
    'complaints,Rennes,2026-01-05 10:30,5',
    'complaints,S2,2026-01-05 10:00,1',
    'complaints,vitre,2026-01-05 11:00,0',
  ];
  const report = await load('a.csv', [
    ...good,
    'complaints,Atlantis,2026-01-05 10:00,1',
    'complaints,S2,2026-01-05 10:30,-1',
    'complaints,S2,2049-01-05 10:30,1',
    'complaints,S2,2026-01-05 10:00,2',
  ]);
  expect(report).toMatchObject({ rows: 8, inserted: 4, rejected: 4 });
  expect(report.firstRejects.map(({ line, reason }) => [line, reason])).toEqual(
    expect.arrayContaining([
      [6, expect.stringContaining('area "Atlantis" is no site, cell or line')],
      [7, expect.stringContaining('count')],
      [8, expect.stringContaining('start is after the import')],
      [9, 'repeats line 4'],
    ]),
  );
  expect(await told()).toHaveLength(4);
  expect((await told())[0]).toEqual({
    name: 'complaints',
    area: 'Rennes',
    start: '2026-01-05T09:00:00.000Z',
    intervalSeconds: 1800,
    count: 4,
  });
  expect(await load('b.csv', good)).toMatchObject({ inserted: 0, updated: 0, unchanged: 4 });
  expect(await told()).toHaveLength(4);
  const corrected = await load('c.csv', [...good.slice(1), 'complaints,Rennes,2026-01-05 10:00,7']);
  expect(corrected).toMatchObject({ inserted: 0, updated: 1, unchanged: 3 });
  expect((await told()).at(-1)).toMatchObject({ count: 7 });
});
