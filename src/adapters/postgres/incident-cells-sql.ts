/** Statements about the cells of an incident; times are timestamptz in network time. */

/** Sum of neighbour weights outside the incident, by cell. $1 cell ids, $2 now. */
export const HEALTHY_OVERLAP = `
  select n.cell_id as "cellId", sum(n.weight) as overlap
  from neighbours n
  where n.cell_id = any($1::text[]) and n.valid_from <= $2 and n.valid_to > $2
    and not (n.neighbour_id = any($1::text[]))
  group by n.cell_id`;

/**
 * Makes the incident's cells these, touching those that changed; a change of degree under 0.01 is let
 * be. Cells that are lost no longer stay with degree 0 until their people have been looked at. $1
 * incident number, $2 cell ids, $3 degrees, $4 since when, $5 probabilities of no service. @returns
 * `cellNo` of those that changed
 */
export const CHANGE_CELLS = `
with wanted as materialized (
  select distinct on (n.cell_no) n.cell_no, w.degree, w.since, w.none
  from unnest($2::text[], $3::float8[], $4::timestamptz[], $5::float8[])
    as w(cell_id, degree, since, none)
  join cell_numbers n using (cell_id)
  order by n.cell_no, w.degree desc),
present as materialized (
  select cell_no, degree, since, none from incident_cells where incident_no = $1),
written as (
  insert into incident_cells as c (incident_no, cell_no, degree, since, none)
  select $1, w.* from wanted w left join present o using (cell_no)
  where o.cell_no is null or abs(o.degree - w.degree) >= 0.01 or abs(o.none - w.none) >= 0.01
    or o.since <> w.since
  order by w.cell_no
  on conflict (incident_no, cell_no) do update set degree = excluded.degree, since = excluded.since,
    none = excluded.none
  returning cell_no),
gone as (
  update incident_cells c set degree = 0
  where c.incident_no = $1 and c.cell_no = any(array(
    select cell_no from present where degree > 0 and cell_no not in (select cell_no from wanted)))
  returning cell_no)
select cell_no as "cellNo" from written union all select cell_no from gone order by 1`;

/** Forgets cells whose people have been looked at. $1 incident number. */
export const DROP_GONE_CELLS = `delete from incident_cells where incident_no = $1 and degree = 0`;

/** What a list is made against, column by column. $1 incident number. */
export const LOST_CELLS = `
select coalesce(array_agg(cell_no), '{}') as cells,
  coalesce(array_agg(degree::float8), '{}') as degrees,
  coalesce(array_agg(none::float8), '{}') as nones, coalesce(array_agg(since), '{}') as since
from incident_cells where incident_no = $1 and degree > 0`;
