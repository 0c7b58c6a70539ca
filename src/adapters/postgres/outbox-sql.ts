import { isLostSql } from './packed-lost.js';

/**
 * Of a manager's message `o`: how many of the account's lines its incident `i` affects, of one about its
 * end has affected, and the most probable of them.
 */
const MANAGED_LINES = `
  select count(*)::int as lines, (max(l.probability) filter (where l.affected_to is null))::float8
    as probability
  from (
    select d.subscriber_id from subscriber_identifiers d
    where o.is_manager and d.kind = 'contact' and d.phone_key = o.phone_key and d.valid_to > now()
    union
    select e.subscriber_id
    from subscriber_identifiers c join subscriber_identifiers e
      on e.kind = 'account' and e.value = c.value and e.valid_to > now()
    where o.is_manager and c.subscriber_id = o.subscriber_id and c.kind = 'account'
      and c.valid_to > now()) x
  join incident_subscribers l
    on l.incident_no = i.incident_no and l.subscriber_id = x.subscriber_id
  join subscriber_classes k on k.class = l.class and k.kind <> 'machine'
  where o.kind = 'restored' or l.affected_to is null`;

/**
 * What decides about messages, given the tables due (rows of the outbox, or such as could become some, with
 * urgency), w (their waves) and incident (of their incidents).
 * @param least the probability that counts as affected where the policy has no rule of its own, in SQL
 */
export const dispatchFacts = (least: string): string => `
spend as materialized (
  select f.lineage_id, f.channel, coalesce((select sum(s.segments) from sms_spend s
    where s.channel = f.channel and s.lineage_id in (select lineage_family(f.lineage_id))), 0)::float8
    as segments
  from (select distinct lineage_id, channel from due) f),
month as materialized (
  select f.channel, (select coalesce(sum(s.segments), 0) from sms_spend s
    where s.channel = f.channel
      and s.month = date_trunc('month', now() at time zone 'UTC')::date)::float8 as segments
  from (select distinct channel from due) f)
select o.message_id as "messageId", o.wave_id as "waveId", o.incident_id as "incidentId",
  o.lineage_id as "lineageId",
  coalesce((select m.into_lineage_id from lineage_merges m where m.lineage_id = o.lineage_id),
    o.lineage_id) as "rootLineage", encode(o.phone_key, 'hex') as "phoneKey", o.revision,
  o.attempts, o.refusals, o.urgency, o.kind, w.variant, o.language,
  o.subscriber_id as "subscriberId", o.channel, coalesce(s.channels, '') as wanted,
  o.failed_channels as failed, coalesce(${isLostSql('a', 'sms')}, false) as "isSmsLost",
  coalesce(${isLostSql('a', 'data')}, false) as "isDataLost",
  case when o.channel <> 'sms' then (
    select d.value from subscriber_identifiers d
    where d.subscriber_id = o.subscriber_id and d.kind = 'account' and d.valid_to > now()
    order by d.valid_from desc, d.value limit 1) end as account,
  coalesce(s.segment, '') as segment, coalesce(s.vulnerable, false) as "isVulnerable",
  case when o.kind <> 'restored' and i.is_silenced and w.state in ('expanding', 'expanded') then 'held'
    else w.state end as "waveState",
  w.valid_until as "validUntil", w.place, w.around as "isAround",
  coalesce(i.state, 'closed') as "incidentState",
  coalesce(w.starts_at, i.started_at, w.decided_at) as "startedAt",
  coalesce(w.ends_at, i.ended_at) as "endedAt",
  i.estimated_repair_at as "estimatedRepairAt", w.estimate_at as "decidedEstimateAt", i.repair,
  coalesce(i.is_emergency, false) as "isEmergencyLost",
  coalesce(s.zone, h.zone, w.zone) as zone, o.is_manager
    and (m.lines > 1 or d.kind is distinct from 'msisdn') as "isManager",
  m.lines,
  s.subscriber_id is null or s.erased_at is not null as "isErased",
  exists (select 1 from opt_outs x where x.phone_key = o.phone_key) as "isOptedOut",
  exists (select from control_group g where g.phone_key = o.phone_key
    and g.lineage_id in (select lineage_family(o.lineage_id))) as "isControl",
  d.value as "to",
  s.kind as "personKind", case when o.is_manager then m.probability
    when a.affected_to is null then a.probability::float8 end as probability,
  coalesce(a.service, 'degraded') as service, coalesce(a.reachable, true) as "isReachable",
  o.kind = 'restored' and exists (
    select 1 from incident_subscribers e join incidents ei using (incident_no)
    where e.subscriber_id = o.subscriber_id and e.affected_to is null and e.probability >= ${least}
      and ei.incident_id <> o.incident_id and ei.state in ('open', 'recovering'))
    as "isAffectedElsewhere",
  o.kind in ('restored', 'update') and (exists (
    select 1 from outbox t where t.phone_key = o.phone_key and t.kind in ('onset', 'overrun')
      and t.lineage_id in (select lineage_family(o.lineage_id))
      and t.state in ('accepted', 'delivered'))
    or o.kind = 'restored' and exists (
    select 1 from agent_answers a where a.subscriber_id = o.subscriber_id
      and a.lineage_id in (select lineage_family(o.lineage_id))
      and a.answer = 'textWhenBack' and a.undone_at is null)) as "wasTold",
  case when o.kind = 'update' then (
    select t.said_until from outbox t where t.phone_key = o.phone_key
      and t.kind in ('onset', 'overrun', 'update') and t.message_id <> o.message_id
      and t.lineage_id in (select lineage_family(o.lineage_id))
      and t.state in ('claimed', 'accepted', 'delivered', 'uncertain')
    order by t.handed_over_at desc limit 1) end as "lastSaid",
  o.kind = 'update' and exists (
    select from waves u where u.incident_id = o.incident_id and u.kind = 'update'
      and u.revision > o.revision and u.state <> 'cancelled') as "isSuperseded",
  o.kind = 'works' and exists (
    select from works k where 'works:' || k.work_id = o.incident_id and k.starts_at = w.starts_at
      and k.ends_at = w.ends_at and k.resource_id = w.resource_id) as "isPlanned",
  exists (
    select 1 from outbox t where t.phone_key = o.phone_key and t.kind = o.kind
      and t.revision = o.revision and t.message_id <> o.message_id
      and t.lineage_id in (select lineage_family(o.lineage_id))
      and t.state not in ('pending', 'suppressed', 'failed')) as "isRepeat",
  coalesce(c.today, 0)::int as "textsToday", coalesce(c.week, 0)::int as "textsThisWeek",
  spend.segments as "segmentsOfIncident", month.segments as "segmentsOfMonth"
from due o
join w on w.wave_id = o.wave_id
join spend on spend.lineage_id = o.lineage_id and spend.channel = o.channel
join month on month.channel = o.channel
left join incident i on i.incident_id = o.incident_id
left join subscribers s on s.subscriber_id = o.subscriber_id
left join sites h on h.site_id = s.home_site and h.valid_to = 'infinity'
left join incident_subscribers a
  on a.incident_no = i.incident_no and a.subscriber_id = o.subscriber_id
left join lateral (
  select d.value, d.kind from subscriber_identifiers d
  where d.subscriber_id = o.subscriber_id and d.phone_key = o.phone_key
    and d.valid_from <= now() and d.valid_to > now()
  union all
  (select d.value, d.kind from subscriber_identifiers d
  where o.is_manager and d.phone_key = o.phone_key and d.kind = 'contact'
    and d.valid_from <= now() and d.valid_to > now() limit 1)
  order by kind desc limit 1) d on true
cross join lateral (${MANAGED_LINES}) m
left join lateral (
  select count(*) as week,
    count(*) filter (where t.handed_over_at > now() - interval '24 hours') as today
  from outbox t
  where o.kind <> 'restored' and t.phone_key = o.phone_key and t.kind <> 'restored'
    and t.message_id <> o.message_id and t.handed_over_at > now() - interval '7 days'
    and t.state <> 'suppressed') c on true
order by o.urgency desc, o.message_id`;

/** Incidents as messages about them need them. */
export const INCIDENT_FACTS = `
  select i.incident_id, i.incident_no, i.state, i.started_at, i.ended_at,
    (i.doc->>'estimatedRepairAt')::timestamptz as estimated_repair_at, i.doc->'repair' as repair,
    i.doc ? 'silencedUntil' as is_silenced,
    (i.impact->'cost'->'emergency'->>'isLost')::boolean as is_emergency
  from incidents i`;

/**
 * Locks due messages, most urgent first, waves side by side, and says everything that decides about
 * them. Their incidents are locked against change, so that none is ended or merged while messages
 * about it leave. $1 how many, $2 least probability that counts as affected, $3 channels.
 */
export const TAKE_DUE = `
with picked as materialized (
  select p.message_id, p.priority from waves w
  cross join lateral (
    select o.message_id, o.priority from outbox o
    where o.wave_id = w.wave_id and o.channel = any($3::text[]) and o.state = 'pending'
      and o.not_before is null
    order by o.priority desc, o.message_id limit $1 for update skip locked) p
  where not w.drained and w.state in ('expanding', 'expanded', 'cancelled', 'shadow')
  order by p.priority desc, p.message_id limit $1),
due as materialized (
  select o.*, p.priority as urgency from picked p join outbox o using (message_id)),
w as materialized (
  select w.* from waves w where w.wave_id in (select wave_id from due)),
incident as materialized (
  ${INCIDENT_FACTS} where i.incident_id in (select incident_id from due)
  order by i.incident_id for share),
${dispatchFacts('$2')}`;

/**
 * Writes decisions. $1 messages, $2 new states, $3 reasons, $4 hold in ms (null: not held),
 * $5 texts, $6 segments, $7 lease in ms of those handed over, $8 repair times said, $9 notes,
 * $10 now (network time), $11 channels, $12 the next ones and $13 whether those come late, too.
 */
export const WRITE_DECISIONS = `
update outbox o set
  state = u.state, reason = u.reason, updated_at = clock_timestamp(),
  not_before = clock_timestamp() + u.hold_ms * interval '1 millisecond',
  body = coalesce(u.body, o.body), segments = coalesce(u.segments, o.segments),
  channel = u.channel, fallback_channel = u.fallback, fallback_is_late = u.is_late,
  said_until = u.said_until, note = coalesce(u.note, o.note),
  turn_at = coalesce(o.turn_at, case when u.state <> 'pending' then $10::timestamptz end),
  attempts = o.attempts + (u.state = 'claimed')::int,
  handed_over_at = case when u.state = 'claimed' then clock_timestamp() else o.handed_over_at end,
  lease_until = case when u.state = 'claimed'
    then clock_timestamp() + $7::float8 * interval '1 millisecond' end
from unnest($1::text[], $2::text[], $3::text[], $4::float8[], $5::text[], $6::int[],
    $8::timestamptz[], $9::text[], $11::text[], $12::text[], $13::boolean[])
  as u(message_id, state, reason, hold_ms, body, segments, said_until, note, channel, fallback, is_late)
where o.message_id = u.message_id`;

/** Notes which repair time texts of waves name. $1 waves, $2 times. */
export const NOTE_SAID = `
update waves w set said_until = u.said_until, said_at = clock_timestamp()
from unnest($1::text[], $2::timestamptz[]) as u(wave_id, said_until)
where w.wave_id = u.wave_id
  and (w.said_at is null or w.said_until is distinct from u.said_until)`;

/** Counts segments that leave, or with negative numbers come back. $1 lineages, $2 segments, $3 channels. */
export const SPEND = `
insert into sms_spend as s (month, lineage_id, channel, segments)
select date_trunc('month', now() at time zone 'UTC')::date, u.lineage_id, u.channel, sum(u.segments)
from unnest($1::text[], $2::int[], $3::text[]) as u(lineage_id, segments, channel)
group by u.lineage_id, u.channel order by u.lineage_id, u.channel
on conflict (month, lineage_id, channel) do update set segments = s.segments + excluded.segments`;

/**
 * Fills a sender's bucket by the time that has passed and locks it until the transaction ends, so that
 * instances hand over one after the other. A clock that jumps back fills nothing and does no harm. $1
 * sender, $2 capacity, $3 segments a second, $4 most that may be handed over without an answer,
 * $5 its channels.
 * @returns segments that may leave now
 */
export const FILL_BUCKET = `
with filled as (
  insert into sms_senders as s (sender, tokens, filled_at)
  values ($1, $2::float8, clock_timestamp())
  on conflict (sender) do update set filled_at = clock_timestamp(),
    tokens = least($2::float8, s.tokens
      + $3::float8 * greatest(0, extract(epoch from clock_timestamp() - s.filled_at))::float8)
  returning s.tokens)
select f.tokens, greatest(0, $4::float8 - coalesce((
    select sum(o.segments) from outbox o
    where o.state = 'claimed' and o.reason is null and o.lease_until > clock_timestamp()
      and o.channel = any($5::text[])), 0))::float8
  as unanswered
from filled f`;

/** $1 sender, $2 segments that left. */
export const DRAW_FROM_BUCKET = `update sms_senders set tokens = tokens - $2 where sender = $1`;

/**
 * Sends failed messages on by their next channel, where the policy gave them one. Called in the
 * transaction that wrote the failure. $1 messages, $2 whether their gateway had taken them before.
 */
export const FALL_BACK = `
update outbox o set state = 'pending', reason = 'fallback', gateway_id = null, lease_until = null,
  not_before = null, handed_over_at = null, updated_at = clock_timestamp(),
  channel = o.fallback_channel, fallback_channel = null, fallback_is_late = false,
  failed_channels = concat_ws('|', nullif(o.failed_channels, ''), o.channel)
where o.message_id = any($1::text[]) and o.state = 'failed' and o.fallback_channel is not null
  and (o.fallback_is_late or not $2::boolean)`;

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
returning o.message_id as "messageId", o.lineage_id as "lineageId", o.kind, o.state, o.reason,
  o.segments, o.channel, o.phone_key as "phoneKey"`;

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

/** Takes messages past their lease. $1 how many, $2 lease in ms, $3 channels. */
export const TAKE_UNSETTLED = `
with late as (
  select message_id from outbox
  where state = 'claimed' and lease_until < clock_timestamp() and channel = any($3::text[])
  order by lease_until limit $1 for update skip locked)
update outbox o set lease_until = clock_timestamp() + $2::float8 * interval '1 millisecond'
from late where o.message_id = late.message_id
returning o.message_id as "messageId", o.attempts as attempt, o.refusals, o.segments, o.channel,
  coalesce(o.body, '') as text, o.handed_over_at as "handedOverAt",
  coalesce((select d.value from subscriber_identifiers d
    where d.subscriber_id = o.subscriber_id and d.phone_key = o.phone_key limit 1),
   (select d.value from subscriber_identifiers d
    where o.is_manager and d.phone_key = o.phone_key and d.kind = 'contact' limit 1)) as "to"`;
