import type { WhereaboutsMode } from '../../impact/whereabouts-rules.js';
import { LOST_COLUMNS } from './incident-cells-sql.js';

/** Subscriptions a number belongs to now, its own before those it is the contact of. $1 phone key, $2 limit. */
export const SUBSCRIPTIONS = `
select s.subscriber_id as "subscriberId", bool_or(d.kind = 'msisdn') as "isOwn", s.kind, s.brand,
  s.segment, s.zone, s.home_site as "homeSite", count(*) over ()::int as total
from subscriber_identifiers d join subscribers s using (subscriber_id)
where d.phone_key = $1 and d.kind in ('msisdn', 'contact') and s.erased_at is null
  and d.valid_from <= now() and d.valid_to > now()
group by s.subscriber_id
order by 2 desc, 1 limit $2`;

/** Whether the account of a line, or the line itself, has a contact. $1 subscriber. */
export const HAS_CONTACT = `
select exists (
    select from subscriber_identifiers e
    where e.subscriber_id = $1 and e.kind = 'contact' and e.valid_to > now())
  or exists (
    select from subscriber_identifiers a
    join subscriber_identifiers b on b.kind = 'account' and b.value = a.value and b.valid_to > now()
    join subscriber_identifiers e on e.subscriber_id = b.subscriber_id and e.kind = 'contact'
      and e.valid_to > now()
    where a.subscriber_id = $1 and a.kind = 'account' and a.valid_to > now()) as "hasContact"`;

/** What else is known of a number. $1 phone key. */
export const NUMBER_RECORD = `
select exists (select from opt_outs o where o.phone_key = $1) as "isOptedOut",
  exists (select from erasures e where e.identifier_key = $1) or exists (
    select from subscriber_identifiers d join subscribers s using (subscriber_id)
    where d.phone_key = $1 and s.erased_at is not null) as "isErased"`;

const SEEN = `
  select subscriber_id, cell_no, 'seen' as by, seen_at from last_seen where subscriber_id = any($1::int[])`;
const USUAL = `
  select distinct subscriber_id, cell_no, 'usual', null::timestamptz from usual_cells
  where subscriber_id = any($1::int[])`;
const HOME = `
  select s.subscriber_id, n.cell_no, 'home', null::timestamptz
  from subscribers s join cells c on c.site_id = s.home_site join cell_numbers n using (cell_id)
  where s.subscriber_id = any($1::int[]) and c.valid_from <= $2 and c.valid_to > $2`;

/** Cells of some subscriptions' places, as far as a mode lets them be known. $1 subscribers, $2 now. */
export function placesStatement(mode: WhereaboutsMode): string {
  const parts = { declared: [HOME], lastSeen: [SEEN, HOME], learnt: [SEEN, USUAL, HOME] };
  return `
with at (subscriber_id, cell_no, by, seen_at) as (${parts[mode].join('\n  union all')})
select a.subscriber_id as "subscriberId", a.cell_no as "cellNo", a.by, a.seen_at as "seenAt",
  n.cell_id as "cellId", c.site_id as "siteId", t.zone
from at a join cell_numbers n using (cell_no)
left join cells c on c.cell_id = n.cell_id and c.valid_from <= $2 and c.valid_to > $2
left join sites t on t.site_id = c.site_id and t.valid_from <= $2 and t.valid_to > $2`;
}

/**
 * Incidents that are on at some places, or list some subscriptions, with what is lost at the places. $1
 * cells, $2 sites, $3 subscribers.
 */
export const RUNNING_INCIDENTS = `
select i.incident_no as "incidentNo", i.incident_id as "incidentId", i.lineage_id as "lineageId",
  i.started_at as "startedAt", i.cause_kind as "causeKind",
  i.estimated_repair_at as "estimatedRepairAt", i.repair, i.sites_key as "sitesKey", l.*,
  coalesce((select s.caught from impact_state s where s.incident_no = i.incident_no), '{}') as caught
from incidents i
cross join lateral (
  select ${LOST_COLUMNS} from incident_cells c
  where c.incident_no = i.incident_no and c.cell_no = any($1::int[]) and c.degree > 0) l
where i.state in ('open', 'recovering') and i.incident_no in (
  select c.incident_no from incident_cells c where c.cell_no = any($1::int[]) and c.degree > 0
  union select h.incident_no from incident_sites h where h.site_id = any($2::text[])
  union select a.incident_no from incident_subscribers a
    where a.subscriber_id = any($3::int[]) and a.affected_to is null)
order by i.started_at, i.incident_no`;

/** Where an incident is. $1 incident number. */
export const INCIDENT_SITES = `select doc -> 'sites' as sites from incidents where incident_no = $1`;

/** Messages to some subscriptions, newest first, with the network time at which each was to leave. $1 subscribers, $2 since. */
export const TOLD = `
select o.kind, o.state, o.reason,
  coalesce(o.turn_at, o.handed_over_at,
    (select w.decided_at from waves w where w.wave_id = o.wave_id), o.updated_at) as at,
  o.lineage_id as "lineageId"
from outbox o
where o.subscriber_id = any($1::int[]) and o.created_at >= $2
order by at desc, o.kind limit 50`;

/** Incidents at some places or that some subscriptions were in, newest first. $1 cells, $2 subscribers, $3 since. */
export const RECENT_INCIDENTS = `
select i.incident_id as "incidentId", i.started_at as "startedAt", i.ended_at as "endedAt",
  i.cause_kind as "causeKind",
  exists (select from cell_incidents c where c.incident_no = i.incident_no
    and c.cell_no = any($1::int[])) as "isAtPlace",
  exists (select from incident_subscribers a where a.incident_no = i.incident_no
    and a.subscriber_id = any($2::int[])) as "wasAffected"
from incidents i
where i.incident_no in (
    select c.incident_no from cell_incidents c where c.cell_no = any($1::int[])
    union select a.incident_no from incident_subscribers a where a.subscriber_id = any($2::int[]))
  and i.started_at >= $3 and i.detected_at is not null and i.merged_into is null
  and not exists (
    select from audit_log a where a.action = 'notAnIncident' and a.target = i.incident_id)
order by i.started_at desc, i.incident_id limit 50`;

/** Planned works on what serves some cells and sites, directly or from above. $1 ids, $2 now, $3 until. */
export const WORKS_ABOVE = `
with recursive above (id) as (
  select unnest($1::text[])
  union
  select x.id from above join links l on l.child_id = above.id and l.valid_from <= $2 and l.valid_to > $2
  cross join lateral (values (l.link_id), (l.parent_id)) as x (id))
select w.work_id as "workId", w.starts_at as "startsAt", w.ends_at as "endsAt", w.description
from works w
where w.ends_at > $2 and w.starts_at <= $3 and w.resource_id in (select id from above)
order by w.starts_at, w.work_id limit 20`;

/** Cells among some that send no measurements now. $1 cell ids. */
export const UNSEEN_CELLS = `
select g.from_at as "fromAt", array(
  select c from unnest($1::text[]) as c where c = any(g.cell_ids)) as cells
from telemetry_gaps g
where g.to_at is null and g.cell_ids && $1::text[]
order by g.from_at`;

/** What lines are called. $1 subscribers. */
export const LINE_NAMES = `
select distinct on (d.subscriber_id) d.subscriber_id as "subscriberId", d.value
from subscriber_identifiers d
where d.subscriber_id = any($1::int[]) and d.kind in ('msisdn', 'imsi')
  and d.valid_from <= now() and d.valid_to > now()
order by d.subscriber_id, d.kind desc, d.valid_from desc`;

/** What some subscriptions told agents lately, newest first. $1 subscribers, $2 since, $3 now. */
export const ANSWERS = `
select a.answer_id as "actId", a.answer, a.at, a.subscriber_id as "subscriberId",
  i.incident_id as "incidentId"
from agent_answers a left join incidents i using (incident_no)
where a.subscriber_id = any($1::int[]) and a.at > $2 and a.at <= $3 and a.undone_at is null
order by a.at desc, a.answer_id limit 20`;
