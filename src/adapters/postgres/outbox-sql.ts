/**
 * Locks due messages, most urgent first, waves side by side, and says everything that decides about
 * them. Their incidents are locked against change, so that none is ended or merged while messages
 * about it leave. $1 how many, $2 least probability that counts as affected.
 */
export const TAKE_DUE = `
with picked as materialized (
  select p.message_id, p.priority from waves w
  cross join lateral (
    select o.message_id, o.priority from outbox o
    where o.wave_id = w.wave_id and o.state = 'pending' and o.not_before is null
    order by o.priority desc, o.message_id limit $1 for update skip locked) p
  where not w.drained and w.state in ('expanding', 'expanded', 'cancelled', 'shadow')
  order by p.priority desc, p.message_id limit $1),
due as materialized (
  select o.*, p.priority as urgency from picked p join outbox o using (message_id)),
incident as materialized (
  select i.incident_id, i.incident_no, i.state, i.started_at, i.ended_at,
    (i.doc->>'estimatedRepairAt')::timestamptz as estimated_repair_at, i.doc->'repair' as repair,
    i.doc ? 'silencedUntil' as is_silenced
  from incidents i where i.incident_id in (select incident_id from due)
  order by i.incident_id for share)
select o.message_id as "messageId", o.incident_id as "incidentId", o.attempts, o.refusals, o.kind, o.language,
  case when o.kind = 'onset' and i.is_silenced and w.state in ('expanding', 'expanded') then 'held'
    else w.state end as "waveState",
  w.valid_until as "validUntil", w.place, w.around as "isAround",
  coalesce(i.state, 'closed') as "incidentState",
  coalesce(i.started_at, w.decided_at) as "startedAt", i.ended_at as "endedAt",
  i.estimated_repair_at as "estimatedRepairAt", i.repair,
  coalesce(s.zone, h.zone, w.zone) as zone, coalesce(s.kind = 'fleet', false) as "isFleet",
  s.subscriber_id is null or s.erased_at is not null as "isErased",
  exists (select 1 from opt_outs x where x.phone_key = o.phone_key) as "isOptedOut",
  d.value as "to",
  coalesce(a.affected_to is null and a.probability >= $2, false) as "isAffected",
  coalesce(a.service, 'degraded') as service, coalesce(a.reachable, true) as "isReachable",
  o.kind = 'restored' and exists (
    select 1 from incident_subscribers e join incidents ei using (incident_no)
    where e.subscriber_id = o.subscriber_id and e.affected_to is null and e.probability >= $2
      and ei.incident_id <> o.incident_id and ei.state in ('open', 'recovering'))
    as "isAffectedElsewhere",
  o.kind = 'restored' and (exists (
    select 1 from outbox t where t.phone_key = o.phone_key and t.kind = 'onset'
      and t.lineage_id in (select lineage_family(o.lineage_id))
      and t.state in ('accepted', 'delivered'))
    or exists (
    select 1 from agent_answers a where a.subscriber_id = o.subscriber_id
      and a.lineage_id in (select lineage_family(o.lineage_id))
      and a.answer = 'textWhenBack' and a.undone_at is null)) as "wasTold",
  exists (
    select 1 from outbox t where t.phone_key = o.phone_key and t.kind = o.kind
      and t.revision = o.revision and t.message_id <> o.message_id
      and t.lineage_id in (select lineage_family(o.lineage_id))
      and t.state not in ('pending', 'suppressed', 'failed')) as "isRepeat",
  case when o.kind = 'onset' then (
    select count(*) from outbox t where t.phone_key = o.phone_key and t.kind = 'onset'
      and t.message_id <> o.message_id and t.handed_over_at > now() - interval '24 hours'
      and t.state <> 'suppressed')
  else 0 end::int as "onsetsToday"
from due o
join waves w using (wave_id)
left join incident i on i.incident_id = o.incident_id
left join subscribers s on s.subscriber_id = o.subscriber_id
left join sites h on h.site_id = s.home_site and h.valid_to = 'infinity'
left join incident_subscribers a
  on a.incident_no = i.incident_no and a.subscriber_id = o.subscriber_id
left join lateral (
  select d.value from subscriber_identifiers d
  where d.subscriber_id = o.subscriber_id and d.phone_key = o.phone_key
    and d.valid_from <= now() and d.valid_to > now()
  order by d.kind desc limit 1) d on true
order by o.urgency desc, o.message_id`;

/**
 * Writes decisions. $1 messages, $2 new states, $3 reasons, $4 hold in ms (null: not held),
 * $5 texts, $6 segments, $7 lease in ms of those handed over.
 */
export const WRITE_DECISIONS = `
update outbox o set
  state = u.state, reason = u.reason, updated_at = clock_timestamp(),
  not_before = clock_timestamp() + u.hold_ms * interval '1 millisecond',
  body = coalesce(u.body, o.body), segments = coalesce(u.segments, o.segments),
  attempts = o.attempts + (u.state = 'claimed')::int,
  handed_over_at = case when u.state = 'claimed' then clock_timestamp() else o.handed_over_at end,
  lease_until = case when u.state = 'claimed'
    then clock_timestamp() + $7::float8 * interval '1 millisecond' end
from unnest($1::text[], $2::text[], $3::text[], $4::float8[], $5::text[], $6::int[])
  as u(message_id, state, reason, hold_ms, body, segments)
where o.message_id = u.message_id`;

/**
 * Writes what the gateway answered, only while the row is still that attempt's. $1 messages,
 * $2 attempts, $3 states, $4 reasons, $5 gateway ids, $6 retry in ms.
 * @returns lineages in which someone was told
 */
export const RECORD = `
update outbox o set
  state = u.state, reason = u.reason, gateway_id = coalesce(u.gateway_id, o.gateway_id),
  not_before = clock_timestamp() + u.retry_ms * interval '1 millisecond',
  lease_until = case when u.state = 'claimed' then o.lease_until end,
  handed_over_at = case when u.state = 'pending' then null else o.handed_over_at end,
  refusals = o.refusals + (u.reason is not distinct from 'gatewayBusy')::int,
  updated_at = clock_timestamp()
from unnest($1::text[], $2::int[], $3::text[], $4::text[], $5::text[], $6::float8[])
  as u(message_id, attempt, state, reason, gateway_id, retry_ms)
where o.message_id = u.message_id and o.attempts = u.attempt and o.state = 'claimed'
returning o.lineage_id as "lineageId", o.kind, o.state, o.reason, o.phone_key as "phoneKey"`;

/**
 * Someone was told after all: their `restored` wave, wherever it stands, starts again. Waits for an
 * expansion under way, which may have read the outbox before.
 */
export const REOPEN_RESTORED = `
update waves w set expansion_due = true, expanded_to = 0, expand_after = '-infinity',
  drained = false,
  state = case when w.state = 'expanded' then 'expanding' else w.state end
where w.kind = 'restored' and w.state <> 'cancelled'
  and w.lineage_id in (
    select f from unnest($1::text[]) l(id) cross join lateral lineage_family(l.id) f)`;

/** Takes messages past their lease. $1 how many, $2 lease in ms. */
export const TAKE_UNSETTLED = `
with late as (
  select message_id from outbox
  where state = 'claimed' and lease_until < clock_timestamp()
  order by lease_until limit $1 for update skip locked)
update outbox o set lease_until = clock_timestamp() + $2::float8 * interval '1 millisecond'
from late where o.message_id = late.message_id
returning o.message_id as "messageId", o.attempts as attempt, o.refusals, o.segments,
  coalesce(o.body, '') as text, o.handed_over_at as "handedOverAt",
  (select d.value from subscriber_identifiers d
   where d.subscriber_id = o.subscriber_id and d.phone_key = o.phone_key limit 1) as "to"`;
