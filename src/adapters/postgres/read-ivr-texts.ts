import type pg from 'pg';
import type {
  AreaStatus,
  IvrQuery,
  IvrTextItem,
  StatusDocument,
  StatusQuery,
} from '../../api/ports.js';
import type { Incident } from '../../domain/incident.js';
import { repairBandMs } from '../../domain/repair.js';
import { ivrText } from '../../forecast/desk/ivr-text.js';
import type { DeskRules } from '../../forecast/desk/rules.js';
import { estimateToSay } from '../../notify/estimate.js';
import type { NotificationPolicy } from '../../notify/policy.js';
import { query } from './pool.js';

/** "Back again" is said for so long. */
const RESTORED_MINUTES = 30;
const MOST_INCIDENTS = 200;
/** Mean share of service lost from which it is out rather than poor. */
const OUT = 0.5;

/** One incident at one of its towns. */
interface Row {
  doc: Incident;
  area: string;
  site_ids: string[];
  zone: string | null;
}

/**
 * $1 now, $2 area or null, $3 limit: incidents that people notice, once for each town of their sites.
 * Site names end in a number where a town has several.
 */
const AREAS = `
  with noticed as (
    select incident_id, rank_score, doc from incidents
    where state in ('open', 'recovering')
       or (state = 'resolved' and ended_at > $1::timestamptz - interval '${RESTORED_MINUTES} minutes'
           and detected_at is not null)
    order by rank_score desc, incident_id limit $3
  ), places as (
    select n.incident_id, n.rank_score, s.site_id, s.name, s.zone,
      trim(regexp_replace(coalesce(s.name, ''), '[\\s,-]*\\d+$', '')) as area
    from noticed n, jsonb_array_elements_text(n.doc -> 'sites') as site (id)
    join sites s on s.site_id = site.id and s.valid_to = 'infinity'
  )
  select n.doc, p.area, array_agg(p.site_id order by p.site_id) as site_ids, min(p.zone) as zone
  from places p join noticed n using (incident_id)
  where p.area <> ''
    and ($2::text is null or lower(p.area) = lower($2) or lower(p.name) = lower($2) or p.site_id = $2)
  group by n.incident_id, n.rank_score, n.doc, p.area
  order by n.rank_score desc, n.incident_id, p.area`;

async function noticedAreas(
  pool: pg.Pool,
  area: string | undefined,
  nowMs: number,
): Promise<Row[]> {
  const { rows } = await query<Row>(pool, AREAS, [new Date(nowMs), area ?? null, MOST_INCIDENTS]);
  const broken = new Set(rows.flatMap(({ doc, area }) => (doc.endedAt === null ? [area] : [])));
  // "Back again" would be false where something else is still broken.
  return rows.filter((row) => row.doc.endedAt === null || !broken.has(row.area));
}

/** The status document holds for so long, and says the same to whoever asks within it. */
const STATUS_MS = 60_000;

/** How service is by area, worst first; several incidents in one are one entry. */
export async function readStatus(
  pool: pg.Pool,
  { desk, policy }: { readonly desk: DeskRules; readonly policy: NotificationPolicy },
  { area }: StatusQuery,
  nowMs: number,
): Promise<StatusDocument> {
  const atMs = Math.floor(nowMs / STATUS_MS) * STATUS_MS;
  const rows = await noticedAreas(pool, area, nowMs);
  const byArea = new Map<string, Row[]>();
  for (const row of rows) byArea.set(row.area, [...(byArea.get(row.area) ?? []), row]);
  return {
    at: new Date(atMs).toISOString(),
    validUntil: new Date(atMs + STATUS_MS).toISOString(),
    areas: [...byArea.values()].map((each) => areaStatus(each, { desk, policy }, atMs)),
  };
}

/** One entry of incidents in the same area; of several the later end and the greater loss count. */
function areaStatus(
  rows: readonly Row[],
  { desk, policy }: { readonly desk: DeskRules; readonly policy: NotificationPolicy },
  atMs: number,
): AreaStatus {
  const each = rows.map((row) => factsOf(row, policy, atMs));
  const repairs = each.flatMap(({ repairAtMs }) => repairAtMs ?? []);
  const ends = each.flatMap(({ endedAtMs }) => endedAtMs ?? []);
  const facts = {
    place: rows[0]?.area ?? '',
    zone: rows[0]?.zone ?? null,
    service: each.some(({ service }) => service === 'none')
      ? ('none' as const)
      : ('degraded' as const),
    endedAtMs: ends.length < each.length ? null : Math.max(...ends),
    repairAtMs: repairs.length < each.length ? null : Math.max(...repairs),
  };
  const said = Object.keys(desk.ivr.texts).flatMap((language) => {
    const text = ivrText(facts, desk.ivr, language, atMs);
    return text === undefined ? [] : [{ language, ...text }];
  });
  const iso = (ms: number | null): string | null =>
    ms === null ? null : new Date(ms).toISOString();
  return {
    area: facts.place,
    siteIds: [...new Set(rows.flatMap(({ site_ids }) => site_ids))].sort(),
    state: facts.endedAtMs === null ? 'disrupted' : 'restored',
    service: facts.service,
    since: new Date(Math.min(...rows.map(({ doc }) => Date.parse(doc.startedAt)))).toISOString(),
    endedAt: iso(facts.endedAtMs),
    estimatedRepairAt: facts.endedAtMs === null ? iso(facts.repairAtMs) : null,
    texts: Object.fromEntries(said.map(({ language, text }) => [language, text])),
    validUntil: new Date(Math.min(...said.map(({ validUntilMs }) => validUntilMs))).toISOString(),
  };
}

/** What an IVR may say, worst incident first, each area and language. */
export async function readIvrTexts(
  pool: pg.Pool,
  { desk, policy }: { readonly desk: DeskRules; readonly policy: NotificationPolicy },
  { area, language }: IvrQuery,
  nowMs: number,
): Promise<IvrTextItem[]> {
  const rows = await noticedAreas(pool, area, nowMs);
  const languages = language === undefined ? Object.keys(desk.ivr.texts) : [language];
  return rows.flatMap((row) =>
    languages.flatMap((each): IvrTextItem[] => {
      const found = ivrText(factsOf(row, policy, nowMs), desk.ivr, each, nowMs);
      if (found === undefined) return [];
      return [
        {
          area: row.area,
          siteIds: row.site_ids,
          language: each,
          text: found.text,
          incidentId: row.doc.id,
          since: row.doc.startedAt,
          endedAt: row.doc.endedAt,
          validUntil: new Date(found.validUntilMs).toISOString(),
        },
      ];
    }),
  );
}

function factsOf({ doc, area, zone }: Row, policy: NotificationPolicy, nowMs: number) {
  const { cells, estimatedRepairAt, endedAt } = doc;
  const lost = cells.reduce((sum, { degree }) => sum + degree, 0) / Math.max(1, cells.length);
  const repair = {
    estimatedRepairAtMs: estimatedRepairAt === null ? null : Date.parse(estimatedRepairAt),
    repairBandMs: repairBandMs(doc.repair),
  };
  return {
    place: area,
    service: lost >= OUT ? ('none' as const) : ('degraded' as const),
    endedAtMs: endedAt === null ? null : Date.parse(endedAt),
    repairAtMs: estimateToSay(repair, policy, nowMs),
    zone,
  };
}
