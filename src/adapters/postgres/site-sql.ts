/** Statements of the view of a site. Times are network time. */

/** The site. $1 id. */
export const SITE = `
select site_id id, name, lat, lon, zone from sites where site_id = $1 and valid_to = 'infinity'`;

/** Its cells, whether their telemetry is missing. $1 site. */
export const SITE_CELLS = `
select c.cell_id id, c.technology, c.vendor, c.azimuth,
  exists (select from telemetry_gaps g where g.to_at is null and c.cell_id = any(g.cell_ids)) silent
from cells c where c.site_id = $1 and c.valid_to = 'infinity' order by c.cell_id`;

/** What running incidents hold of some cells. $1 site, $2 cell ids. */
export const HELD_HERE = `
select i.incident_id, i.state = 'suspected' suspected, h."cellId" cell_id, h.degree, h.since
from incidents i
left join lateral jsonb_to_recordset(i.doc -> 'cells') as h ("cellId" text, degree float8, since text)
  on h."cellId" = any($2)
where i.state in ('suspected', 'open', 'recovering') and i.doc -> 'sites' ? $1`;

/**
 * People affected here: of those who live, usually are or were seen here, the ones some incidents
 * affect. $1 site, $2 cell ids, $3 incident ids.
 */
export const WAITING = `
with here as materialized (select cell_no from cell_numbers where cell_id = any($2)),
near as materialized (
  select u.subscriber_id from here join usual_cells u using (cell_no)
  union
  select l.subscriber_id from here join last_seen l using (cell_no)
  union
  select s.subscriber_id from subscribers s where s.home_site = $1 and not s.declares_cells),
affected as (
  select i.subscriber_id, max(i.probability) probability, bool_or(i.service = 'none') none
  from near join incident_subscribers i using (subscriber_id)
  join subscriber_classes c using (class)
  where i.affected_to is null and c.kind <> 'machine'
    and i.incident_no = any(array(select n.incident_no from incidents n where n.incident_id = any($3)))
  group by i.subscriber_id)
select count(*)::int people, coalesce(sum(probability), 0)::float8 expected,
  (count(*) filter (where none))::int "withoutService",
  exists (select from impact_state t where t.incident_id = any($3) and not t.is_complete) "isEstimate"
from affected`;

/** Incidents that held some cells before. $1 cell ids, $2 since when, $3 incidents to leave out. */
export const BEFORE = `
select i.incident_id "incidentId", i.state, i.doc ->> 'severity' severity,
  i.doc -> 'cause' ->> 'kind' kind, i.doc -> 'cause' ->> 'id' id,
  min(o.from_at) "from", case when bool_or(o.to_at is null) then null else max(o.to_at) end "to",
  count(*)::int cells, max(o.degree)::float8 degree, (count(*) over ())::int total
from cell_numbers n join cell_incidents o using (cell_no) join incidents i using (incident_no)
where n.cell_id = any($1) and o.from_at >= $2 and not (i.incident_id = any($3))
  and not exists (
    select from audit_log a where a.action = 'notAnIncident' and a.target = i.incident_id)
group by i.incident_no, i.incident_id, i.state, i.doc
order by min(o.from_at) desc, i.incident_id limit 100`;

/** What a site depends on, nearest first. $1 site. */
export const ABOVE_SITE = `
with recursive up (node, depth) as (
  select $1::text, 0
  union
  select l.parent_id, u.depth + 1 from up u
  join links l on l.child_id = u.node and l.valid_to = 'infinity' where u.depth < 8
)
select kind, id from (
  select l.kind, l.link_id id, 2 * u.depth + 1 depth
  from up u join links l on l.child_id = u.node and l.valid_to = 'infinity'
  where l.link_id <> l.parent_id
  union all
  select 'function', u.node, 2 * u.depth from up u where u.depth > 0
) above group by kind, id order by min(depth), kind, id`;
