import { cp, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { migrate, migrationsFolder } from '../../../src/adapters/postgres/migrate.js';
import { type TestDatabase, testDatabase } from '../../services/postgres.js';

let database: TestDatabase;
let folder: string;
beforeAll(async () => {
  database = await testDatabase();
  folder = await mkdtemp(join(tmpdir(), 'tocsin-migrations-'));
});
afterAll(async () => {
  await database.close();
  await rm(folder, { recursive: true, force: true });
});

/** An empty database beside the migrated one. */
async function emptyDatabase(): Promise<string> {
  const name = `${new URL(database.url).pathname.slice(1)}_e${Math.floor(performance.now() * 1000)}`;
  await database.pool.query(`create database ${name}`);
  const url = new URL(database.url);
  url.pathname = `/${name}`;
  return url.href;
}

async function drop(url: string): Promise<void> {
  await database.pool.query(`drop database ${new URL(url).pathname.slice(1)} with (force)`);
}

test('applies nothing to a database that is up to date', async () => {
  expect(await migrate(database.url)).toEqual([]);
});

test('applies each file once when four instances start together', async () => {
  const url = await emptyDatabase();
  const applied = await Promise.all([1, 2, 3, 4].map(() => migrate(url)));
  const files = (await readdir(migrationsFolder())).filter((name) => name.endsWith('.sql'));
  expect(applied.flat().sort()).toEqual(files.sort());
  await drop(url);
});

test('refuses a file that was changed after it had been applied, and names it', async () => {
  await cp(migrationsFolder(), folder, { recursive: true });
  const [first] = (await readdir(folder)).sort();
  await writeFile(join(folder, String(first)), 'create table other (id integer);');
  await expect(migrate(database.url, folder)).rejects.toMatchObject({
    code: 'input.config',
    message: expect.stringContaining(String(first)),
  });
});

test('leaves no half of a file that fails', async () => {
  const url = await emptyDatabase();
  const broken = await mkdtemp(join(tmpdir(), 'tocsin-migrations-'));
  await writeFile(
    join(broken, '001-broken.sql'),
    'create table kept (id integer); select nothing;',
  );
  await expect(migrate(url, broken)).rejects.toThrow('001-broken.sql');
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const found = await client.query("select to_regclass('kept') as kept");
  await client.end();
  expect(found.rows[0]).toEqual({ kept: null });
  await drop(url);
  await rm(broken, { recursive: true });
});
