import { lossWordSql } from './packed-lost.js';

/**
 * Makes the desired flags of an incident those of its subscribers, by difference. In large sets of
 * its own making it looks up by IN, which is hashed whatever the planner expects of them: a join or
 * NOT EXISTS became a loop over both while statistics were young. $1 incident,
 * $2 lineage, $3 least probability, $4 sure at, $5 kinds left out, $6 repair estimate (ISO or null),
 * $7 valid until (ISO), $8 segments first, $9–$14 sentences: language, certainty, service, told,
 * sentence, cause; $15 and $16: of people with an id above the one up to the other.
 */
export const REFRESH_FLAGS = `
with told as materialized (
  select distinct d.subscriber_id
  from outbox o join subscriber_identifiers d on d.phone_key = o.phone_key
  where o.lineage_id in (select lineage_family($2)) and o.kind in ('onset', 'overrun')
    and o.state in ('accepted', 'delivered') and d.subscriber_id > $15 and d.subscriber_id <= $16),
words as materialized (
  select * from unnest($9::text[], $10::text[], $11::text[], $12::boolean[], $13::text[], $14::text[])
    as w(language, certainty, service, told, sentence, cause)),
people as (
  select i.subscriber_id, i.service, ${lossWordSql('i')} as word, i.probability, i.affected_from, s.vulnerable, s.segment,
    s.language, case when i.probability >= $4 then 'yes' else 'probably' end as certainty,
    i.subscriber_id in (select subscriber_id from told) as is_told
  from incident_subscribers i
  join subscribers s using (subscriber_id)
  where i.incident_no = (select incident_no from incidents where incident_id = $1)
    and i.subscriber_id > $15 and i.subscriber_id <= $16 and i.affected_to is null and i.probability >= $3
    and s.erased_at is null and not (s.kind = any($5::text[]))),
wanted as materialized (
  select p.subscriber_id, p.vulnerable, p.segment = any($8::text[]) as is_first,
    jsonb_build_object('schemaVersion', 1, 'subscriberId', p.subscriber_id, 'incidentId', $1::text,
      'lineageId', $2::text,
      'since', to_char(p.affected_from at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
      'service', p.service, 'probability', round(p.probability::numeric, 2), 'told', w.told,
      'cause', w.cause, 'estimatedRepairAt', $6::text, 'sentence', w.sentence,
      'validUntil', $7::text) as flag
  from people p
  join words w on w.language = p.language and w.service = p.word
    and w.certainty = p.certainty and w.told = p.is_told),
written as (
  insert into crm_desired as d (subscriber_id, incident_id, flag, version)
  select c.subscriber_id, $1, c.flag, nextval('crm_versions')
  from (
    select w.* from wanted w
    where not exists (
      select 1 from crm_desired e
      where e.subscriber_id = w.subscriber_id and e.incident_id = $1 and e.flag = w.flag)
    order by w.vulnerable desc, w.is_first desc, w.subscriber_id) c
  on conflict (subscriber_id, incident_id) do update
    set flag = excluded.flag, version = excluded.version, changed_at = now()
  returning 1),
gone as (
  delete from crm_desired d
  where d.incident_id = $1 and d.subscriber_id > $15 and d.subscriber_id <= $16
    and d.subscriber_id not in (select subscriber_id from wanted)
  returning d.subscriber_id),
cleared as (
  insert into crm_cleared (subscriber_id, incident_id, version)
  select subscriber_id, $1, nextval('crm_versions') from gone
  on conflict (subscriber_id, incident_id) do update
    set version = excluded.version, changed_at = now()
  returning 1)
select (select count(*) from written)::int as written, (select count(*) from cleared)::int as cleared`;

/**
 * Leaves the flags of a long list, or of one not yet complete, to the worker, which goes round all
 * people once more; none when there is nothing to write or take away. $1 incident, $2 people that are
 * few enough, $3 whether they are flagged. @returns a row when the flags are left
 */
export const LEAVE_FLAGS = `
update impact_state s
set left_to_flag = case when $3::boolean or exists (
    select from crm_desired d where d.incident_id = $1)
  then (select max(subscriber_id) from subscribers) else 0 end
where s.incident_id = $1 and (not s.is_complete or (
  select sum(k.ever) from impact_counts k where k.incident_no = s.incident_no) > $2)
returning 1`;

/** Takes an incident's flags away. $1 incident; $2 and $3: of people above the one id up to the other. */
export const CLEAR_FLAGS = `
with gone as (
  delete from crm_desired
  where incident_id = $1 and subscriber_id > $2 and subscriber_id <= $3 returning subscriber_id)
insert into crm_cleared (subscriber_id, incident_id, version)
select subscriber_id, $1, nextval('crm_versions') from gone
on conflict (subscriber_id, incident_id) do update
  set version = excluded.version, changed_at = now()`;

const ACCOUNT = `coalesce((
  select a.value from subscriber_identifiers a
  where a.subscriber_id = c.subscriber_id and a.kind = 'account' and a.valid_to > now()
  order by a.valid_from desc, a.value limit 1), '')`;

/**
 * Whether the CRM refused just that not long ago: a flag that is only renewed is not offered again for a
 * day, in which somebody may have mended what it was refused for.
 */
const IS_REFUSED = (flag: string): string => `(p.refused_at > now() - interval '1 day'
    and ${flag} - 'validUntil' = p.flag - 'validUntil')`;

/** $1 connector, $2 how many. */
export const FLAG_CHANGES = `
with start as (
  select coalesce((select version from crm_cursors where connector = $1), 0) as version),
changed as (
  (select d.subscriber_id, d.incident_id, d.flag, d.version
   from crm_desired d, start where d.version > start.version order by d.version limit $2)
  union all
  (select g.subscriber_id, g.incident_id, null, g.version
   from crm_cleared g, start where g.version > start.version order by g.version limit $2))
select c.subscriber_id as "subscriberId", c.incident_id as "incidentId", c.flag, c.version,
  ${ACCOUNT} as account, c.flag is not distinct from p.flag or coalesce(${IS_REFUSED('c.flag')}, false) as "isPushed"
from (select * from changed order by version limit $2) c
left join crm_pushed p on p.connector = $1 and p.subscriber_id = c.subscriber_id
  and p.incident_id = c.incident_id
order by c.version`;

/** $1 connector, $2 how many. */
export const FLAG_DIFFERENCES = `
select c.subscriber_id as "subscriberId", c.incident_id as "incidentId", c.flag,
  c.version, ${ACCOUNT} as account, false as "isPushed"
from (
  select coalesce(d.subscriber_id, p.subscriber_id) as subscriber_id,
    coalesce(d.incident_id, p.incident_id) as incident_id, d.flag, coalesce(d.version, 0) as version
  from crm_desired d
  full join (select * from crm_pushed where connector = $1) p
    on p.subscriber_id = d.subscriber_id and p.incident_id = d.incident_id
  where d.flag is distinct from p.flag and ${IS_REFUSED('d.flag')} is not true
  limit $2) c`;

/** $1 connector, $2 subscribers, $3 incidents, $4 flags, $5 why they were refused, null: they were not. */
export const REMEMBER_PUSHED = `
insert into crm_pushed (connector, subscriber_id, incident_id, flag, refused, refused_at)
select $1, u.*, case when u.refused is not null then now() end
from unnest($2::bigint[], $3::text[], $4::jsonb[], $5::text[])
  as u(subscriber_id, incident_id, flag, refused)
on conflict (connector, subscriber_id, incident_id) do update
  set flag = excluded.flag, pushed_at = now(), refused = excluded.refused,
    refused_at = excluded.refused_at`;

/** $1 connector, $2 subscribers, $3 incidents. */
export const FORGET_PUSHED = `
delete from crm_pushed p using unnest($2::bigint[], $3::text[]) as k(subscriber_id, incident_id)
where p.connector = $1 and p.subscriber_id = k.subscriber_id and p.incident_id = k.incident_id`;

/**
 * Forgets what it has in a range of keys: after ($2, $3), to ($4, $5) or without end; what it refused of
 * late stays. $1 connector.
 */
export const FORGET_RANGE = `
delete from crm_pushed
where connector = $1 and (subscriber_id, incident_id) > ($2::bigint, $3::text)
  and (refused_at is null or refused_at < now() - interval '1 day')
  and ($4::bigint is null or (subscriber_id, incident_id) <= ($4::bigint, $5::text))`;

export const MOVE_CURSOR = `
insert into crm_cursors (connector, version) values ($1, $2)
on conflict (connector) do update set version = greatest(crm_cursors.version, excluded.version)`;

/** Clearings that every connector has carried out need not be kept. */
export const PRUNE_CLEARED = `
delete from crm_cleared where version <= (select min(version) from crm_cursors)`;

export const FLAG_LAG = `
with start as (
  select coalesce((select version from crm_cursors where connector = $1), 0) as version),
waiting as (
  select d.changed_at from crm_desired d, start where d.version > start.version
  union all
  select g.changed_at from crm_cleared g, start where g.version > start.version)
select count(*)::int as pending,
  coalesce(greatest(0, extract(epoch from now() - min(changed_at))), 0)::float8 as seconds,
  (select count(*) from crm_pushed where connector = $1 and refused is not null)::int as refused
from waiting`;

/** Forgets connectors that are not configured any more. $1 those that are. @returns the others */
export const FORGET_CONNECTORS = `
with gone as (
  delete from crm_cursors where connector <> all($1::text[]) returning connector),
theirs as (
  delete from crm_pushed where connector <> all($1::text[]) returning connector)
select distinct connector from (select * from gone union all select * from theirs) c order by 1`;
