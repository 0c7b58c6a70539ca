import type pg from 'pg';
import type { RepairItem } from '../../api/ports.js';
import type { CauseCandidate } from '../../domain/incident.js';
import { sectorIdOf, softwareIdOf } from '../../domain/topology-build.js';
import { explainRepair, type Repair, rankRepairs } from '../../impact/repairs.js';
import { query } from './pool.js';
import { ITEM_COLUMNS, ITEM_TABLES, type ItemRow, itemOf } from './read-incident-item.js';

const MOST_INCIDENTS = 200;

interface Row extends ItemRow {
  readonly candidates: readonly CauseCandidate[];
}

interface HeldCell {
  readonly incident_id: string;
  readonly cell_id: string;
  readonly degree: number;
  readonly site_id: string | null;
  readonly azimuth: number | null;
  readonly vendor: string | null;
  readonly version: string | null;
}

const OPEN = `
select ${ITEM_COLUMNS}, i.doc -> 'cause' -> 'candidates' candidates
from ${ITEM_TABLES}
where i.state in ('open', 'recovering') and i.doc ->> 'plannedWorkId' is null
order by i.rank_score desc, i.incident_id limit ${MOST_INCIDENTS}`;

/** Cells of incidents. $1 their ids. */
const HELD = `
  select i.incident_id, h."cellId" cell_id, h.degree, c.site_id, c.azimuth, c.vendor, c.version
  from incidents i, jsonb_to_recordset(i.doc -> 'cells') as h ("cellId" text, degree float8)
  left join cells c on c.cell_id = h."cellId" and c.valid_to = 'infinity'
  where i.incident_id = any($1)`;

/**
 * Loss at cells that depend on each of some links and functions, by incident.
 * $1 incident ids, $2 ids of links and functions.
 */
export const UNDER = `
with recursive held as materialized (${HELD}),
up (start, node) as (
  select id, id from (select site_id id from held union select cell_id from held) s
  where id is not null
  union
  select u.start, above.id from up u
  join links l on l.child_id = u.node and l.valid_to = 'infinity'
  cross join lateral (values (l.link_id), (l.parent_id)) as above (id)
),
wanted as materialized (select start, node from up where node = any($2)),
under as (
  select h.incident_id, h.cell_id, h.degree, w.node from held h join wanted w on w.start = h.site_id
  union
  select h.incident_id, h.cell_id, h.degree, w.node from held h join wanted w on w.start = h.cell_id
)
select incident_id, node id, sum(degree)::float8 loss from under group by 1, 2`;

/** Repairs of open incidents' candidate causes, what to repair first at the top. */
export async function readRepairs(pool: pg.Pool, limit: number): Promise<RepairItem[]> {
  const { rows } = await query<Row>(pool, OPEN, []);
  const shares = await sharesOf(pool, rows);
  const repairs = rankRepairs(
    rows.map((row) => ({
      id: row.incident_id,
      lossPerMinute: row.impact?.cost?.lossPerMinute ?? 0,
      isEmergencyLost: row.impact?.cost?.emergency.isLost ?? false,
      candidates: row.candidates
        .filter(({ id }) => id !== '')
        .map(({ kind, id, probability }) => ({
          kind,
          id,
          probability,
          share: shares.get(JSON.stringify([row.incident_id, id])) ?? 1,
        })),
    })),
  );
  const byId = new Map(rows.map((row) => [row.incident_id, row]));
  return repairs.slice(0, limit).map((repair) => asItem(repair, byId));
}

/**
 * Share of each incident's loss at cells that depend on each of its candidates, by incident and
 * candidate; absent where the network does not say that any cell depends on it.
 */
async function sharesOf(pool: pg.Pool, rows: readonly Row[]): Promise<Map<string, number>> {
  if (rows.length === 0) return new Map();
  const ids = rows.map((row) => row.incident_id);
  const named = [...new Set(rows.flatMap(({ candidates }) => candidates.map(({ id }) => id)))];
  const [held, under] = await Promise.all([
    query<HeldCell>(pool, HELD, [ids]),
    query<{ incident_id: string; id: string; loss: number }>(pool, UNDER, [ids, named]),
  ]);
  const totals = new Map<string, number>();
  const losses = new Map<string, number>();
  const add = (map: Map<string, number>, key: string, by: number): void => {
    map.set(key, (map.get(key) ?? 0) + by);
  };
  for (const cell of held.rows) {
    add(totals, cell.incident_id, cell.degree);
    for (const id of groupsOf(cell))
      add(losses, JSON.stringify([cell.incident_id, id]), cell.degree);
  }
  for (const { incident_id, id, loss } of under.rows) {
    losses.set(JSON.stringify([incident_id, id]), loss);
  }
  const shares = new Map<string, number>();
  for (const row of rows) {
    const total = totals.get(row.incident_id) ?? 0;
    for (const { id } of row.candidates) {
      const key = JSON.stringify([row.incident_id, id]);
      const loss = losses.get(key);
      if (loss !== undefined && total > 0) shares.set(key, Math.min(1, loss / total));
    }
  }
  return shares;
}

/** What a cell depends on that is no link. */
function groupsOf({ cell_id, site_id, azimuth, vendor, version }: HeldCell): string[] {
  const groups = [cell_id];
  if (site_id !== null) groups.push(site_id);
  if (site_id !== null && azimuth !== null) groups.push(sectorIdOf(site_id, azimuth));
  if (version !== null) groups.push(softwareIdOf(vendor ?? undefined, version));
  return groups;
}

function asItem(repair: Repair, rows: ReadonlyMap<string, Row>): RepairItem {
  const candidates = repair.incidents.flatMap(({ incidentId }) =>
    (rows.get(incidentId)?.candidates ?? []).filter(
      ({ kind, id }) => kind === repair.kind && id === repair.id,
    ),
  );
  const incidents = repair.incidents.flatMap(({ incidentId, ...saved }) => {
    const row = rows.get(incidentId);
    if (row === undefined) return [];
    const { id, state, startedAt, estimatedRepairAt, places, placeCount, impact } = itemOf(row);
    const subscribers = impact?.subscribers ?? 0;
    return [{ id, state, startedAt, estimatedRepairAt, places, placeCount, subscribers, ...saved }];
  });
  return {
    kind: repair.kind,
    id: repair.id,
    alike: candidates[0]?.alike ?? [],
    savedPerHour: repair.savedPerHour,
    people: incidents.reduce((sum, { subscribers }) => sum + subscribers, 0),
    emergency: repair.emergency,
    explanation: explainRepair(repair),
    incidents,
  };
}
