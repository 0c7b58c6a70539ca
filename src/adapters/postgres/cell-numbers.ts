import type pg from 'pg';
import { query } from './pool.js';

const KNOWN_CELLS = `
select n.cell_id as "cellId", n.cell_no as "cellNo"
from unnest($1::text[]) as g (cell_id) join cell_numbers n using (cell_id)
where exists (select from cells c where c.cell_id = n.cell_id and c.valid_to = 'infinity')`;

/** More are not kept: the dictionary begins anew. */
const MOST_KEPT = 1_000_000;

/**
 * Numbers of the cells that the inventory has, kept in memory as they come up: sightings name the same
 * cells again and again. What was kept is forgotten when an import changes the cells.
 */
export class CellNumbers {
  readonly #pool: pg.Pool;
  readonly #known = new Map<string, number>();
  #version: number | undefined;

  constructor(pool: pg.Pool) {
    this.#pool = pool;
  }

  /** Numbers in the order asked for; null for a cell that the inventory does not have now. */
  async of(ids: readonly string[]): Promise<(number | null)[]> {
    const { rows } = await query<{ version: number }>(
      this.#pool,
      `select coalesce(sum(version), 0)::int as version from import_versions where kind = 'cells'`,
    );
    const version = rows[0]?.version ?? 0;
    if (version !== this.#version || this.#known.size > MOST_KEPT) this.#known.clear();
    this.#version = version;
    const news = new Set(ids.filter((id) => !this.#known.has(id)));
    if (news.size > 0) {
      const found = await query<{ cellId: string; cellNo: number }>(this.#pool, KNOWN_CELLS, [
        [...news],
      ]);
      for (const { cellId, cellNo } of found.rows) this.#known.set(cellId, cellNo);
    }
    return ids.map((id) => this.#known.get(id) ?? null);
  }
}
