import type pg from 'pg';

interface IndexRow {
  name: string;
  /** of the constraint it belongs to; null for a plain index */
  constraint: string | null;
  definition: string;
}

/**
 * Runs an INSERT. An empty table is filled without its indexes, which are made afterwards by sorting:
 * for millions of rows that takes a fraction of the time, and there is nobody yet to be kept waiting.
 * Inside the caller's transaction.
 */
export async function fillTable(
  client: pg.ClientBase,
  table: string,
  sql: string,
  values: readonly unknown[] = [],
): Promise<void> {
  const { rowCount } = await client.query(`select from ${table} limit 1`);
  if (rowCount !== 0) {
    await client.query(sql, [...values]);
    return;
  }
  const { rows } = await client.query<IndexRow>(
    `select c.relname as name, pg_get_constraintdef(k.oid) as constraint,
       pg_get_indexdef(i.indexrelid) as definition
     from pg_index i join pg_class c on c.oid = i.indexrelid
     left join pg_constraint k on k.conindid = i.indexrelid
     where i.indrelid = $1::regclass`,
    [table],
  );
  for (const { name, constraint } of rows) {
    await client.query(
      constraint === null ? `drop index ${name}` : `alter table ${table} drop constraint ${name}`,
    );
  }
  await client.query(sql, [...values]);
  await client.query("set local maintenance_work_mem = '512MB'");
  for (const { name, constraint, definition } of rows) {
    await client.query(
      constraint === null
        ? definition
        : `alter table ${table} add constraint ${name} ${constraint}`,
    );
  }
  await client.query(`analyze ${table}`);
}
