import type pg from 'pg';
import type { SiteView } from '../../api/ports.js';
import { query } from './pool.js';
import { ITEM_COLUMNS, ITEM_TABLES, type ItemRow, itemOf } from './read-incident-item.js';
import { cellStateOf } from './read-network.js';
import { ABOVE_SITE, BEFORE, HELD_HERE, SITE, SITE_CELLS, WAITING } from './site-sql.js';

const DAYS = 90;

type Site = Pick<SiteView, 'id' | 'name' | 'lat' | 'lon' | 'zone'>;
type Cell = Pick<SiteView['cells'][number], 'id' | 'technology' | 'vendor' | 'azimuth'> & {
  readonly silent: boolean;
};

interface Held {
  readonly incident_id: string;
  readonly suspected: boolean;
  readonly cell_id: string | null;
  readonly degree: number;
  readonly since: string;
}

interface Before extends Pick<SiteView['before'][number], 'incidentId' | 'state' | 'severity'> {
  readonly kind: string;
  readonly id: string;
  readonly from: Date;
  readonly to: Date | null;
  readonly cells: number;
  readonly degree: number;
  readonly total: number;
}

/**
 * What a field crew needs of a site: what is wrong now and since when, who waits, how often before.
 * @returns undefined when there is no such site
 */
export async function readSite(
  pool: pg.Pool,
  siteId: string,
  nowMs: number,
): Promise<SiteView | undefined> {
  const [site, cells] = await Promise.all([
    query<Site>(pool, SITE, [siteId]),
    query<Cell>(pool, SITE_CELLS, [siteId]),
  ]);
  const [found] = site.rows;
  if (found === undefined) return undefined;
  const cellIds = cells.rows.map(({ id }) => id);
  const held = (await query<Held>(pool, HELD_HERE, [siteId, cellIds])).rows;
  const running = [...new Set(held.map((each) => each.incident_id))];
  const since = new Date(nowMs - DAYS * 86_400_000);
  const [items, waiting, before, above] = await Promise.all([
    query<ItemRow>(
      pool,
      `select ${ITEM_COLUMNS} from ${ITEM_TABLES} where i.incident_id = any($1)
       order by i.rank_score desc, i.incident_id`,
      [running],
    ),
    query<SiteView['waiting']>(pool, WAITING, [siteId, cellIds, running]),
    query<Before>(pool, BEFORE, [cellIds, since, running]),
    query<SiteView['dependsOn'][number]>(pool, ABOVE_SITE, [siteId]),
  ]);
  return {
    ...found,
    cells: cells.rows.map((cell) => cellOf(cell, held)).sort((a, b) => b.degree - a.degree),
    now: items.rows.map((row) => nowOf(row, held)),
    waiting: waiting.rows[0] ?? { people: 0, expected: 0, withoutService: 0, isEstimate: false },
    dependsOn: above.rows,
    days: DAYS,
    before: before.rows.map(beforeOf),
    beforeCount: before.rows[0]?.total ?? 0,
  };
}

/** A cell under the worst that holds it, a confirmed incident before a suspected. */
function cellOf({ silent, ...cell }: Cell, held: readonly Held[]): SiteView['cells'][number] {
  const [worst] = held
    .filter((each) => each.cell_id === cell.id)
    .sort((a, b) => Number(a.suspected) - Number(b.suspected) || b.degree - a.degree);
  const suspected = worst?.suspected ?? null;
  return {
    ...cell,
    state: cellStateOf({ degree: worst?.degree ?? null, suspected, silent }),
    degree: worst?.degree ?? 0,
    since: worst?.since ?? null,
    incidentId: worst?.incident_id ?? null,
  };
}

function nowOf(row: ItemRow, held: readonly Held[]): SiteView['now'][number] {
  const here = held.filter((each) => each.incident_id === row.incident_id && each.cell_id !== null);
  const [first] = here.map(({ since }) => since).sort();
  return { ...itemOf(row), cellsHere: here.length, sinceHere: first ?? null };
}

function beforeOf({ kind, id, from, to, total: _, ...rest }: Before): SiteView['before'][number] {
  return {
    ...rest,
    cause: { kind, id },
    from: from.toISOString(),
    to: to?.toISOString() ?? null,
  };
}
