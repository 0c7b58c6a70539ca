/** Statements that work out what an incident means for places, before anybody is looked at. */

const VALID = (alias: string): string => `${alias}.valid_from <= $2 and ${alias}.valid_to > $2`;

/** What a lost cell `l` does to who is there. */
const AT_CELL = `(l.none > 0)::int::float8 as dark, l.none::float8 as none, l.voice::float8 as voice,
    l.data::float8 as data, l.sms::float8 as sms`;
const HARM = ['dark', 'none', 'voice', 'data', 'sms'] as const;
const MET = HARM.map((of) => `l.${of}`).join(', ');

/** What is kept of each place: its exposure, and what the cells that cover it add to that. */
const SHARES = ['probability', ...HARM, 'own_probability', ...HARM.map((of) => `own_${of}`)];

/**
 * Exposure of who is at each site's place, by its cells and those that overlap them: the arithmetic
 * of src/impact/home-coverage.ts. $1 incident number, $2 now, $3 spill, $4 cells: only of sites that
 * these concern; null: of all. A site that nothing of the incident covers any more has probability 0.
 */
export const SITE_COVERAGE = `
with lost as materialized (
  select n.cell_id, ${AT_CELL}, l.since
  from incident_cells l join cell_numbers n using (cell_no)
  where l.incident_no = $1 and l.degree > 0),
changed as materialized (
  select n.cell_id from incident_cells l join cell_numbers n using (cell_no)
  where l.incident_no = $1
    and case when $4::int[] is null then l.degree > 0 else l.cell_no = any($4::int[]) end),
concerned as materialized (
  select c.site_id from changed join cells c using (cell_id) where ${VALID('c')}
  union
  select c.site_id from changed l join neighbours n on n.neighbour_id = l.cell_id and ${VALID('n')}
  join cells c on c.cell_id = n.cell_id and ${VALID('c')}),
homes as materialized (
  select c.site_id, c.cell_id, count(*) over (partition by c.site_id) as cells
  from concerned join cells c using (site_id) where ${VALID('c')}),
covering as materialized (
  select h.site_id, h.cell_id, h.cells, n.neighbour_id, n.weight,
    sum(n.weight) over (partition by h.cell_id) as total
  from homes h join neighbours n on n.cell_id = h.cell_id and ${VALID('n')}),
covered as (
  select h.site_id, ${MET}, l.since,
    (1 - case when exists (select from covering o where o.cell_id = h.cell_id and o.total > 0)
      then $3::float8 else 0 end) / h.cells as share
  from homes h join lost l using (cell_id)
  union all
  select o.site_id, ${MET}, l.since, $3::float8 / o.cells * o.weight / o.total
  from covering o join lost l on l.cell_id = o.neighbour_id where o.total > 0)
select site_id as "siteId", min(since) as since, coalesce(sum(share), 0) as probability,
  ${HARM.map((of) => `coalesce(sum(share * ${of}), 0) as ${of}`).join(', ')}
from concerned left join covered using (site_id) group by site_id`;

/** What is kept of each place's own coverage. $1 incident number. */
export const KEPT_COVERAGE = `
select site_id as "siteId", since, own_probability::float8 as probability,
  ${HARM.map((of) => `own_${of}::float8 as ${of}`).join(', ')}
from incident_sites where incident_no = $1`;

/** The incident's lost cells as a whole. $1 incident number. @returns cells by site of each */
export const LOST_BY_SITE = `
select c.site_id as "siteId", ${AT_CELL}, l.since
from incident_cells l join cell_numbers n using (cell_no) join cells c using (cell_id)
where l.incident_no = $1 and l.degree > 0 and ${VALID('c')}`;

/** Places of all sites. $1 unused, $2 now. */
export const PLACED_SITES = `
select s.site_id as "siteId", s.lat, s.lon, count(c.cell_id)::int as cells
from sites s left join cells c on c.site_id = s.site_id and ${VALID('c')}
where ${VALID('s')} and $1::int is not null
group by s.site_id, s.lat, s.lon`;

/**
 * Which cells a change of some may make catch phones or no longer, `around`, and the cells whose phones
 * those may catch, `dark`: a cell that changed, or beside which one changed, may fall on others of its
 * neighbours. $1 cells that changed, $2 now.
 */
export const CATCHING_AROUND = `
with changed as materialized (
  select cell_id from cell_numbers where cell_no = any($1::int[])),
touched as materialized (
  select cell_id from changed
  union select n.cell_id from changed c join neighbours n on n.neighbour_id = c.cell_id and ${VALID('n')}),
around as materialized (
  select cell_id from changed
  union select n.neighbour_id from touched t join neighbours n on n.cell_id = t.cell_id and ${VALID('n')}),
dark as (
  select distinct n.cell_id
  from around a join neighbours n on n.neighbour_id = a.cell_id and ${VALID('n')})
select array(select n.cell_no from around join cell_numbers n using (cell_id)) as around,
  array(select n.cell_no from dark join cell_numbers n using (cell_id)) as dark`;

/** Neighbours of cells that are out. $1 incident number, $2 now, $3 of these cells; null: of all. */
export const DARK_NEIGHBOURS = `
select l.cell_no as "cellNo", m.cell_no as "neighbourNo", n.weight, l.since
from incident_cells l join cell_numbers d using (cell_no)
join neighbours n on n.cell_id = d.cell_id and ${VALID('n')}
join cell_numbers m on m.cell_id = n.neighbour_id
where l.incident_no = $1 and l.degree > 0 and l.none > 0
  and ($3::int[] is null or l.cell_no = any($3::int[]))
  and not exists (select from incident_cells o where o.incident_no = $1 and o.cell_no = m.cell_no
    and o.degree > 0)`;

/** A change of a place's exposure below this is let be: it shifts nobody's probability by more. */
const LEAST_CHANGE = 0.001;

/**
 * Makes the incident's places these, touching those that changed. $1 incident number, then columns:
 * site, since, probability and what is met there, and the same of the place's own coverage.
 */
export const WRITE_SITES = `
with given as materialized (
  select * from unnest($2::text[], $3::timestamptz[],
      ${SHARES.map((_, n) => `$${n + 4}::float8[]`).join(', ')})
    as g (site_id, since, ${SHARES.join(', ')})),
gone as (
  delete from incident_sites i where i.incident_no = $1
    and i.site_id not in (select site_id from given))
insert into incident_sites as i (incident_no, site_id, since, ${SHARES.join(', ')})
select $1, g.* from given g
left join incident_sites o on o.incident_no = $1 and o.site_id = g.site_id
where o.own_probability is null or o.since <> g.since or greatest(
  ${SHARES.map((of) => `abs(o.${of} - g.${of})`).join(', ')}) >= ${LEAST_CHANGE}
on conflict (incident_no, site_id) do update set since = excluded.since,
  ${SHARES.map((of) => `${of} = excluded.${of}`).join(', ')}`;

/**
 * Makes the incident's catching cells these. $1 incident number, $2 cell numbers, $3 since when, $4 of
 * these cells alone; null: of all.
 */
export const WRITE_CATCHING = `
with given as materialized (
  select * from unnest($2::int[], $3::timestamptz[]) as g (cell_no, since)
  where $4::int[] is null or cell_no = any($4::int[])),
gone as (
  delete from incident_catching i where i.incident_no = $1
    and ($4::int[] is null or i.cell_no = any($4::int[]))
    and i.cell_no not in (select cell_no from given))
insert into incident_catching as i (incident_no, cell_no, since)
select $1, * from given
on conflict (incident_no, cell_no) do update set since = excluded.since
  where i.since <> excluded.since`;
