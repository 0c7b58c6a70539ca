/**
 * Stores a decided wave or brings it up to date. $1 wave, $2 incident, $3 lineage, $4 kind,
 * $5 revision, $6 state, $7 reason, $8 people, $9 place, $10 around, $11 zone, $12 decided at,
 * $13 valid until, $14 doubt, $15 estimate. A `restored` wave needs someone told in the lineage's family
 * or who asked an agent for it; an order about that family decides about its other waves, a cancelled
 * lineage that was merged into this one by holding it.
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
  where $4 <> 'restored' and $6 <> 'shadow' and lineage_id in (select lineage_family($3))
  order by lineage_id <> $3, lineage_id limit 1)
insert into waves as w (wave_id, incident_id, lineage_id, kind, revision, state, reason, people,
  place, around, zone, decided_at, valid_until, doubt, estimate_at)
select $1, $2, $3, $4, $5, coalesce((select state from ordered), $6),
  coalesce((select reason from ordered), $7), $8, $9, $10, $11, $12, $13, $14, $15
where $4 <> 'restored' or exists (
  select 1 from outbox o where o.kind in ('onset', 'overrun')
    and o.lineage_id in (select lineage_family($3))
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
  asked = case when w.ended_undecided then 0 else w.asked end,
  ask_after = case when w.ended_undecided then '-infinity' else w.ask_after end,
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
  select coalesce((select min(decided_at) from waves
    where incident_id = $1 and kind in ('onset', 'overrun')), $2::timestamptz) as at)
select coalesce(sum(case when exists (
    select from audit_log a where a.action = 'notAnIncident' and a.target = w.incident_id)
  then 1 else w.doubt end), 0)::float8 as spent
from waves w, own
where w.kind in ('onset', 'overrun') and w.incident_id <> $1
  and (w.approved_by is null or w.variant = 'short')
  and w.decided_at <= own.at and w.decided_at > own.at - interval '365 days'
  and (w.state in ('expanding', 'expanded') or coalesce((w.counts->>'messages')::int, 0) > 0)
  and w.state <> 'shadow'`;

/**
 * What a lineage's people were told of the end so far: whether a text left, the repair time named last,
 * and how many updates there were. $1 lineage.
 */
export const SAID_SO_FAR = `
with family as materialized (
  select w.* from waves w where w.lineage_id in (select lineage_family($1)))
select exists (
    select from family f where f.kind in ('onset', 'overrun') and f.said_at is not null) as "hasTold",
  (select f.said_until from family f where f.kind in ('onset', 'update', 'overrun')
   order by f.said_at desc nulls last limit 1) as until,
  (select max(f.decided_at) from family f where f.kind = 'update') as "updatedAt",
  (select count(*) from family f where f.kind = 'update')::int as updates`;

/** Nobody need decide any more about a wave of an incident that is over. $1 incident. */
export const CANCEL_WAITING = `
update waves set state = 'cancelled', expansion_due = false, drained = false,
  ended_undecided = true, reason = 'over before anybody decided: ' || reason
where incident_id = $1 and kind <> 'restored' and state in ('held', 'awaitingApproval')`;

/**
 * Takes one wave that is due for expansion, so that no other worker does. An onset one waits until
 * the list of its people is complete.
 */
export const TAKE_WAVE = `
select w.wave_id as "waveId", w.incident_id as "incidentId", w.lineage_id as "lineageId", w.kind,
  w.revision, w.state, w.resource_id as "resourceId", w.expanded_to as "expandedTo", w.covered_at as "coveredAt",
  coalesce(w.expanding_at, s.changed_at) as "expandingAt"
from waves w left join impact_state s using (incident_id)
where w.expansion_due and w.state in ('expanding', 'shadow')
  and w.expand_after <= clock_timestamp()
  and (w.kind not in ('onset', 'overrun') or coalesce(s.is_complete, true))
order by w.decided_at, w.wave_id limit 1 for update of w skip locked`;

/** Progress of an expansion. $1 wave, $2 expanded to, $3 covers impact of, $4 counts to be added. */
export const EXPANSION_STEP = `
update waves set expanded_to = $2, expanding_at = $3, drained = false,
  counts = (
    select coalesce(jsonb_object_agg(key, total), '{}') from (
      select key, sum(value::bigint) as total from (
        select key, value from jsonb_each_text(counts)
        union all select key, value from jsonb_each_text($4::jsonb)) k
      group by key) t)
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
  select w2.kind in ('onset', 'overrun') and coalesce(s.changed_at > $2, false) as more,
    w2.kind in ('restored', 'update') and exists (
      select 1 from outbox o where o.kind in ('onset', 'overrun') and o.state = 'claimed'
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
