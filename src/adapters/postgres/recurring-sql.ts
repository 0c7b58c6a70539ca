import type { RecurringKind } from '../../api/ports.js';

/**
 * When cells were in incidents from $1 until $2: `lasted` within that time, `whole` from the beginning
 * on, in seconds, `whole` times the share of service lost.
 */
const SPELL = `
  select c.cell_no, c.incident_no, c.degree, c.to_at is null as is_running, s.to_at,
    date_part('epoch', s.to_at - greatest(c.from_at, $1::timestamptz)) as lasted,
    c.degree * date_part('epoch', s.to_at - c.from_at) as whole
  from cell_incidents c cross join lateral (
    select least(coalesce(c.to_at, $2::timestamptz), $2::timestamptz) as to_at) s
  where coalesce(c.to_at, 'infinity'::timestamptz) >= $1::timestamptz and c.from_at < $2::timestamptz`;

/**
 * Incidents that count. Left out are those that never opened, go on as another one, were planned or
 * marked as none. An incident's user-minutes are shared out by how long each cell was in it and how much
 * of its service it lost.
 */
const INCIDENTS = `
with incident as materialized (
  select i.incident_no, i.incident_id, i.lineage_id, i.cause_kind, i.cause_id,
    count(*) over (partition by i.lineage_id) > 1 as is_again,
    coalesce(i.user_minutes, 0) / nullif(w.whole, 0) as minutes_per_whole
  from (select incident_no, sum(whole) as whole from (${SPELL}) s group by 1) w
  join incidents i using (incident_no)
  where i.detected_at is not null and i.merged_into is null and i.planned_work_id is null
    and not exists (
      select from audit_log a where a.action = 'notAnIncident' and a.target = i.incident_id))`;

const TOWN = `regexp_replace(s.name, '[\\s,-]*\\d+$', '')`;
const IN_INVENTORY = `cell_numbers n
  left join cells c on c.cell_id = n.cell_id and c.valid_to = 'infinity'`;
const PLACED = `(${SPELL}) l join incident i using (incident_no) join place p using (cell_no)`;

/** What is counted together, by kind: key, tables it is found in, and what these need beforehand. */
const GROUPS: Readonly<
  Record<RecurringKind, { readonly key: string; readonly from: string; readonly first: string }>
> = {
  cell: {
    first: '',
    key: 'l.cell_no',
    from: `(${SPELL}) l join incident i using (incident_no)`,
  },
  site: {
    first: `place as materialized (
  select n.cell_no, coalesce(c.site_id, n.cell_id) as key from ${IN_INVENTORY}),`,
    key: 'p.key',
    from: PLACED,
  },
  town: {
    first: `town as materialized (
  select s.site_id, nullif(${TOWN}, '') as name from sites s where s.valid_to = 'infinity'),
place as materialized (
  select n.cell_no, coalesce(t.name, c.site_id, n.cell_id) as key
  from ${IN_INVENTORY} left join town t using (site_id)),`,
    key: 'p.key',
    from: PLACED,
  },
  cause: {
    first: '',
    key: `case when i.cause_id = '' then null else i.cause_kind || ' ' || i.cause_id end`,
    from: `(${SPELL}) l join incident i using (incident_no)`,
  },
};

/** Names of what was found, by kind. A cell that the inventory has no more keeps its id. */
const NAMES: Readonly<Record<RecurringKind, string>> = {
  cell: `select n.cell_id as id, s.name, c.site_id as site
    from cell_numbers n
    left join cells c on c.cell_id = n.cell_id and c.valid_to = 'infinity'
    left join sites s on s.site_id = c.site_id and s.valid_to = 'infinity'
    where n.cell_no = f.key`,
  site: `select f.key as id, s.name, s.site_id as site
    from (select) one left join sites s on s.site_id = f.key and s.valid_to = 'infinity'`,
  town: 'select f.key as id, null::text as name, null::text as site',
  cause: 'select f.key as id, null::text as name, null::text as site',
};

/** What was lost in each incident, by place: a cell was in it once, other places with several cells. */
function ofIncidents(kind: RecurringKind): string {
  const { key, from } = GROUPS[kind];
  if (kind === 'cell') {
    return `
  select l.cell_no as key, l.incident_no, l.degree * l.lasted as loss, l.lasted as longest, 1 as spells,
    l.is_running, l.degree, l.to_at, l.degree * l.lasted * i.minutes_per_whole as user_minutes
  from ${from}`;
  }
  return `
  select ${key} as key, l.incident_no, sum(l.degree * l.lasted) as loss, max(l.lasted) as longest,
    count(*) as spells, bool_or(l.is_running) as is_running, max(l.degree) as degree,
    max(l.to_at) as to_at, sum(l.degree * l.lasted) * min(i.minutes_per_whole) as user_minutes
  from ${from} group by 1, 2`;
}

/**
 * Where there were several incidents or a long one, most user-minutes first. $1 from, $2 until, $3 how
 * many incidents are several, $4 how many hours are long, $5 how many rows. Of all places only what they
 * are chosen and ordered by is worked out, by whole numbers as far as can be; the rest of those that are
 * shown. It wants memory for some hundred thousand rows.
 */
export function recurringStatement(kind: RecurringKind): string {
  const { key, from, first } = GROUPS[kind];
  return `${INCIDENTS},
${first}
of_incident as materialized (${ofIncidents(kind)}),
again as (
  select o.key, count(*) - count(distinct i.lineage_id) as times
  from of_incident o join incident i using (incident_no) where i.is_again group by 1),
counted as (
  select key, count(*) as incidents, sum(loss) / 60 as "lostMinutes",
    max(longest) / 60 as "longestMinutes", coalesce(sum(user_minutes), 0) as "userMinutes"
  from of_incident where key is not null group by 1),
found as (
  select c.*, (c.incidents - coalesce(a.times, 0))::int as "lineages"
  from counted c left join again a using (key)),
first as materialized (
  select *, count(*) over ()::int as total from found
  where lineages >= $3::int or "longestMinutes" >= $4::int * 60
  order by "userMinutes" desc, "lostMinutes" desc, key limit $5),
shown as (
  select o.key, bool_or(o.is_running) as "isRunning", max(o.degree)::float8 as degree,
    max(o.to_at) as "lastAt",
    (array_agg(i.incident_id order by o.to_at desc, i.incident_id))[1] as "lastIncidentId"
  from first f join of_incident o using (key) join incident i using (incident_no) group by 1),
caused as (
  select distinct on (o.key) o.key, array[i.cause_kind, i.cause_id] as mostly
  from first f join of_incident o using (key) join incident i using (incident_no)
  group by 1, 2 order by 1, sum(o.spells) desc, 2),
held as (
  select ${key} as key, count(distinct l.cell_no)::int as cells
  from ${from} where ${key} in (select key from first) group by 1)
select f.key, f.lineages as incidents, h.cells, s."isRunning", f."lostMinutes", f."longestMinutes",
  f."userMinutes", s.degree, s."lastAt", s."lastIncidentId", c.mostly, f.total,
  named.id, named.name, named.site
from first f join shown s using (key) join caused c using (key) join held h using (key)
cross join lateral (${NAMES[kind]}) named
order by f."userMinutes" desc, f."lostMinutes" desc, f.key`;
}
