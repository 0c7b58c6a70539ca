/** Subscriptions a number belongs to now. $1 phone key. */
export const SUBSCRIPTIONS = `
select distinct d.subscriber_id as "subscriberId"
from subscriber_identifiers d join subscribers s using (subscriber_id)
where d.phone_key = $1 and d.kind in ('msisdn', 'contact') and s.erased_at is null
  and d.valid_from <= now() and d.valid_to > now()
order by 1`;

/** The incident that most probably affects one of some subscriptions now. $1 subscribers. */
export const CURRENT_INCIDENT = `
select a.subscriber_id as "subscriberId", i.incident_id as "incidentId",
  i.lineage_id as "lineageId", a.probability::float8 as probability, a.service,
  a.affected_from as since, i.started_at as "startedAt",
  i.doc->'cause'->>'kind' as "causeKind", i.doc->>'estimatedRepairAt' as "estimatedRepairAt",
  i.doc->'repair' as repair,
  coalesce(i.doc->'sites', '[]') as sites, s.zone
from incident_subscribers a
join incidents i using (incident_no)
join subscribers s using (subscriber_id)
where a.subscriber_id = any($1::bigint[]) and a.affected_to is null
  and i.state in ('open', 'recovering')
order by a.probability desc, i.started_at limit 1`;

/** Whether one was last seen at, or usually is at, a cell of an incident. $1 subscriber, $2 incident. */
export const EVIDENCE = `
with lost as (
  select n.cell_no
  from incidents i cross join lateral jsonb_array_elements(i.doc->'cells') c
  join cell_numbers n on n.cell_id = c->>'cellId'
  where i.incident_id = $2)
select
  (select l.seen_at from last_seen l where l.subscriber_id = $1
    and l.cell_no in (select cell_no from lost)) as "seenAt",
  exists (select 1 from usual_cells u where u.subscriber_id = $1
    and u.cell_no in (select cell_no from lost)) as "isUsual"`;

/** Messages to some subscriptions, newest first. $1 subscribers, $2 since. */
export const TOLD = `
select o.kind, o.state, o.reason, coalesce(o.handed_over_at, o.updated_at) as at,
  o.lineage_id as "lineageId"
from outbox o
where o.subscriber_id = any($1::bigint[]) and o.created_at >= $2
order by at desc, o.kind limit 50`;

/** Incidents at some subscriptions' places, newest first. $1 subscribers, $2 since. */
export const RECENT_INCIDENTS = `
select distinct i.incident_id as "incidentId", i.started_at as "startedAt",
  i.ended_at as "endedAt", i.doc->'cause'->>'kind' as "causeKind"
from incident_subscribers a join incidents i using (incident_no)
where a.subscriber_id = any($1::bigint[]) and a.affected_from >= $2 and i.detected_at is not null
order by i.started_at desc, i.incident_id limit 50`;
