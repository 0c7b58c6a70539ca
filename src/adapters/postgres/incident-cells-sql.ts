/** Statements about the cells of an incident; times are timestamptz in network time. */

/** Sum of neighbour weights outside the incident, by cell. $1 cell ids, $2 now. */
export const HEALTHY_OVERLAP = `
  select n.cell_id as "cellId", sum(n.weight) as overlap
  from neighbours n
  where n.cell_id = any($1::text[]) and n.valid_from <= $2 and n.valid_to > $2
    and not (n.neighbour_id = any($1::text[]))
  group by n.cell_id`;

/**
 * Makes the incident's cells these; a change of degree under 0.01 is let be. Cells that are lost no
 * longer stay with degree 0 until their people have been looked at. $1 incident number, $2 cell ids,
 * $3 degrees, $4 since when, $5 probabilities of no service. @returns `cellNo` of those that changed
 */
export const CHANGE_CELLS = `
with wanted as materialized (
  select distinct on (n.cell_no) n.cell_no, w.degree, w.since, w.none
  from unnest($2::text[], $3::float8[], $4::timestamptz[], $5::float8[])
    as w(cell_id, degree, since, none)
  join cell_numbers n using (cell_id)
  order by n.cell_no, w.degree desc),
written as (
  insert into incident_cells as c (incident_no, cell_no, degree, since, none)
  select $1, cell_no, degree, since, none from wanted order by cell_no
  on conflict (incident_no, cell_no) do update set degree = excluded.degree, since = excluded.since,
      none = excluded.none
    where abs(c.degree - excluded.degree) >= 0.01 or abs(c.none - excluded.none) >= 0.01
      or c.since <> excluded.since
  returning cell_no),
gone as (
  update incident_cells c set degree = 0
  where c.incident_no = $1 and c.degree > 0 and c.cell_no not in (select cell_no from wanted)
  returning cell_no)
select cell_no as "cellNo" from written union all select cell_no from gone order by 1`;

/** Forgets cells whose people have been looked at. $1 incident number. */
export const DROP_GONE_CELLS = `delete from incident_cells where incident_no = $1 and degree = 0`;
