import type pg from 'pg';
import type { RelatedIncident } from '../../api/ports.js';
import type { CauseCandidate } from '../../domain/incident.js';
import { query } from './pool.js';
import { ITEM_COLUMNS, ITEM_TABLES, type ItemRow, itemOf } from './read-incident-item.js';

const MOST_COMPARED = 100;
const MOST_SHARED = 3;

interface Row extends ItemRow {
  readonly sites: readonly string[];
  readonly candidates: readonly CauseCandidate[];
}

interface Above {
  readonly incident_id: string;
  readonly kind: string;
  readonly id: string;
  readonly depth: number;
}

type Resource = RelatedIncident['cause'];

const RUNNING = `
select ${ITEM_COLUMNS}, i.doc -> 'sites' sites, i.doc -> 'cause' -> 'candidates' candidates
from ${ITEM_TABLES}
where i.incident_id = $1 or i.state in ('suspected', 'open', 'recovering')
order by i.incident_id <> $1, i.rank_score desc, i.incident_id limit ${MOST_COMPARED + 1}`;

/** What the sites of incidents ($1) depend on, with the fewest links in between. */
const ABOVE = `
with recursive up (incident_id, node_id, depth) as (
  select i.incident_id, s.id, 0
  from incidents i, jsonb_array_elements_text(i.doc -> 'sites') s (id)
  where i.incident_id = any($1)
  union
  select u.incident_id, l.parent_id, u.depth + 1
  from up u join links l on l.child_id = u.node_id and l.valid_to = 'infinity'
  where u.depth < 8
)
select incident_id, kind, id, min(depth)::int as depth from (
  select u.incident_id, l.kind, l.link_id as id, 2 * u.depth + 1 as depth
  from up u join links l on l.child_id = u.node_id and l.valid_to = 'infinity'
  where l.link_id <> l.parent_id
  union all
  select u.incident_id, 'function', u.node_id, 2 * u.depth from up u where u.depth > 0
) as above group by 1, 2, 3`;

/** Other running incidents with what they share with one; undefined when there is no such one. */
export async function relatedIncidents(
  pool: pg.Pool,
  incidentId: string,
): Promise<RelatedIncident[] | undefined> {
  const { rows } = await query<Row>(pool, RUNNING, [incidentId]);
  const [own, ...others] = rows;
  if (own?.incident_id !== incidentId) return undefined;
  const above = await query<Above>(pool, ABOVE, [rows.map((row) => row.incident_id)]);
  const aboveOf = (id: string) => above.rows.filter((each) => each.incident_id === id);
  const ownAbove = aboveOf(incidentId);
  return others
    .map((other) => relation(own, other, sharedAbove(ownAbove, aboveOf(other.incident_id))))
    .sort((a, b) => weightOf(b) - weightOf(a) || a.apartSeconds - b.apartSeconds);
}

function relation(own: Row, other: Row, sharedResources: Resource[]): RelatedIncident {
  const { id, state, startedAt, places, placeCount, cellCount, impact, cause } = itemOf(other);
  const ownSites = new Set(own.sites);
  const theirs = new Set(named(other).map(({ id: each }) => each));
  return {
    id,
    state,
    startedAt,
    places,
    placeCount,
    cellCount,
    subscribers: impact?.subscribers ?? null,
    cause: { kind: cause.kind, id: cause.id },
    apartSeconds: Math.round(Math.abs(own.started_at.getTime() - Date.parse(startedAt)) / 1000),
    sharedSites: other.sites.filter((site) => ownSites.has(site)).length,
    sharedCauses: named(own).filter((each) => theirs.has(each.id)),
    sharedResources,
  };
}

/** Candidates with what cannot be told from them. */
function named({ candidates }: Row): Resource[] {
  return candidates
    .flatMap(({ kind, id, alike = [] }) => [{ kind, id }, ...alike])
    .filter(({ id }) => id !== '');
}

function sharedAbove(own: readonly Above[], other: readonly Above[]): Resource[] {
  const depths = new Map(other.map(({ id, depth }) => [id, depth]));
  return own
    .filter(({ id }) => depths.has(id))
    .map((each) => ({ ...each, far: each.depth + (depths.get(each.id) ?? 0) }))
    .sort((a, b) => a.far - b.far || (a.id < b.id ? -1 : 1))
    .slice(0, MOST_SHARED)
    .map(({ kind, id }) => ({ kind, id }));
}

function weightOf({ sharedSites, sharedCauses, sharedResources }: RelatedIncident): number {
  return (
    100 * Math.min(9, sharedCauses.length) + 10 * Math.min(9, sharedSites) + sharedResources.length
  );
}
