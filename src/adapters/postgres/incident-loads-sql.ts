/** Statements about what incidents bring in calls; times are timestamptz in network time. */

/**
 * Incidents that bring calls: those that run, and those that ended after $1. One that goes on as
 * another is left out.
 */
export const LOADS = `
  select i.incident_id, i.incident_no, i.started_at, i.ended_at,
    coalesce(i.doc -> 'cause' ->> 'kind', 'unknown') as cause_kind,
    (i.doc ->> 'estimatedRepairAt')::timestamptz as repair_at,
    (i.doc -> 'repair' ->> 'low')::timestamptz as repair_low,
    (i.doc -> 'repair' ->> 'high')::timestamptz as repair_high,
    coalesce((i.impact ->> 'expected')::float8, 0) as expected,
    coalesce((i.impact ->> 'isEstimate')::boolean, false) as is_estimate,
    (select count(distinct o.subscriber_id)::int from outbox o
     where o.incident_id = i.incident_id and o.kind in ('onset', 'overrun')
       and o.state in ('accepted', 'delivered')) as told,
    (select count(distinct o.subscriber_id)::int from outbox o
     where o.incident_id = i.incident_id and o.kind in ('onset', 'overrun')
       and o.state in ('pending', 'claimed')) as pending
  from incidents i
  where not i.doc ? 'mergedInto' and (i.state in ('open', 'recovering')
     or (i.state in ('resolved', 'closed') and i.ended_at >= $1 and i.detected_at is not null))
  order by i.incident_id`;

/** Who is affected, or was once it is over. $1 incident numbers of those that run, $2 of all. */
export const PEOPLE = `
  select n.incident_no, c.segment, c.language,
    sum(case when n.incident_no = any($1::int[]) then n.expected else n.ever_expected end)::float8
      as people,
    sum(n.expected)::float8 as expected, sum(n.loss)::float8 as loss
  from impact_counts n join subscriber_classes c using (class)
  where n.incident_no = any($2::int[]) and c.kind <> 'machine'
  group by n.incident_no, c.segment, c.language
  order by n.incident_no, c.segment, c.language`;

/** Cells of incidents by when they failed and where: $1 incident numbers. */
export const CELLS = `
  select o.incident_no, date_bin('5 minutes', o.from_at, timestamptz '2000-01-01') as since,
    s.site_id, s.name, count(*)::int as cells, avg(o.degree)::float8 as degree
  from cell_incidents o
  join cell_numbers n using (cell_no)
  left join cells c on c.cell_id = n.cell_id and c.valid_to = 'infinity'
  left join sites s on s.site_id = c.site_id and s.valid_to = 'infinity'
  where o.incident_no = any($1::int[])
  group by 1, 2, 3, 4 order by 1, 2, 3`;

/** How many had been told by when. $1 incidents. */
export const TOLD = `
  select incident_id, at, people from surge_told where incident_id = any($1::text[])
  order by incident_id, at`;

/** Remembers those told by now, where there are more than before. $1 incidents, $2 people, $3 now. */
export const REMEMBER_TOLD = `
  insert into surge_told (incident_id, at, people)
  select g.incident_id, $3::timestamptz, g.people
  from unnest($1::text[], $2::int[]) as g (incident_id, people)
  where g.people > coalesce(
    (select max(t.people) from surge_told t where t.incident_id = g.incident_id), 0)
  on conflict (incident_id, at) do update set people = excluded.people`;
