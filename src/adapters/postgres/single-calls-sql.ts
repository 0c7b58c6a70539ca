/**
 * The rule for single calls beside totals of the same queue, for imports and pushes alike: a total
 * counts, whatever its length and area, and single calls of its time do not.
 */

/** A total that holds a moment. @param row alias of `calls` @param call alias with queue */
export function totalOver(row: string, call: string, moment: string): string {
  return `${isOver(row, call, moment)} and not ${row}.from_single`;
}

/** As `totalOver`, for live calls: those that were imported singly, by 5 minutes, count as well. */
function countedOver(row: string, call: string, moment: string): string {
  return `${isOver(row, call, moment)} and (not ${row}.from_single or ${row}.interval_seconds > 60)`;
}

function isOver(row: string, call: string, moment: string): string {
  return `${row}.queue = ${call}.queue and ${row}.starts_at <= ${moment}
    and ${row}.starts_at > ${moment} - interval '1 day'
    and ${moment} < ${row}.starts_at + make_interval(secs => ${row}.interval_seconds)`;
}

/** What was made of single calls and overlaps a total, hence goes. @param row alias of `calls` */
export function singleUnder(row: string, total: string): string {
  return `${row}.from_single and ${row}.queue = ${total}.queue
    and ${row}.starts_at > ${total}.starts_at - interval '5 minutes'
    and ${row}.starts_at + make_interval(secs => ${row}.interval_seconds) > ${total}.starts_at
    and ${row}.starts_at < ${total}.starts_at + make_interval(secs => ${total}.interval_seconds)`;
}

/** What a person reads of a call that does not count. */
export function countsInstead(call: string, total: string): string {
  return `'queue "' || ${call}.queue || '" has a total of ' || ${total}.interval_seconds || ' s from '
    || to_char(${total}.starts_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI"Z"')
    || ' over this time, which counts: nothing is counted twice'`;
}

const MINUTE = `interval '1 minute'`;

/**
 * $1 single calls as JSON. Adds them to the minutes of their queue and area; five minutes without a call
 * between two of one UTC day had none. Gives what was added by minute, and calls that do not count.
 */
export const COUNT_SINGLE_CALLS = `
  with given as (
    select item ->> 'queue' as queue, coalesce(item ->> 'media', 'voice') as media,
      coalesce(item ->> 'area', '') as area, (item ->> 'time')::timestamptz as at,
      item ->> 'callId' as call_id, item ->> 'outcome' as outcome,
      (item ->> 'handleSeconds')::float8 as handle_seconds, n
    from jsonb_array_elements($1::jsonb) with ordinality as list (item, n)
  ), looked as (
    select g.*, over.reason from given g left join lateral (
      select ${countsInstead('g', 'c')} as reason from calls c where ${countedOver('c', 'g', 'g.at')}
      order by c.interval_seconds desc, c.starts_at limit 1
    ) as over on true
  ), named as (
    insert into single_call_ids (queue, call_id, at)
    select queue, call_id, min(at) from looked where call_id is not null and reason is null
    group by queue, call_id
    on conflict do nothing returning queue, call_id
  ), fresh as (
    select distinct on (l.queue, coalesce('id ' || l.call_id, 'n ' || n)) l.*
    from looked l left join named using (queue, call_id)
    where l.reason is null and (l.call_id is null or named.call_id is not null)
    order by l.queue, coalesce('id ' || l.call_id, 'n ' || n), n
  ), sums as (
    select queue, min(media) as media, area, date_bin(${MINUTE}, at, timestamptz 'epoch') as starts_at,
      count(*)::float8 as offered,
      case when count(outcome) > 0 then count(*) filter (where outcome = 'answered') end::float8
        as answered,
      case when count(outcome) > 0 then count(*) filter (where outcome = 'abandoned') end::float8
        as abandoned,
      avg(handle_seconds) as handle_seconds
    from fresh group by queue, area, 4
  ), days as (
    select queue, min(media) as media, min(starts_at) as first, max(starts_at) as last
    from sums group by queue, date_trunc('day', starts_at, 'UTC')
  ), spans as (
    select d.queue, d.media, d.last, coalesce((
      select max(c.starts_at) from calls c where c.queue = d.queue and c.from_single
        and c.starts_at <= d.first and c.starts_at >= date_trunc('day', d.first, 'UTC')
    ), d.first) as first from days d
  ), none as (
    select s.queue, s.media, each as starts_at
    from spans s, generate_series(s.first, s.last, interval '5 minutes') as each
    where not exists (select from sums t where t.queue = s.queue and t.starts_at = each)
      and not exists (select from calls c where c.queue = s.queue and c.from_single
        and c.starts_at = each)
      and not exists (select from calls c where ${countedOver('c', 's', 'each')})
  ), minutes as (
    select queue, media, area, starts_at, offered, answered, abandoned, handle_seconds from sums
    union all select queue, media, '', starts_at, 0, null, null, null from none
  ), written as (
    insert into calls as c (queue, media, area, starts_at, interval_seconds, offered, answered,
      abandoned, handle_seconds, from_single)
    select queue, media, area, starts_at, 60, offered, answered, abandoned, handle_seconds, true
    from minutes
    on conflict (queue, area, starts_at, interval_seconds) do update
    set offered = c.offered + excluded.offered,
      answered = coalesce(c.answered + excluded.answered, c.answered, excluded.answered),
      abandoned = coalesce(c.abandoned + excluded.abandoned, c.abandoned, excluded.abandoned),
      handle_seconds = coalesce(
        (c.handle_seconds * c.offered + excluded.handle_seconds * excluded.offered)
          / nullif(c.offered + excluded.offered, 0), c.handle_seconds, excluded.handle_seconds)
    where c.from_single
  )
  select queue, area, starts_at, 60 as interval_seconds, offered, null::float8 as old_offered,
    abandoned, null::float8 as old_abandoned, handle_seconds, null::text as reason, null::int as calls
  from minutes
  union all
  select queue, null, null, null, null, null, null, null, null, reason, count(*)::int
  from looked where reason is not null group by queue, reason`;
