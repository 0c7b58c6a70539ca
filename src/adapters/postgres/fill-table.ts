import type pg from 'pg';

interface IndexRow {
  name: string;
  /** of the constraint it belongs to; null for a plain index */
  constraint: string | null;
  definition: string;
}

/** How rows are inserted. */
export interface FillOptions {
  readonly values?: readonly unknown[];
  /** into a table that has rows already: in this order, that of an index; an empty one needs none */
  readonly order?: string;
}

/**
 * Runs an INSERT … SELECT. An empty table is filled without its indexes, which are made afterwards by
 * sorting: for millions of rows that takes a fraction of the time, and there is nobody yet to be kept
 * waiting. Inside the caller's transaction.
 * @returns rows inserted
 */
export async function fillTable(
  client: pg.ClientBase,
  table: string,
  sql: string,
  { values = [], order }: FillOptions = {},
): Promise<number> {
  const { rowCount } = await client.query(`select from ${table} limit 1`);
  if (rowCount !== 0) {
    const sorted = order === undefined ? sql : `${sql} order by ${order}`;
    return (await client.query(sorted, [...values])).rowCount ?? 0;
  }
  const { rows } = await client.query<IndexRow>(
    `select c.relname as name, pg_get_constraintdef(k.oid) as constraint,
       replace(pg_get_indexdef(i.indexrelid), ' ON ONLY ', ' ON ') as definition
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
  const inserted = await client.query(sql, [...values]);
  await client.query("set local maintenance_work_mem = '512MB'");
  for (const { name, constraint, definition } of rows) {
    await client.query(
      constraint === null
        ? definition
        : `alter table ${table} add constraint ${name} ${constraint}`,
    );
  }
  await client.query(`analyze ${table}`);
  return inserted.rowCount ?? 0;
}
