import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type pg from 'pg';
import { messageOf, TocsinError } from '../../domain/errors.js';
import { connectDirect, mapPostgresError } from './pool.js';

/** Any fixed number will do: it names the lock under which migrations run. */
const LOCK = 7_236_141;

interface Migration {
  readonly number: number;
  readonly name: string;
  readonly sql: string;
  readonly checksum: string;
}

/** The folder of `NNN-name.sql` files that belongs to this installation. */
export function migrationsFolder(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const candidate = join(folder, 'schemas', 'sql');
    if (existsSync(candidate)) return candidate;
    if (folder === dirname(folder)) {
      throw new TocsinError('internal', 'the folder schemas/sql is missing from the installation');
    }
  }
}

async function readMigrations(folder: string): Promise<Migration[]> {
  const migrations: Migration[] = [];
  for (const name of (await readdir(folder)).filter((each) => each.endsWith('.sql')).sort()) {
    const number = Number(/^(\d{3})-[a-z0-9-]+\.sql$/.exec(name)?.[1]);
    if (Number.isNaN(number) || migrations.some((each) => each.number === number)) {
      throw new TocsinError(
        'input.config',
        `${join(folder, name)}: a migration is named NNN-name.sql with a number used once`,
      );
    }
    const sql = await readFile(join(folder, name), 'utf8');
    const checksum = createHash('sha256').update(sql).digest('hex');
    migrations.push({ number, name, sql, checksum });
  }
  return migrations;
}

/**
 * Brings a database to the newest schema: each file in its own transaction, under an advisory
 * lock, so that instances starting together apply each file once. Idempotent.
 *
 * @returns names of the files applied now
 * @throws TocsinError `input.config` when an applied file has changed or is unknown here,
 * `unavailable.postgres` when the server is away
 */
export async function migrate(url: string, folder = migrationsFolder()): Promise<string[]> {
  const migrations = await readMigrations(folder);
  const client = await connectDirect(url, 'tocsin-migrate');
  try {
    await client.query('select pg_advisory_lock($1)', [LOCK]);
    await client.query(
      `create table if not exists schema_migrations (
         number integer primary key,
         name text not null,
         checksum text not null,
         applied_at timestamptz not null default now()
       )`,
    );
    return await applyMissing(client, migrations);
  } catch (error) {
    throw mapPostgresError(error);
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function applyMissing(
  client: pg.Client,
  migrations: readonly Migration[],
): Promise<string[]> {
  const done = await client.query<{ number: number; name: string; checksum: string }>(
    'select number, name, checksum from schema_migrations order by number',
  );
  for (const row of done.rows) {
    const file = migrations.find((each) => each.number === row.number);
    if (file === undefined) {
      throw new TocsinError(
        'input.config',
        `the database has migration ${row.name}, which this version lacks: run the version that made it, or a newer one`,
      );
    }
    if (file.checksum !== row.checksum) {
      throw new TocsinError(
        'input.config',
        `migration ${file.name} was changed after it had been applied: restore the file and put the change into a new one`,
      );
    }
  }
  const applied: string[] = [];
  for (const migration of migrations) {
    if (done.rows.some((row) => row.number === migration.number)) continue;
    await apply(client, migration);
    applied.push(migration.name);
  }
  return applied;
}

async function apply(client: pg.Client, migration: Migration): Promise<void> {
  await client.query('begin');
  try {
    await client.query(migration.sql);
    await client.query(
      'insert into schema_migrations (number, name, checksum) values ($1, $2, $3)',
      [migration.number, migration.name, migration.checksum],
    );
    await client.query('commit');
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    const mapped = mapPostgresError(error);
    if (mapped instanceof TocsinError) throw mapped;
    throw new TocsinError('internal', `migration ${migration.name}: ${messageOf(error)}`, {
      cause: error,
    });
  }
}
