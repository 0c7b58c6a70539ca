import type pg from 'pg';
import type { Incident } from '../../domain/incident.js';

/**
 * Writes cells an incident holds or held. $1 incident number, $2 cell ids, $3 degrees, $4 since when,
 * $5 when those it no longer holds left it.
 */
const RECORD = `
with held as materialized (
  select distinct on (n.cell_no) n.cell_no, h.degree, h.since
  from unnest($2::text[], $3::float8[], $4::timestamptz[]) as h (cell_id, degree, since)
  join cell_numbers n using (cell_id)
  order by n.cell_no, h.degree desc),
present as materialized (
  select * from cell_incidents where incident_no = $1),
written as (
  insert into cell_incidents as o (incident_no, cell_no, from_at, degree)
  select $1, h.cell_no, h.since, h.degree from held h left join present p using (cell_no)
  where p.cell_no is null or p.to_at is not null or p.degree < h.degree or p.from_at > h.since
  order by h.cell_no
  on conflict (cell_no, incident_no) do update
    set to_at = null, degree = greatest(o.degree, excluded.degree),
      from_at = least(o.from_at, excluded.from_at))
update cell_incidents o set to_at = greatest(o.from_at, $5)
where o.incident_no = $1 and o.cell_no = any(array(
  select cell_no from present where to_at is null and cell_no not in (select cell_no from held)))`;

/**
 * Keeps which cells an incident has held from when to when, for the view of a site and of recurring
 * problems. Doing it again changes nothing.
 * @param atMs when cells that it no longer holds left it, epoch ms
 */
export async function recordCells(
  client: pg.ClientBase,
  incidentNo: number,
  { cells }: Incident,
  atMs: number,
): Promise<void> {
  await client.query(RECORD, [
    incidentNo,
    cells.map(({ cellId }) => cellId),
    cells.map(({ degree }) => degree),
    cells.map(({ since }) => since),
    new Date(atMs),
  ]);
}
