import type { IncidentItem } from '../../api/ports.js';
import type { ImpactSummary } from '../../domain/customer.js';
import type { Incident, IncidentState } from '../../domain/incident.js';
import type { RegulatoryClock } from '../../domain/regulatory-clock.js';
import type { Repair, RepairWord } from '../../domain/repair.js';

/** An incident's row with what its line in the list needs. */
export interface ItemRow {
  incident_id: string;
  lineage_id: string;
  state: IncidentState;
  revision: number;
  started_at: Date;
  detected_at: Date | null;
  ended_at: Date | null;
  updated_at: Date;
  rank_score: number;
  impact: ImpactSummary | null;
  severity: Incident['severity'];
  cause_kind: string;
  cause_id: string;
  cause_probability: number;
  explanation: string;
  acknowledged_by: string | null;
  planned_work_id: string | null;
  silenced_until: string | null;
  merged_into: string | null;
  certainty: number | null;
  estimated_repair_at: string | null;
  repair: Repair | null;
  repair_overrun: RepairWord | null;
  cell_count: number;
  site_count: number;
  places: string[];
  place_count: number;
  told: number;
  /** by duty to report */
  reported: Readonly<Record<string, NonNullable<RegulatoryClock['reported']>>> | null;
}

/** Columns of `ItemRow`, from `ITEM_TABLES`. */
export const ITEM_COLUMNS = `
  i.incident_id, i.lineage_id, i.state, i.revision, i.started_at, i.detected_at, i.ended_at,
  i.updated_at, i.rank_score, i.impact,
  i.doc->>'severity' severity, i.doc->'cause'->>'kind' cause_kind, i.doc->'cause'->>'id' cause_id,
  (i.doc->'cause'->>'probability')::float8 cause_probability, i.doc->>'explanation' explanation,
  i.doc->>'acknowledgedBy' acknowledged_by, i.doc->>'plannedWorkId' planned_work_id,
  i.doc->>'silencedUntil' silenced_until, i.doc->>'mergedInto' merged_into, (i.doc->>'certainty')::float8 certainty,
  i.doc->>'estimatedRepairAt' estimated_repair_at, i.doc->'repair' repair,
  i.doc->'repairOverrun' repair_overrun,
  jsonb_array_length(i.doc->'cells') cell_count, jsonb_array_length(i.doc->'sites') site_count,
  places.names places, places.count place_count,
  (select count(*) from outbox o
   where o.incident_id = i.incident_id and o.kind in ('onset', 'overrun') and o.state in ('accepted', 'delivered')) told,
  (select jsonb_object_agg(r.clock_id, jsonb_build_object(
     'at', to_char(r.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'by', r.actor, 'why', r.why))
   from authority_reports r
   where r.incident_id = i.incident_id and r.undone_at is null) reported`;

/**
 * Incidents with the places of their sites: a place is a site's name without its number, since
 * people know "Rennes" and not "Rennes 07". Those with most sites come first.
 */
export const ITEM_TABLES = `
  incidents i cross join lateral (
    select coalesce((array_agg(name order by sites desc, name))[1:4], '{}') names, count(*) count
    from (
      select coalesce(regexp_replace(s.name, '[ _-]*[0-9]+$', ''), e.id) name, count(*) sites
      from jsonb_array_elements_text(i.doc->'sites') e (id)
      left join sites s on s.site_id = e.id and s.valid_to = 'infinity'
      group by 1
    ) p
  ) places`;

/** The impact with what was told to authorities beside the duties it is about. */
function withReports({ impact, reported }: ItemRow): ImpactSummary | null {
  if (impact?.clocks === undefined || reported === null) return impact;
  const clocks = impact.clocks.map((clock) => {
    const done = reported[clock.id];
    return done === undefined ? clock : { ...clock, reported: done };
  });
  return { ...impact, clocks };
}

/** A row as the API shows it. */
export function itemOf(row: ItemRow): IncidentItem {
  return {
    id: row.incident_id,
    lineageId: row.lineage_id,
    revision: row.revision,
    state: row.state,
    severity: row.severity,
    startedAt: row.started_at.toISOString(),
    detectedAt: row.detected_at?.toISOString() ?? null,
    endedAt: row.ended_at?.toISOString() ?? null,
    estimatedRepairAt: row.estimated_repair_at,
    ...(row.repair === null ? {} : { repair: row.repair }),
    ...(row.repair_overrun === null ? {} : { repairOverrun: row.repair_overrun }),
    updatedAt: row.updated_at.toISOString(),
    cellCount: row.cell_count,
    siteCount: row.site_count,
    places: row.places,
    placeCount: row.place_count,
    cause: { kind: row.cause_kind, id: row.cause_id, probability: row.cause_probability },
    explanation: row.explanation,
    acknowledgedBy: row.acknowledged_by,
    plannedWorkId: row.planned_work_id,
    silencedUntil: row.silenced_until,
    mergedInto: row.merged_into,
    certainty: row.certainty,
    rankScore: row.rank_score,
    impact: withReports(row),
    told: row.told,
  };
}
