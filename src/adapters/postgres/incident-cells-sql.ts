/** Statements about the cells of an incident; times are timestamptz in network time. */

/** Sum of neighbour weights outside the incident, by cell and technology. $1 cell ids, $2 now. */
export const HEALTHY_OVERLAP = `
  select n.cell_id as "cellId", coalesce(c.technology, '') as technology, sum(n.weight) as overlap
  from neighbours n
  left join cells c on c.cell_id = n.neighbour_id and c.valid_from <= $2 and c.valid_to > $2
  where n.cell_id = any($1::text[]) and n.valid_from <= $2 and n.valid_to > $2
    and not (n.neighbour_id = any($1::text[]))
  group by n.cell_id, c.technology`;

/** Classes of subscribers whose devices are known. */
export const DEVICE_CLASSES = `
select class, technologies from subscriber_classes where technologies <> ''`;

/**
 * Makes the incident's cells these, touching those that changed; a change of degree under 0.01 is let
 * be. Cells that are lost no longer stay with degree 0 until their people have been looked at. $1
 * incident number, $2 cell ids, $3 degrees, $4 since when, $5 probabilities of no service, $6 to $8
 * shares lost of voice, data and SMS where it serves on. @returns `cellNo` of those that changed
 */
export const CHANGE_CELLS = `
with wanted as materialized (
  select distinct on (n.cell_no) n.cell_no, w.degree, w.since, w.none, w.voice, w.data, w.sms
  from unnest($2::text[], $3::float8[], $4::timestamptz[], $5::float8[], $6::float8[], $7::float8[],
    $8::float8[]) as w(cell_id, degree, since, none, voice, data, sms)
  join cell_numbers n using (cell_id)
  order by n.cell_no, w.degree desc),
present as materialized (
  select cell_no, degree, since, none, voice, data, sms from incident_cells where incident_no = $1),
written as (
  insert into incident_cells as c (incident_no, cell_no, degree, since, none, voice, data, sms)
  select $1, w.* from wanted w left join present o using (cell_no)
  where o.cell_no is null or abs(o.degree - w.degree) >= 0.01 or abs(o.none - w.none) >= 0.01
    or o.since <> w.since or greatest(abs(o.voice - w.voice), abs(o.data - w.data),
      abs(o.sms - w.sms)) >= 0.01
  order by w.cell_no
  on conflict (incident_no, cell_no) do update set degree = excluded.degree, since = excluded.since,
    none = excluded.none, voice = excluded.voice, data = excluded.data, sms = excluded.sms
  returning cell_no),
gone as (
  update incident_cells c set degree = 0
  where c.incident_no = $1 and c.cell_no = any(array(
    select cell_no from present where degree > 0 and cell_no not in (select cell_no from wanted)))
  returning cell_no)
select cell_no as "cellNo" from written union all select cell_no from gone order by 1`;

/** Forgets cells whose people have been looked at. $1 incident number. */
export const DROP_GONE_CELLS = `delete from incident_cells where incident_no = $1 and degree = 0`;

/** Lost cells column by column, of `incident_cells`. */
export const LOST_COLUMNS = `coalesce(array_agg(cell_no), '{}') as cells,
  coalesce(array_agg(none::float8), '{}') as nones, coalesce(array_agg(since), '{}') as since,
  coalesce(array_agg(voice::float8), '{}') as voice, coalesce(array_agg(data::float8), '{}') as data,
  coalesce(array_agg(sms::float8), '{}') as sms`;

/** What a list is made against. $1 incident number. */
export const LOST_CELLS = `
select ${LOST_COLUMNS} from incident_cells where incident_no = $1 and degree > 0`;
