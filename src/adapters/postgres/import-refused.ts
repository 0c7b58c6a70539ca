import type pg from 'pg';
import { type ImportKind, REFUSED, refuse, STAGING } from './import-kind.js';

/** One row that could not be taken. */
export interface Reject {
  readonly line: number;
  readonly reason: string;
}

/** Refuses rows that are the same thing as one before. */
export async function refuseRepeats(client: pg.PoolClient, { key }: ImportKind): Promise<void> {
  if (key.length === 0) return;
  const columns = key.join(', ');
  // as a rule none does, which groups tell sooner than an order of all rows
  const { rowCount } = await client.query(
    `select from ${STAGING} group by ${columns} having count(*) > 1 limit 1`,
  );
  if (rowCount === 0) return;
  await client.query(
    `create temp table import_repeats on commit drop as
     select line, first from (select line, min(line) over (partition by ${columns}) as first
                                from ${STAGING}) as each where line > first`,
  );
  await refuse(
    client,
    's.line in (select line from import_repeats)',
    `'repeats line ' || (select first from import_repeats r where r.line = s.line)`,
  );
}

/** What was refused by the merge, in order of lines. */
export async function* refused(client: pg.PoolClient): AsyncGenerator<Reject> {
  await client.query(
    `declare refused_rows no scroll cursor for
     select distinct on (line) line, reason from ${REFUSED} order by line, reason`,
  );
  for (;;) {
    const page = await client.query<Reject>('fetch 10000 from refused_rows');
    if (page.rows.length === 0) break;
    yield* page.rows;
  }
  await client.query('close refused_rows');
}
