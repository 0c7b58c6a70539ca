/** Lines affected by brand and kind of subscription. $1 incident, $2 brands. */
export const PARTNER_COUNTS = `
select c.brand, c.kind, sum(k.people)::int as people, sum(k.voice)::float8 as voice,
  sum(k.data)::float8 as data, sum(k.sms)::float8 as sms
from incidents n join impact_counts k using (incident_no) join subscriber_classes c using (class)
where n.incident_id = $1 and c.brand = any($2::text[]) and k.people > 0
group by c.brand, c.kind order by c.brand, c.kind`;

/** Site names end in a number where a town has several: townOf in src/domain/town.ts. */
const TOWN = (alias: string): string =>
  `trim(regexp_replace(coalesce(${alias}.name, ''), '[\\s,-]*\\d+$', ''))`;

/**
 * Towns with cells in the incident, or where affected lines of some brands are at home. $1 incident,
 * $2 cells, $3 brands. A site without a name stands for itself.
 */
export const PARTNER_AREAS = `
with hit as (
  select coalesce(nullif(${TOWN('s')}, ''), c.site_id) as area,
    count(distinct c.site_id)::int as sites, count(*)::int as cells
  from cells c left join sites s on s.site_id = c.site_id and s.valid_to = 'infinity'
  where c.cell_id = any($2::text[]) and c.valid_to = 'infinity' group by 1),
home as (
  select coalesce(nullif(${TOWN('s')}, ''), p.home_site) as area, count(*)::int as lines
  from incident_subscribers i join subscribers p using (subscriber_id)
  left join sites s on s.site_id = p.home_site and s.valid_to = 'infinity'
  where i.incident_no = (select incident_no from incidents where incident_id = $1)
    and i.affected_to is null
    and i.class = any(array(select c.class from subscriber_classes c
      where c.brand = any($3::text[]) and c.kind <> 'machine'))
  group by 1)
select coalesce(area, '') as area, coalesce(sites, 0) as sites, coalesce(cells, 0) as cells,
  coalesce(lines, 0) as lines
from hit full join home using (area) order by cells desc, lines desc, area`;

/** What partners were told of an incident's lineage. $1 lineage. */
export const PARTNER_NOTICES = `
select notice_id as "noticeId", partner, revision, told, news, raised_at as "raisedAt"
from partner_notices where lineage_id = $1 for update`;

/** $1 id, $2 lineage, $3 partner, $4 incident, $5 revision, $6 told, $7 news, $8 raised, $9 over */
export const SAVE_NOTICE = `
insert into partner_notices as n
  (notice_id, lineage_id, partner, incident_id, revision, told, news, raised_at, over_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
on conflict (notice_id) do update set incident_id = excluded.incident_id,
  revision = excluded.revision, told = excluded.told, news = excluded.news, over_at = excluded.over_at`;

/** $1 delivery, $2 notice, $3 kind, $4 revision, $5 recipient, $6 news, $7 state, $8 why */
export const SAVE_NOTICE_DELIVERY = `
insert into desk_deliveries (delivery_id, notice_id, kind, revision, recipient, news, state, reason)
values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (delivery_id) do nothing`;

/** Whether an operator has said that it is no incident. $1 incident. */
export const IS_DISMISSED = `
select exists (select from audit_log
  where action = 'notAnIncident' and target = $1) as "isDismissed"`;
