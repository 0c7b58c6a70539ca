import type pg from 'pg';
import { type CopyValue, copyInto } from './copy.js';
import { REFUSED, STAGING } from './import-kind.js';
import { mapPostgresError } from './pool.js';

/** Rows read but not yet merged, kept in the database so that a killed import need not read again. */
export interface ImportRun {
  /** rows up to this line are kept; 0 at the beginning */
  readonly lastLine: number;
  /** rows read so far, rejected ones among them */
  readonly rows: number;
}

/** What a few thousand rows came to. */
export interface KeptRows {
  readonly values: readonly (readonly CopyValue[])[];
  readonly rejects: readonly { readonly line: number; readonly reason: string }[];
  readonly run: ImportRun;
}

const stagingOf = (kind: string): string => `kept_${kind}`;
const refusedOf = (kind: string): string => `kept_${kind}_refused`;

/** Runs `body` with one connection and alone among imports of a kind. */
export async function withImportLock<T>(
  pool: pg.Pool,
  kind: string,
  body: (client: pg.PoolClient) => Promise<T>,
): Promise<T> {
  let client: pg.PoolClient | undefined;
  let isBroken = true;
  // a connection that breaks says so twice: here, and in the statement that waits for it
  const onError = (): void => undefined;
  try {
    client = await pool.connect();
    client.on('error', onError);
    await client.query('select pg_advisory_lock(hashtext($1))', [`tocsin import ${kind}`]);
    const result = await body(client);
    await client.query('select pg_advisory_unlock(hashtext($1))', [`tocsin import ${kind}`]);
    isBroken = false;
    return result;
  } catch (error) {
    throw mapPostgresError(error);
  } finally {
    client?.off('error', onError);
    // closing the connection gives the lock back, whatever state it is in
    client?.release(isBroken);
  }
}

/** One transaction on a connection that is held. */
export async function inTransaction<T>(client: pg.PoolClient, body: () => Promise<T>): Promise<T> {
  await client.query('begin');
  try {
    const result = await body();
    await client.query('commit');
    return result;
  } catch (error) {
    // when it cannot be rolled back the connection is closed by `withImportLock`
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
}

/**
 * Finds the run of the same rows again, or begins one; what another file left behind is dropped.
 * @param origin what the rows are of and how they are read
 * @param staging columns of a row after `line`, as SQL
 */
export function openRun(
  client: pg.PoolClient,
  kind: string,
  origin: string,
  staging: string,
): Promise<ImportRun> {
  return inTransaction(client, async () => {
    const { rows } = await client.query<{ last_line: number; rows: number }>(
      'select last_line, rows from import_runs where kind = $1 and source = $2',
      [kind, origin],
    );
    if (rows[0]) return { lastLine: rows[0].last_line, rows: rows[0].rows };
    await client.query(
      `drop table if exists ${stagingOf(kind)}, ${refusedOf(kind)};
       create unlogged table ${stagingOf(kind)} (line bigint, ${staging});
       create unlogged table ${refusedOf(kind)} (line bigint, reason text)`,
    );
    await client.query(
      `insert into import_runs (kind, source, last_line, rows) values ($1, $2, 0, 0)
       on conflict (kind) do update set source = excluded.source, last_line = 0, rows = 0`,
      [kind, origin],
    );
    return { lastLine: 0, rows: 0 };
  });
}

/** Keeps the next rows, and that they are. @param columns those that rows fill */
export function keepRows(
  client: pg.PoolClient,
  kind: string,
  columns: readonly string[],
  { values, rejects, run }: KeptRows,
): Promise<void> {
  return inTransaction(client, async () => {
    await copyInto(client, stagingOf(kind), values, columns);
    await copyInto(
      client,
      refusedOf(kind),
      rejects.map(({ line, reason }) => [line, reason]),
    );
    await client.query(
      'update import_runs set last_line = $2, rows = $3, updated_at = now() where kind = $1',
      [kind, run.lastLine, run.rows],
    );
  });
}

/** Columns that kept rows fill: those without a default. */
export async function keptColumns(client: pg.PoolClient, kind: string): Promise<string[]> {
  return filledColumns(client, stagingOf(kind));
}

/** Columns of a table without a default. */
export async function filledColumns(client: pg.PoolClient, table: string): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `select attname as name from pg_attribute
      where attrelid = $1::regclass and attnum > 0 and not attisdropped and not atthasdef
      order by attnum`,
    [table],
  );
  return rows.map(({ name }) => name);
}

/** In the merging transaction: gives the kept rows to the merge, under the names it knows. */
export async function takeKept(client: pg.PoolClient, kind: string): Promise<void> {
  await client.query(
    `alter table ${stagingOf(kind)} rename to ${STAGING};
     alter table ${refusedOf(kind)} rename to ${REFUSED}`,
  );
}

/** At the end of the merging transaction: nothing is kept any more. */
export async function endRun(client: pg.PoolClient, kind: string): Promise<void> {
  await client.query(`drop table ${STAGING}, ${REFUSED}`);
  await client.query('delete from import_runs where kind = $1', [kind]);
}
