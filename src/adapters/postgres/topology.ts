import type pg from 'pg';
import type {
  CellRow,
  LinkRow,
  NeighbourRow,
  SiteRow,
  TopologyRows,
  WorkRow,
} from '../../domain/topology-rows.js';
import { withTransaction } from './pool.js';

const VALID = 'valid_from <= to_timestamp($1 / 1000.0) and valid_to > to_timestamp($1 / 1000.0)';

/** Drops columns that are null: our row types leave out what is not known. */
function present<Row>(rows: readonly Record<string, unknown>[]): Row[] {
  return rows.map(
    (row) => Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)) as Row,
  );
}

/**
 * The network as it was at a moment, rows in order of their ids; planned works whole, past ones
 * included. One snapshot: an import in between is seen entirely or not at all.
 */
export async function loadTopology(pool: pg.Pool, atMs: number): Promise<TopologyRows> {
  return withTransaction(pool, async (client) => {
    await client.query('set transaction isolation level repeatable read, read only');
    const rows = async <Row>(sql: string, values: unknown[] = [atMs]): Promise<Row[]> =>
      present<Row>((await client.query(sql, values)).rows);
    return {
      sites: await rows<SiteRow>(
        `select site_id as "siteId", name, lat, lon, zone from sites where ${VALID} order by 1`,
      ),
      cells: await rows<CellRow>(
        `select cell_id as "cellId", site_id as "siteId", lat, lon, azimuth, technology, vendor,
                version from cells where ${VALID} order by 1`,
      ),
      links: await rows<LinkRow>(
        `select link_id as "linkId", parent_id as "parentId", child_id as "childId", kind
           from links where ${VALID} order by 1, 3`,
      ),
      neighbours: await rows<NeighbourRow>(
        `select cell_id as "cellId", neighbour_id as "neighbourId", weight
           from neighbours where ${VALID} order by 1, 2`,
      ),
      works: await rows<WorkRow>(
        `select work_id as "workId", resource_id as "resourceId",
                (extract(epoch from starts_at) * 1000)::float8 as "startsAtMs",
                (extract(epoch from ends_at) * 1000)::float8 as "endsAtMs", description
           from works order by 1`,
        [],
      ),
    };
  });
}
