import type pg from 'pg';
import { query } from './pool.js';

/** What the newest forecast is made of (`ForecastBasis`) as JSON; undefined while there is none. */
export async function readBasis(pool: pg.Pool): Promise<string | undefined> {
  const { rows } = await query<{ basis: string }>(
    pool,
    `select basis::text as basis from forecast_basis where basis->>'format' = '2'`,
  );
  return rows[0]?.basis;
}
