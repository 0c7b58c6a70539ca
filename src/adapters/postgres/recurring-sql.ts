import type { RecurringKind } from '../../api/ports.js';

/**
 * When cells were in incidents from $1 until $2. Left out are incidents that never opened, go on as
 * another one, were planned or marked as none. An incident's user-minutes are shared out by how long
 * each cell was in it and how much of its service it lost.
 */
const SPELLS = `
with spell as materialized (
  select c.cell_no, c.incident_no, c.degree, c.to_at is null as is_running,
    greatest(c.from_at, $1::timestamptz) as from_at,
    least(coalesce(c.to_at, $2::timestamptz), $2::timestamptz) as to_at,
    c.degree * extract(epoch from least(coalesce(c.to_at, $2::timestamptz), $2::timestamptz)
      - c.from_at)::float8 as whole
  from cell_incidents c
  where coalesce(c.to_at, 'infinity'::timestamptz) >= $1::timestamptz and c.from_at < $2::timestamptz),
incident as materialized (
  select i.incident_no, i.incident_id, i.lineage_id, i.cause_kind, i.cause_id,
    coalesce(i.user_minutes, 0) / nullif(w.whole, 0) as minutes_per_whole
  from (select incident_no, sum(whole) as whole from spell group by 1) w
  join incidents i using (incident_no)
  where i.detected_at is not null and i.merged_into is null and i.planned_work_id is null
    and not exists (
      select from audit_log a where a.action = 'notAnIncident' and a.target = i.incident_id)),
lost as materialized (
  select s.cell_no, s.degree, s.is_running, s.to_at, s.to_at - s.from_at as lasted,
    s.degree * extract(epoch from s.to_at - s.from_at)::float8 as loss,
    i.minutes_per_whole, i.incident_id, i.lineage_id, i.cause_kind, i.cause_id
  from spell s join incident i using (incident_no))`;

const TOWN = `regexp_replace(s.name, '[\\s,-]*\\d+$', '')`;
const PLACED = `lost l
  join cell_numbers n using (cell_no)
  left join cells c on c.cell_id = n.cell_id and c.valid_to = 'infinity'
  left join sites s on s.site_id = c.site_id and s.valid_to = 'infinity'`;

/** What is counted together, by kind: key, and tables it is found in. */
const GROUPS: Readonly<Record<RecurringKind, { readonly key: string; readonly from: string }>> = {
  cell: { key: 'l.cell_no::text', from: 'lost l' },
  site: { key: 'coalesce(c.site_id, n.cell_id)', from: PLACED },
  town: { key: `coalesce(nullif(${TOWN}, ''), c.site_id, n.cell_id)`, from: PLACED },
  cause: {
    key: `case when l.cause_id = '' then null else l.cause_kind || ' ' || l.cause_id end`,
    from: 'lost l',
  },
};

/** Names of what was found, by kind. A cell that the inventory has no more keeps its id. */
const NAMES: Readonly<Record<RecurringKind, string>> = {
  cell: `select n.cell_id as id, s.name, c.site_id as site
    from cell_numbers n
    left join cells c on c.cell_id = n.cell_id and c.valid_to = 'infinity'
    left join sites s on s.site_id = c.site_id and s.valid_to = 'infinity'
    where n.cell_no = f.key::int`,
  site: `select f.key as id, s.name, s.site_id as site
    from (select) one left join sites s on s.site_id = f.key and s.valid_to = 'infinity'`,
  town: 'select f.key as id, null::text as name, null::text as site',
  cause: 'select f.key as id, null::text as name, null::text as site',
};

/**
 * Where there were several incidents or a long one, most user-minutes first. $1 from, $2 until, $3 how
 * many incidents are several, $4 how many hours are long, $5 how many rows.
 */
export function recurringStatement(kind: RecurringKind): string {
  const { key, from } = GROUPS[kind];
  return `${SPELLS},
found as (
  select ${key} as key, count(distinct l.lineage_id)::int as incidents,
    count(distinct l.cell_no)::int as cells,
    bool_or(l.is_running) as "isRunning",
    sum(l.loss)::float8 / 60 as "lostMinutes",
    extract(epoch from max(l.lasted))::float8 / 60 as "longestMinutes",
    coalesce(sum(l.loss * l.minutes_per_whole), 0)::float8 as "userMinutes",
    max(l.degree)::float8 as degree, max(l.to_at) as "lastAt",
    (array_agg(l.incident_id order by l.to_at desc, l.incident_id))[1] as "lastIncidentId",
    mode() within group (order by array[l.cause_kind, l.cause_id]) as mostly
  from ${from}
  group by 1
  having ${key} is not null and (count(distinct l.lineage_id) >= $3::int
    or max(l.lasted) >= make_interval(hours => $4::int))),
first as (
  select *, count(*) over ()::int as total from found
  order by "userMinutes" desc, "lostMinutes" desc, key limit $5)
select f.*, named.id, named.name, named.site
from first f cross join lateral (${NAMES[kind]}) named
order by f."userMinutes" desc, f."lostMinutes" desc, f.key`;
}
