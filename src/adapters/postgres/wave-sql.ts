/**
 * Stores a decided wave or brings it up to date. $1 wave, $2 incident, $3 lineage, $4 kind,
 * $5 revision, $6 state, $7 reason, $8 people, $9 place, $10 around, $11 zone, $12 decided at,
 * $13 valid until, $14 doubt. A `restored` wave needs someone told in the lineage's family or who asked an agent for it; an order about that
 * family decides about its onset waves, a cancelled lineage that was merged into this one by holding it.
 * A wave that ended undecided with its incident waits for a person when the incident goes on, however
 * many people it has by then.
 */
export const PLAN_WAVE = `
with impact as (
  select coalesce(max(changed_at), '-infinity') as changed_at
  from impact_state where incident_id = $2),
ordered as (
  select case when action = 'cancel' and lineage_id = $3 then 'cancelled' else 'held' end as state,
    action || ' ordered by ' || actor || ': ' || why as reason
  from wave_orders
  where $4 = 'onset' and $6 <> 'shadow' and lineage_id in (select lineage_family($3))
  order by lineage_id <> $3, lineage_id limit 1)
insert into waves as w (wave_id, incident_id, lineage_id, kind, revision, state, reason, people,
  place, around, zone, decided_at, valid_until, doubt)
select $1, $2, $3, $4, $5, coalesce((select state from ordered), $6),
  coalesce((select reason from ordered), $7), $8, $9, $10, $11, $12, $13, $14
where $4 <> 'restored' or exists (
  select 1 from outbox o where o.kind = 'onset' and o.lineage_id in (select lineage_family($3))
    and o.state in ('claimed', 'accepted', 'delivered', 'uncertain'))
  or exists (select from agent_answers a where a.lineage_id in (select lineage_family($3))
    and a.answer = 'textWhenBack' and a.undone_at is null and a.subscriber_id is not null)
on conflict (wave_id) do update set
  people = excluded.people, place = excluded.place, around = excluded.around, zone = excluded.zone,
  valid_until = excluded.valid_until, doubt = excluded.doubt,
  state = case
    when w.state = 'shadow' or w.state = 'cancelled' and not w.ended_undecided then w.state
    when exists (select from ordered) then (select state from ordered)
    when w.ended_undecided then 'awaitingApproval'
    when w.state = 'held' then w.state
    when excluded.state = 'awaitingApproval' and w.approved_by is null then excluded.state
    when w.state = 'awaitingApproval' and w.waits_for_person then w.state
    when w.state = 'awaitingApproval' or w.kind = 'restored'
      or (select changed_at from impact) > w.covered_at then 'expanding'
    else w.state end,
  reason = case
    when w.state = 'shadow' or w.state = 'cancelled' and not w.ended_undecided then w.reason
    when exists (select from ordered) then (select reason from ordered)
    when w.ended_undecided then 'it goes on after it ended undecided'
    when w.state = 'held' or w.approved_by is not null or w.waits_for_person then w.reason
    else excluded.reason end,
  waits_for_person = w.waits_for_person or w.ended_undecided,
  ended_undecided = false,
  expanded_to = case when w.ended_undecided then 0 else w.expanded_to end,
  expanding_at = case when w.ended_undecided then null else w.expanding_at end,
  covered_at = case when w.ended_undecided then '-infinity' else w.covered_at end,
  approved_by = case when w.ended_undecided then null else w.approved_by end,
  drained = w.drained and not w.ended_undecided,
  expansion_due = w.expansion_due or w.kind = 'restored' or w.ended_undecided
    or (select changed_at from impact) > w.covered_at`;

/**
 * Expected number of wrong onset waves among those of other incidents that went without a person's
 * word in the 365 days before this incident's was first decided. $1 incident, $2 now.
 */
export const SPENT_DOUBT = `
with own as (
  select coalesce((select min(decided_at) from waves where incident_id = $1 and kind = 'onset'),
    $2::timestamptz) as at)
select coalesce(sum(case when exists (
    select from audit_log a where a.action = 'notAnIncident' and a.target = w.incident_id)
  then 1 else w.doubt end), 0)::float8 as spent
from waves w, own
where w.kind = 'onset' and w.incident_id <> $1 and w.approved_by is null
  and w.decided_at <= own.at and w.decided_at > own.at - interval '365 days'
  and (w.state in ('expanding', 'expanded') or coalesce((w.counts->>'messages')::int, 0) > 0)
  and w.state <> 'shadow'`;

/** Nobody need decide any more about a wave of an incident that is over. $1 incident. */
export const CANCEL_WAITING = `
update waves set state = 'cancelled', expansion_due = false, drained = false,
  ended_undecided = true, reason = 'over before anybody decided: ' || reason
where incident_id = $1 and kind = 'onset' and state in ('held', 'awaitingApproval')`;

/**
 * Takes one wave that is due for expansion, so that no other worker does. An onset one waits until
 * the list of its people is complete.
 */
export const TAKE_WAVE = `
select w.wave_id as "waveId", w.incident_id as "incidentId", w.lineage_id as "lineageId", w.kind,
  w.revision, w.state, w.expanded_to as "expandedTo", w.covered_at as "coveredAt",
  coalesce(w.expanding_at, s.changed_at) as "expandingAt"
from waves w left join impact_state s using (incident_id)
where w.expansion_due and w.state in ('expanding', 'shadow')
  and w.expand_after <= clock_timestamp()
  and (w.kind = 'restored' or coalesce(s.is_complete, true))
order by w.decided_at, w.wave_id limit 1 for update of w skip locked`;

/**
 * One row per number, lineage, kind and revision, ever. A row that was given up because the incident
 * seemed over or its wave was cancelled, and that never left, is due again when a wave that somebody
 * let go has it.
 */
const INSERT = `
  insert into outbox as o (message_id, wave_id, incident_id, lineage_id, kind, revision,
    subscriber_id, phone_key, language, state, reason, priority)
  select 'msg_' || left(encode(sha256(n.phone_key || convert_to(
      $5 || chr(31) || $6 || chr(31) || ($7::int)::text, 'UTF8')), 'hex'), 32),
    $4, $1, $5, $6, $7, n.subscriber_id, n.phone_key, n.language, $8, $9, n.priority
  from n order by n.subscriber_id
  on conflict (phone_key, lineage_id, kind, revision) do update set
    state = excluded.state, reason = excluded.reason, wave_id = excluded.wave_id,
    incident_id = excluded.incident_id, subscriber_id = excluded.subscriber_id,
    priority = excluded.priority, not_before = null, updated_at = clock_timestamp()
  where o.state = 'suppressed' and o.handed_over_at is null
    and o.reason in ('incidentOver', 'notAffected', 'expired', 'waveCancelled')
  returning 1`;

/**
 * The next chunk of an onset wave. $1 incident, $2 after this subscriber, $3 chunk size, $4 wave,
 * $5 lineage, $6 kind, $7 revision, $8 state and $9 reason of the rows, $10 least probability,
 * $11 kinds left out, $12 mapped after, $13 priority: vulnerable, $14 reachable, $15 by segment.
 */
export const EXPAND_ONSET = `
with chunk as materialized (
  select i.subscriber_id, i.probability, i.reachable, i.affected_to, i.mapped_at
  from incident_subscribers i
  where i.incident_no = (select incident_no from incidents where incident_id = $1)
    and i.subscriber_id > $2
  order by i.subscriber_id limit $3),
people as materialized (
  select c.subscriber_id, c.reachable, s.language, s.segment, s.vulnerable, d.phone_key
  from chunk c
  join subscribers s using (subscriber_id)
  left join lateral (
    select d.phone_key from subscriber_identifiers d
    where d.subscriber_id = c.subscriber_id
      and d.kind = case s.kind when 'fleet' then 'contact' else 'msisdn' end
      and d.valid_from <= now() and d.valid_to > now() and d.phone_key is not null
    order by d.valid_from desc, d.value limit 1) d on true
  where c.affected_to is null and c.probability >= $10 and c.mapped_at > $12
    and s.erased_at is null and not (s.kind = any($11::text[]))),
n as materialized (
  select distinct on (p.phone_key) p.*,
    case when p.vulnerable then $13::int else 0 end + case when p.reachable then $14::int else 0 end
      + coalesce(($15::jsonb ->> p.segment)::int, 0) as priority
  from people p
  where p.phone_key is not null and not exists (
    select 1 from outbox t where t.phone_key = p.phone_key and t.kind = $6 and t.revision = $7
      and t.lineage_id in (select lineage_family($5)) and t.state not in ('pending', 'suppressed'))
  order by p.phone_key, p.vulnerable desc, p.subscriber_id),
written as (${INSERT})
select (select count(*) from chunk)::int as seen, (select max(subscriber_id) from chunk) as last,
  (select count(*) from people)::int as people,
  (select count(*) from people where phone_key is null)::int as "noNumber",
  (select count(*) from written)::int as written`;

/**
 * The next chunk of a restored wave: those who were told in the lineage's family, and those who asked
 * an agent for it. Who is still
 * affected by another incident of it is held when the message could leave. Parameters as above.
 */
export const EXPAND_RESTORED = `
with chunk as materialized (
  (select o.subscriber_id, o.phone_key, o.language, o.priority
  from outbox o
  where o.lineage_id in (select lineage_family($5)) and o.kind = 'onset'
    and o.state in ('accepted', 'delivered') and o.subscriber_id > $2
  order by o.subscriber_id limit $3)
  union all
  (select a.subscriber_id, d.phone_key, s.language, 0
  from agent_answers a join subscribers s using (subscriber_id)
  cross join lateral (
    select d.phone_key from subscriber_identifiers d
    where d.subscriber_id = a.subscriber_id
      and d.kind = case s.kind when 'fleet' then 'contact' else 'msisdn' end
      and d.valid_from <= now() and d.valid_to > now() and d.phone_key is not null
    order by d.valid_from desc, d.value limit 1) d
  where a.lineage_id in (select lineage_family($5)) and a.answer = 'textWhenBack'
    and a.undone_at is null and a.subscriber_id > $2
  order by a.subscriber_id limit $3)
  order by subscriber_id limit $3),
n as materialized (
  select distinct on (c.phone_key) c.* from chunk c
  where not exists (
    select 1 from outbox t where t.phone_key = c.phone_key and t.kind = $6 and t.revision = $7
      and t.lineage_id in (select lineage_family($5)) and t.state not in ('pending', 'suppressed'))
  order by c.phone_key, c.subscriber_id),
written as (${INSERT})
select (select count(*) from chunk)::int as seen, (select max(subscriber_id) from chunk) as last,
  (select count(*) from n)::int as people, 0 as "noNumber",
  (select count(*) from written)::int as written`;

/** Progress of an expansion. $1 wave, $2 expanded to, $3 covers impact of, $4–$6 counts. */
export const EXPANSION_STEP = `
update waves set expanded_to = $2, expanding_at = $3, drained = false,
  counts = jsonb_build_object(
    'people', coalesce((counts->>'people')::int, 0) + $4::int,
    'noNumber', coalesce((counts->>'noNumber')::int, 0) + $5::int,
    'messages', coalesce((counts->>'messages')::int, 0) + $6::int)
where wave_id = $1`;

/**
 * End of an expansion. An onset one goes on at once if people came meanwhile, a restored one a second
 * later while the fate of an onset is open. $1 wave, $2 what it covers.
 */
export const EXPANSION_END = `
update waves w set expanded_to = 0, expanding_at = null, covered_at = coalesce($2, w.covered_at),
  expansion_due = m.more or m.open, drained = false,
  expand_after = case when m.open then clock_timestamp() + interval '1 second'
    else '-infinity' end,
  state = case when m.more or m.open or w.state <> 'expanding' then w.state else 'expanded' end
from (
  select w2.kind = 'onset' and coalesce(s.changed_at > $2, false) as more,
    w2.kind = 'restored' and exists (
      select 1 from outbox o where o.kind = 'onset' and o.state = 'claimed'
        and o.lineage_id in (select lineage_family(w2.lineage_id))) as open
  from waves w2 left join impact_state s using (incident_id) where w2.wave_id = $1) m
where w.wave_id = $1`;

/**
 * Locks waves that may have nothing left to do. Whether they do is asked in a statement after it,
 * which sees what an expansion that held the lock has written.
 */
export const TAKE_IDLE = `
select wave_id as "waveId" from waves
where not drained and not expansion_due and state in ('expanded', 'cancelled', 'shadow')
for update skip locked`;

/** Marks locked waves that have nothing left to do, so that claiming need not look at them. */
export const DRAIN = `
update waves w set drained = true
where w.wave_id = any($1::text[]) and not exists (
  select 1 from outbox o where o.wave_id = w.wave_id and o.state in ('pending', 'claimed'))`;
