import { createHash } from 'node:crypto';
import type pg from 'pg';
import { mapPostgresError } from './pool.js';

const names = new Map<string, string>();

/** The same text has the same name on every connection. */
function nameOf(text: string): string {
  let name = names.get(text);
  if (name === undefined) {
    name = `p_${createHash('sha256').update(text).digest('hex').slice(0, 24)}`;
    names.set(text, name);
  }
  return name;
}

/**
 * As `query`, for a statement that comes again and again: each connection parses it once and, after
 * some times, plans it no more. Only for statements that this code holds as constants.
 */
export async function prepared<Row extends pg.QueryResultRow>(
  pool: pg.Pool,
  text: string,
  values: readonly unknown[] = [],
): Promise<pg.QueryResult<Row>> {
  try {
    return await pool.query<Row>({ name: nameOf(text), text, values: [...values] });
  } catch (error) {
    throw mapPostgresError(error);
  }
}
