import { singleUnder } from './single-calls-sql.js';

/** $1 id, $2 lineage, $3 state, $4 revision, $5 started, $6 detected, $7 ended, $8 doc, $9 epoch */
export const SAVE_INCIDENT = `
  insert into incidents (incident_id, lineage_id, state, revision, started_at, detected_at,
    ended_at, doc, leader_epoch)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
  on conflict (incident_id) do update set lineage_id = excluded.lineage_id,
    state = excluded.state, revision = excluded.revision, started_at = excluded.started_at,
    detected_at = excluded.detected_at, ended_at = excluded.ended_at, doc = excluded.doc,
    leader_epoch = excluded.leader_epoch, updated_at = now()`;

/** $1 incident, $2 times, $3 kinds, $4 reasons; numbered on from the incident's last event */
export const SAVE_EVENTS = `
  insert into incident_events (incident_id, seq, at, kind, reason)
  select $1, last.seq + each.n::int, each.at, each.kind, each.reason
  from unnest($2::timestamptz[], $3::text[], $4::text[])
         with ordinality as each (at, kind, reason, n),
       (select coalesce(max(seq), 0) as seq from incident_events where incident_id = $1) as last`;

const total = (source: string, seconds: 300 | 900): string => `
    left join ${source} as ${source}_${seconds} on ${source}_${seconds}.interval_seconds = ${seconds}
      and g.interval_seconds < ${seconds} and ${source}_${seconds}.queue = g.queue
      and ${source}_${seconds}.area = g.area and ${source}_${seconds}.starts_at
        = date_bin(interval '${seconds} seconds', g.starts_at, timestamptz 'epoch')
      ${source === 'calls' ? `and not ${source}_${seconds}.from_single` : ''}`;

/**
 * $1 call intervals as JSON; gives each with the count it replaces, the last of a batch wins. A total
 * of 5 or 15 minutes is the ACD's last word: finer counts that lie in it go, and later ones are let be.
 * Any total takes the place of what was made of single calls in its time.
 */
export const MERGED_CALLS = `
  with given as (
    select distinct on (queue, area, starts_at, interval_seconds) *
    from (
      select item ->> 'queue' as queue, coalesce(item ->> 'area', '') as area,
        (item ->> 'start')::timestamptz as starts_at,
        (item ->> 'intervalSeconds')::int as interval_seconds,
        (item ->> 'offered')::float8 as offered, (item ->> 'answered')::float8 as answered,
        (item ->> 'abandoned')::float8 as abandoned,
        (item ->> 'handleSeconds')::float8 as handle_seconds,
        coalesce(item ->> 'media', 'voice') as media,
        (item ->> 'ivrOffered')::float8 as ivr_offered,
        (item ->> 'ivrContained')::float8 as ivr_contained, n
      from jsonb_array_elements($1::jsonb) with ordinality as list (item, n)
    ) as read
    order by queue, area, starts_at, interval_seconds, n desc
  ), fresh as (
    select g.* from given g ${total('given', 300)} ${total('given', 900)}
      ${total('calls', 300)} ${total('calls', 900)}
    where coalesce(given_300.queue, given_900.queue, calls_300.queue, calls_900.queue) is null
  ), finer as (
    delete from calls c using fresh t
    where t.interval_seconds in (300, 900) and c.queue = t.queue and c.area = t.area
      and not c.from_single
      and c.starts_at >= t.starts_at
      and c.starts_at < t.starts_at + make_interval(secs => t.interval_seconds)
      and c.interval_seconds < t.interval_seconds
    returning c.*
  ), single as (
    delete from calls c using fresh t
    where ${singleUnder('c', 't')} and not exists (select from fresh f where f.queue = c.queue
      and f.area = c.area and f.starts_at = c.starts_at and f.interval_seconds = c.interval_seconds)
    returning c.*
  ), old as (
    select calls.* from calls join fresh using (queue, area, starts_at, interval_seconds)
  ), written as (
    insert into calls (queue, area, starts_at, interval_seconds, media, ivr_offered, ivr_contained,
      offered, answered, abandoned, handle_seconds)
    select queue, area, starts_at, interval_seconds, media, ivr_offered, ivr_contained,
      offered, answered, abandoned, handle_seconds
    from fresh
    on conflict (queue, area, starts_at, interval_seconds) do update
    set media = excluded.media, ivr_offered = excluded.ivr_offered,
      ivr_contained = excluded.ivr_contained, offered = excluded.offered,
      answered = excluded.answered, abandoned = excluded.abandoned,
      handle_seconds = excluded.handle_seconds, from_single = false
  )
  select fresh.queue, fresh.area, fresh.starts_at, fresh.interval_seconds, fresh.offered,
    old.offered as old_offered, fresh.abandoned, old.abandoned as old_abandoned,
    fresh.handle_seconds
  from fresh left join old using (queue, area, starts_at, interval_seconds)
  union all
  select queue, area, starts_at, interval_seconds, null, offered, null, abandoned, handle_seconds
  from (select * from finer union all select * from single) as gone
  order by starts_at, queue, area, interval_seconds`;

/** $1 from, $2 to; a roster's intervals are at most a day long */
export const ROSTER = `
  select queue, starts_at, interval_seconds, agents from roster
  where starts_at > $1::timestamptz - interval '1 day' and starts_at < $2
    and starts_at + make_interval(secs => interval_seconds) > $1
  order by starts_at, queue`;

/** $1 state, $2 control offset, $3 tick, $4 cursors, $5 epoch */
export const SAVE_STATE = `
  insert into decision_state (singleton, state, control_offset, tick_ms, cursors, leader_epoch)
  values (true, $1, $2, $3, $4, $5)
  on conflict (singleton) do update set state = excluded.state,
    control_offset = excluded.control_offset, tick_ms = excluded.tick_ms,
    cursors = excluded.cursors, leader_epoch = excluded.leader_epoch, saved_at = now()`;
