/** Statements that measure what a wave has changed. Times are network time. */

/**
 * Waves to be measured, those that ended first before others: their incident is over for so long that
 * its calls are in. $1 now, $2 minutes after the end until which calls count, $3 how many.
 */
export const WAVES_TO_MEASURE = `
select w.wave_id as "waveId", w.incident_id as "incidentId", w.lineage_id as "lineageId",
  i.ended_at as "endedAt"
from waves w join incidents i using (incident_id)
where w.kind in ('onset', 'overrun') and w.drained and w.state <> 'shadow'
  and i.state in ('resolved', 'closed')
  and i.ended_at < $1::timestamptz - make_interval(mins => $2::int)
  and not exists (select from wave_effects e where e.wave_id = w.wave_id)
  and exists (select from outbox o where o.wave_id = w.wave_id and o.turn_at is not null)
order by i.ended_at, w.wave_id limit $3`;

/**
 * Messages of a wave in the order of sending, which is random among those of one priority that were
 * queued together. $1 wave.
 */
const PLACES = `
places as materialized (
  select o.subscriber_id, o.turn_at,
    dense_rank() over (order by o.priority desc, o.created_at)::int - 1 as stratum,
    row_number() over (partition by o.priority, o.created_at order by o.message_id)::int - 1 as place
  from outbox o where o.wave_id = $1 and o.reason is distinct from 'controlGroup')`;

/** Each stratum with its turns, as at most 200 evenly spread ones. $1 wave. */
export const STRATA = `
with ${PLACES}
select stratum, count(*)::int as people, coalesce(percentile_disc((
    select array_agg(n / 199.0) from generate_series(0, 199) n))
  within group (order by date_part('epoch', turn_at) * 1000), '{}') as turns
from places group by stratum order by stratum`;

/** Whose call it was: one of the people that have the number. */
const CALLS = `
calls as materialized (
  select distinct on (c.phone_key, c.at) c.at, d.subscriber_id
  from caller_calls c
  join subscriber_identifiers d on d.phone_key = c.phone_key
    and d.valid_from <= c.at and d.valid_to > c.at
  where c.at >= $2 and c.at < $3
  order by c.phone_key, c.at, d.subscriber_id)`;

const ACCOUNT = (person: string): string => `
  (select min(a.value) from subscriber_identifiers a
    where a.subscriber_id = ${person} and a.kind = 'account')`;

/** Calls of a wave's people, by account. $1 wave, $2 from, $3 to. */
export const ORDER_CALLS = `
with ${PLACES}, ${CALLS},
own as (
  select p.stratum, p.place, date_part('epoch', c.at) * 1000 as "atMs",
    coalesce(${ACCOUNT('p.subscriber_id')}, 'person ' || p.subscriber_id) as account
  from calls c join places p using (subscriber_id))
select stratum, place, "atMs", dense_rank() over (order by account)::int as cluster from own`;

/**
 * Accounts of those who could have been in the control group, alike ones counted together. $1 wave,
 * $2 from, $3 to.
 */
export const CONTROL_ACCOUNTS = `
with ${CALLS},
people as materialized (
  select o.subscriber_id, o.reason is not distinct from 'controlGroup' as is_control,
    coalesce(${ACCOUNT('o.subscriber_id')}, 'person ' || o.subscriber_id) as account
  from outbox o join subscribers s using (subscriber_id)
  where o.wave_id = $1 and not s.vulnerable and s.kind in ('person', 'dataOnly')),
called as (select subscriber_id, count(*)::int as calls from calls group by 1),
accounts as (
  select account, is_control, count(*)::int as people, coalesce(sum(calls), 0)::int as calls
  from people left join called using (subscriber_id) group by 1, 2)
select is_control as "isControl", people, calls, count(*)::int as accounts
from accounts group by 1, 2, 3`;

/**
 * Chooses the control group among the next people of a wave: accounts as a whole, by a keyed hash.
 * $1 incident, $2 after this subscriber, $3 how many, $4 lineage at the root, $5 key, $6 share.
 */
export const CHOOSE_CONTROL = `
with chunk as materialized (
  select i.subscriber_id from incident_subscribers i
  where i.incident_no = (select incident_no from incidents where incident_id = $1)
    and i.subscriber_id > $2
  order by i.subscriber_id limit $3),
people as (
  select d.phone_key, sha256($5::bytea || coalesce(convert_to(${ACCOUNT('c.subscriber_id')}, 'UTF8'),
      d.phone_key)) as hash
  from chunk c
  join subscribers s using (subscriber_id)
  join subscriber_identifiers d on d.subscriber_id = c.subscriber_id and d.kind = 'msisdn'
    and d.phone_key is not null and d.valid_from <= now() and d.valid_to > now()
  where not s.vulnerable and s.kind in ('person', 'dataOnly') and s.erased_at is null)
insert into control_group (lineage_id, phone_key)
select distinct $4, phone_key from people
where get_byte(hash, 0) * 16777216.0 + get_byte(hash, 1) * 65536.0 + get_byte(hash, 2) * 256.0
  + get_byte(hash, 3) < 4294967296.0 * $6::float8
order by 2 on conflict do nothing`;

/** The lineage that others were merged into, else itself. $1 lineage. */
export const ROOT_LINEAGE = `
select coalesce((select into_lineage_id from lineage_merges where lineage_id = $1), $1) as root`;

/** What came back of SMS within hours. $1 hours, wall time. */
export const COMPLAINTS = `
with since as (select now() - make_interval(secs => $1::float8 * 3600) as at)
select (select count(*) from outbox, since
    where handed_over_at > since.at and state <> 'pending' and channel = 'sms')::int as messages,
  (select count(*) from opt_outs, since where source in ('sms', 'gateway') and opt_outs.at > since.at)
    ::int as "optOuts",
  (select coalesce(sum(replies), 0) from sms_replies, since where hour > since.at - interval '1 hour')
    ::int as replies`;

/** What a month sent. $1 its first day, $2 the next month's. */
export const MONTH_SPENT = `
select coalesce(sum(segments), 0)::int as segments from sms_spend where channel = 'sms' and month >= $1 and month < $2`;
