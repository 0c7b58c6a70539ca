import type pg from 'pg';
import type { IvrQuery, IvrTextItem } from '../../api/ports.js';
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

/** What an IVR may say, worst incident first, each area and language. */
export async function readIvrTexts(
  pool: pg.Pool,
  { desk, policy }: { readonly desk: DeskRules; readonly policy: NotificationPolicy },
  { area, language }: IvrQuery,
  nowMs: number,
): Promise<IvrTextItem[]> {
  const { rows } = await query<Row>(pool, AREAS, [new Date(nowMs), area ?? null, MOST_INCIDENTS]);
  const languages = language === undefined ? Object.keys(desk.ivr.texts) : [language];
  const broken = new Set(rows.flatMap(({ doc, area }) => (doc.endedAt === null ? [area] : [])));
  // "Back again" would be false where something else is still broken.
  const said = rows.filter((row) => row.doc.endedAt === null || !broken.has(row.area));
  return said.flatMap((row) =>
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
