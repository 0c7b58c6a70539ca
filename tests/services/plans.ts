import type pg from 'pg';

/**
 * The plan of a statement when the planner avoids reading whole tables: small tables of a test are
 * then read by index where there is one, as large tables are. @returns one line a node
 */
export async function planOf(
  pool: pg.Pool,
  sql: string,
  values: readonly unknown[],
): Promise<string> {
  const client = await pool.connect();
  try {
    await client.query('begin; set local enable_seqscan = off');
    const { rows } = await client.query<{ 'QUERY PLAN': string }>(`explain ${sql}`, [...values]);
    return rows.map((row) => row['QUERY PLAN']).join('\n');
  } finally {
    await client.query('rollback');
    client.release();
  }
}
