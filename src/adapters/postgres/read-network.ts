import type pg from 'pg';
import type {
  Box,
  CellFeatures,
  CellState,
  GapItem,
  NetworkReads,
  SitePoint,
} from '../../api/ports.js';
import { query } from './pool.js';

const WORLD: Box = { west: -180, south: -90, east: 180, north: 90 };
const DOWN_FROM_DEGREE = 0.9;

interface CellRow {
  cell_id: string;
  site_id: string;
  name: string | null;
  lon: number;
  lat: number;
  azimuth: number | null;
  technology: string | null;
  degree: number | null;
  incident_id: string | null;
  suspected: boolean | null;
  silent: boolean;
}

/** Each cell of a running incident once: a confirmed one before a suspected, the worst first. */
const HURT = `
  hurt as (
    select distinct on (h."cellId") h."cellId" cell_id, h.degree, i.incident_id,
      i.state = 'suspected' suspected
    from incidents i, jsonb_to_recordset(i.doc->'cells') as h ("cellId" text, degree float8)
    where i.state in ('suspected', 'open', 'recovering')
    order by h."cellId", i.state = 'suspected', h.degree desc, i.incident_id
  )`;
const CELL_COLUMNS = `
  c.cell_id, c.site_id, s.name, coalesce(c.lon, s.lon) lon, coalesce(c.lat, s.lat) lat,
  c.azimuth, c.technology`;
const IN_BOX = `
  c.valid_to = 'infinity' and s.valid_to = 'infinity'
  and s.lon between $1 and $3 and s.lat between $2 and $4`;

/** What the API reads of the network as it is now. */
export function postgresNetworkReads(pool: pg.Pool): NetworkReads {
  return {
    cells: (box, limit) => cells(pool, box ?? WORLD, limit),
    sites: (limit) => sites(pool, limit),
    gaps: (lastingOnly, limit) => gaps(pool, lastingOnly, limit),
  };
}

async function cells(pool: pg.Pool, box: Box, limit: number): Promise<CellFeatures> {
  const bounds = [box.west, box.south, box.east, box.north];
  const hurt = await query<CellRow>(
    pool,
    `with ${HURT}
     select ${CELL_COLUMNS}, h.degree, h.incident_id, h.suspected, false silent
     from hurt h join cells c using (cell_id) join sites s using (site_id)
     where ${IN_BOX} order by h.suspected, h.degree desc, c.cell_id limit $5`,
    [...bounds, limit],
  );
  const room = limit - hurt.rows.length;
  const total = await query<{ cells: number }>(
    pool,
    `select count(*) cells from cells c join sites s using (site_id) where ${IN_BOX}`,
    bounds,
  );
  const others = (total.rows[0]?.cells ?? 0) - hurt.rows.length;
  const everyNth = room <= 0 ? 0 : Math.ceil(others / room);
  const healthy = everyNth === 0 ? [] : await otherCells(pool, bounds, everyNth, room);
  return {
    type: 'FeatureCollection',
    truncated: others > room,
    features: [...hurt.rows, ...healthy].map(featureOf),
  };
}

/** Every n-th cell of no incident by a hash of its id: thinned evenly, always to the same ones. */
async function otherCells(
  pool: pg.Pool,
  bounds: readonly number[],
  everyNth: number,
  limit: number,
): Promise<CellRow[]> {
  const { rows } = await query<CellRow>(
    pool,
    `with ${HURT}, silent as (
       select distinct unnest(cell_ids) cell_id from telemetry_gaps where to_at is null
     )
     select ${CELL_COLUMNS}, null::float8 degree, null incident_id, null::boolean suspected,
       c.cell_id in (select cell_id from silent) silent
     from cells c join sites s using (site_id)
     where ${IN_BOX} and c.cell_id not in (select cell_id from hurt)
       and ($5 = 1 or abs(hashtext(c.cell_id)::bigint) % $5 = 0)
     order by c.cell_id limit $6`,
    [...bounds, everyNth, limit],
  );
  return rows;
}

function featureOf(row: CellRow): CellFeatures['features'][number] {
  return {
    type: 'Feature',
    geometry: { type: 'Point', coordinates: [row.lon, row.lat] },
    properties: {
      id: row.cell_id,
      site: row.site_id,
      siteName: row.name,
      azimuth: row.azimuth,
      technology: row.technology,
      state: cellStateOf(row),
      degree: row.degree ?? 0,
      incidentId: row.incident_id,
    },
  };
}

/** What is shown of a cell, given what a running incident says of it, if one does. */
export function cellStateOf(row: Pick<CellRow, 'degree' | 'suspected' | 'silent'>): CellState {
  if (row.degree === null) return row.silent ? 'noData' : 'ok';
  if (row.suspected === true) return 'suspected';
  return row.degree >= DOWN_FROM_DEGREE ? 'down' : 'degraded';
}

async function sites(pool: pg.Pool, limit: number): Promise<SitePoint[]> {
  const { rows } = await query<SitePoint>(
    pool,
    `select s.site_id id, s.name, s.lat, s.lon,
       (select count(*) from cells c where c.site_id = s.site_id and c.valid_to = 'infinity') cells
     from sites s where s.valid_to = 'infinity' order by s.site_id limit $1`,
    [limit],
  );
  return rows;
}

async function gaps(pool: pg.Pool, lastingOnly: boolean, limit: number): Promise<GapItem[]> {
  const { rows } = await query<{
    gap_id: string;
    feed: string;
    from_at: Date;
    to_at: Date | null;
    cells: number;
    reason: string;
  }>(
    pool,
    `select gap_id, feed, from_at, to_at, cells, reason from telemetry_gaps
     where to_at is null or not $1 order by from_at desc, gap_id limit $2`,
    [lastingOnly, limit],
  );
  return rows.map(({ gap_id, from_at, to_at, ...rest }) => ({
    ...rest,
    id: gap_id,
    from: from_at.toISOString(),
    to: to_at?.toISOString() ?? null,
  }));
}
