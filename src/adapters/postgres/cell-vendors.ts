import type pg from 'pg';
import { query } from './pool.js';

/** Vendor of each cell of the inventory that has one, as it was at a moment. */
export async function loadCellVendors(pool: pg.Pool, atMs: number): Promise<Map<string, string>> {
  const { rows } = await query<{ id: string; vendor: string }>(
    pool,
    `select cell_id as id, vendor from cells
      where vendor is not null and valid_from <= to_timestamp($1::float8 / 1000)
        and valid_to > to_timestamp($1::float8 / 1000)`,
    [atMs],
  );
  // one text for all cells of a vendor
  const known = new Map<string, string>();
  return new Map(
    rows.map(({ id, vendor }) => {
      const own = known.get(vendor) ?? vendor;
      known.set(own, own);
      return [id, own];
    }),
  );
}
