import { isLostSql } from './packed-lost.js';

/** Content-derived, so that doing it again finds the row there is. */
export const MESSAGE_ID = `'msg_' || left(encode(sha256(n.phone_key || convert_to(
      $5 || chr(31) || $6 || chr(31) || ($7::int)::text, 'UTF8')), 'hex'), 32)`;

/** Whether a row \`o\` is due again when somebody let a wave go that has it. */
export const IS_REVIVED = `o.state = 'suppressed' and o.handed_over_at is null
    and o.reason in ('incidentOver', 'notAffected', 'expired', 'waveCancelled')`;

/**
 * One row per number, lineage, kind and revision, ever. A row that was given up because the incident
 * seemed over or its wave was cancelled, and that never left, is due again when a wave that somebody
 * let go has it. $1 incident, $4 wave, $5 lineage, $6 kind, $7 revision, $8 state and $9 reason of
 * the rows; whoever is in the control group is written down and not told.
 */
const INSERT = `
  insert into outbox as o (message_id, wave_id, incident_id, lineage_id, kind, revision,
    subscriber_id, phone_key, language, state, reason, priority, channel, is_manager)
  select ${MESSAGE_ID},
    $4, $1, $5, $6, $7, n.subscriber_id, n.phone_key, n.language,
    case when n.is_control then 'suppressed' else $8 end,
    case when n.is_control then 'controlGroup' else $9 end, n.priority, coalesce(n.channel, 'sms'),
    n.is_manager
  from n order by n.subscriber_id
  on conflict (phone_key, lineage_id, kind, revision) do update set
    state = excluded.state, reason = excluded.reason, wave_id = excluded.wave_id,
    incident_id = excluded.incident_id, subscriber_id = excluded.subscriber_id,
    priority = excluded.priority, channel = excluded.channel, is_manager = excluded.is_manager,
    not_before = null, updated_at = clock_timestamp()
  where ${IS_REVIVED}
  returning 1`;

const FAMILY = 'family as materialized (select f as id from lineage_family($5) f)';

/** Of people with a number, those to whom nobody said the same yet, each number once. */
const NUMBERS = `
n as materialized (
  select distinct on (p.phone_key) p.*, exists (
      select from control_group g where g.phone_key = p.phone_key
        and g.lineage_id in (select id from family)) as is_control
  from people p
  where p.refusal is null and p.phone_key is not null and not exists (
    select from outbox t where t.phone_key = p.phone_key and t.kind = $6 and t.revision = $7
      and t.lineage_id in (select id from family) and t.state not in ('pending', 'suppressed'))
  order by p.phone_key, p.is_manager desc, p.vulnerable desc, p.subscriber_id)`;

/** Identifiers `d` that hold now. */
const HOLDS = (d: string): string => `${d}.valid_from <= now() and ${d}.valid_to > now()`;

/** Somebody's own number. */
const OWN_NUMBER = (person: string): string => `
    select d.phone_key from subscriber_identifiers d
    where d.subscriber_id = ${person} and d.kind = 'msisdn' and ${HOLDS('d')}
      and d.phone_key is not null
    order by d.valid_from desc, d.value limit 1`;

/**
 * Of a chunk, lines whose account's manager is told in place of them, with the manager's number: the
 * account's newest contact, of a line without an account its own. $23 classes of managed lines.
 */
const MANAGERS = `
managed as materialized (
  select c.subscriber_id, (
      select a.value from subscriber_identifiers a
      where a.subscriber_id = c.subscriber_id and a.kind = 'account' and ${HOLDS('a')}
      order by a.valid_from desc, a.value limit 1) as account
  from chunk c join subscribers s using (subscriber_id)
  where c.is_due and s.class = any($23::int[])),
contacts as materialized (
  select distinct on (b.value) b.value as account, e.phone_key
  from (select distinct account from managed where account is not null) m
  join subscriber_identifiers b on b.kind = 'account' and b.value = m.account and ${HOLDS('b')}
  join subscriber_identifiers e on e.subscriber_id = b.subscriber_id and e.kind = 'contact'
    and ${HOLDS('e')} and e.phone_key is not null
  order by b.value, e.valid_from desc, e.value),
managers as materialized (
  select m.subscriber_id, coalesce(c.phone_key, (
      select e.phone_key from subscriber_identifiers e
      where e.subscriber_id = m.subscriber_id and e.kind = 'contact' and ${HOLDS('e')}
        and e.phone_key is not null
      order by e.valid_from desc, e.value limit 1)) as phone_key
  from managed m left join contacts c on c.account = m.account)`;

/**
 * What the policy says of people by class, service and reachability: $11 to $16 as columns of
 * `admission-table.ts`; $17 share of numbers that is rolled out, $18 only these numbers.
 */
const ADMISSIONS = `
admissions as materialized (
  select * from unnest($11::int[], $12::text[], $13::boolean[], $14::real[], $15::int[], $16::text[])
    as a(class, service, reachable, least, priority, refusal))`;

/** By which channel people who want some and lost some are told: columns of `channel-table.ts`. */
const CHANNELS = (first: number): string => `
ways as materialized (
  select * from unnest($${first}::text[], $${first + 1}::boolean[], $${first + 2}::boolean[],
      $${first + 3}::text[])
    as w(wanted, is_sms_lost, is_data_lost, channel))`;

/** Of a chunk of people those who are due, with why each is not told. */
const PEOPLE = `
people as materialized (
  select c.subscriber_id, c.probability, c.reachable, c.service, s.language, s.vulnerable,
    d.phone_key, d.is_manager, d.own_key, coalesce(a.priority, 0) as priority, w.channel, case
      when a.class is null then 'unclassified'
      when a.refusal is not null then a.refusal
      when c.probability < a.least then 'improbable'
      when d.phone_key is null then 'noNumber'
      when w.channel is null then 'noChannel'
      when $18::bytea[] is not null and not d.phone_key = any($18::bytea[]) then 'notRolledOut'
      when get_byte(d.phone_key, 0) * 256 + get_byte(d.phone_key, 1) >= 65536 * $17::float8
        then 'notRolledOut' end as refusal
  from chunk c
  join subscribers s using (subscriber_id)
  left join admissions a
    on a.class = s.class and a.service = c.service and a.reachable = c.reachable
  left join managers m using (subscriber_id)
  left join lateral (${OWN_NUMBER('c.subscriber_id')}) o on true
  cross join lateral (
    select m.phone_key is not null as is_manager, o.phone_key as own_key,
      case when m.phone_key is not null then m.phone_key
        when m.subscriber_id is null or s.kind <> 'fleet' then o.phone_key end as phone_key) d
  left join ways w on w.wanted = s.channels
    and w.is_sms_lost = (c.is_sms_lost and not d.is_manager)
    and w.is_data_lost = (c.is_data_lost and not d.is_manager)
  where c.is_due and s.erased_at is null)`;

/** People of an incident. $2 after this subscriber, $3 how many, $10 mapped after. */
const AFFECTED = `
chunk as materialized (
  select i.subscriber_id, i.probability, i.reachable, i.service,
    ${isLostSql('i', 'sms')} as is_sms_lost, ${isLostSql('i', 'data')} as is_data_lost,
    i.affected_to is null and i.mapped_at > $10 as is_due
  from incident_subscribers i
  where i.incident_no = (select incident_no from incidents where incident_id = $1)
    and i.subscriber_id > $2
  order by i.subscriber_id limit $3)`;

/** People of the chunk, and of those why some get no message at all. */
export const PEOPLE_COUNTS = `(select count(*) from people)::int as people,
  (select coalesce(jsonb_object_agg(r.refusal, r.count), '{}') from (
    select refusal, count(*) from people where refusal is not null group by 1) r) as refused`;

const COUNTS = `
select (select count(*) from chunk)::int as seen, (select max(subscriber_id) from chunk) as last,
  (select count(*) from written)::int as written, ${PEOPLE_COUNTS}`;

/** People of a wave about an outage, down to the numbers \`n\`. $10 mapped after. */
export const WHOM_OUTAGE = `
with ${FAMILY}, ${ADMISSIONS}, ${CHANNELS(19)}, ${AFFECTED}, ${MANAGERS}, ${PEOPLE},
  ${NUMBERS}`;

/**
 * Of a wave to those who were told in the lineage's family, and of \`restored\` to those who asked an
 * agent for it. Whether it is still true of them is decided when it could leave.
 */
export const WHOM_TOLD = `
with ${FAMILY}, ${CHANNELS(10)},
chunk as materialized (
  (select o.subscriber_id, o.phone_key, o.language, o.priority, o.is_manager
  from outbox o
  where o.lineage_id in (select id from family) and o.kind in ('onset', 'overrun')
    and o.state in ('accepted', 'delivered') and o.subscriber_id > $2
  order by o.subscriber_id limit $3)
  union all
  (select a.subscriber_id, d.phone_key, s.language, 0, false
  from agent_answers a join subscribers s using (subscriber_id)
  cross join lateral (${OWN_NUMBER('a.subscriber_id')}) d
  where $6 = 'restored' and a.lineage_id in (select id from family) and a.answer = 'textWhenBack'
    and a.undone_at is null and a.subscriber_id > $2
  order by a.subscriber_id limit $3)
  order by subscriber_id limit $3),
people as materialized (
  select c.*, w.channel, false as vulnerable, null::text as refusal, null::bytea as own_key
  from chunk c left join subscribers s using (subscriber_id)
  left join ways w on w.wanted = s.channels and not w.is_sms_lost and not w.is_data_lost),
${NUMBERS}`;

/** Cells that planned works switch off, and sites by the share of theirs. @param resource in SQL */
const darkOf = (resource: string): string => `
with recursive below(id) as (
  select ${resource}::text union select l.child_id from links l join below b on l.parent_id = b.id
  where l.valid_to = 'infinity'),
dark as materialized (
  select c.cell_id, c.site_id, m.cell_no from cells c join cell_numbers m using (cell_id)
  where c.valid_to = 'infinity'
    and (c.cell_id in (select id from below) or c.site_id in (select id from below))),
homes as materialized (
  select c.site_id, avg((c.cell_id in (select cell_id from dark))::int) as share from cells c
  where c.valid_to = 'infinity' and c.site_id in (select site_id from dark) group by 1)`;

/**
 * People whom planned works cut off, each with how probably: those whose declared place is served by
 * sites that go dark, and those who usually are at such cells. @param after subscriber, in SQL
 */
const foundAfter = (after: string): string => `
found as materialized (
  select subscriber_id, max(probability)::real as probability from (
    select s.subscriber_id, h.share as probability
    from subscribers s join homes h on h.site_id = s.home_site where not s.declares_cells
    union all
    select u.subscriber_id, least(1, sum(u.weight)) from usual_cells u
    where u.cell_no in (select cell_no from dark) group by u.subscriber_id, u.part) p
  where subscriber_id > ${after} group by 1)`;

/** How many people planned works are expected to cut off, machines left out. $1 their resource. */
export const WORKS_PEOPLE = `${darkOf('$1')}, ${foundAfter('0')}
select coalesce(sum(f.probability), 0)::float8 as people from found f
join subscribers s using (subscriber_id) where s.kind <> 'machine' and s.erased_at is null`;

/** People of a wave about planned works. $10 their resource; the rest as for outages. */
export const WHOM_WORKS = `${darkOf('$10')},
${FAMILY}, ${ADMISSIONS}, ${CHANNELS(19)}, ${foundAfter('$2')},
chunk as materialized (
  select *, true as reachable, 'none' as service, false as is_sms_lost, false as is_data_lost,
    true as is_due
  from found order by subscriber_id limit $3),
${MANAGERS}, ${PEOPLE}, ${NUMBERS}`;

/**
 * Lines whose manager is told get a row that says so, beside the manager's. A number that is written to
 * anyway, the manager's own line's among them, gets none.
 */
const THROUGH_MANAGER = `
  insert into outbox (message_id, wave_id, incident_id, lineage_id, kind, revision, subscriber_id,
    phone_key, language, state, reason, priority)
  select ${MESSAGE_ID.replaceAll('n.phone_key', 'l.phone_key')},
    $4, $1, $5, $6, $7, l.subscriber_id, l.phone_key, l.language, 'suppressed', 'managerIsTold', 0
  from (
    select distinct on (p.own_key) p.subscriber_id, p.own_key as phone_key, p.language from people p
    where p.refusal is null and p.is_manager and p.own_key is not null
      and p.own_key not in (select phone_key from n)
    order by p.own_key, p.subscriber_id) l
  order by l.subscriber_id on conflict do nothing`;

/** Writes the next chunk of a wave. @param whom one of the WHOM statements */
export function expandStatement(whom: string): string {
  return `${whom}, written as (${INSERT}), through as (${THROUGH_MANAGER}) ${COUNTS}`;
}
