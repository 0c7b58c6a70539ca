import type pg from 'pg';
import type { IncidentVisitors } from '../../api/ports.js';
import type { ImpactRules } from '../../impact/rules.js';
import { query } from './pool.js';
import { COUNT_VISITORS, INCIDENT_VISITORS, VISITORS_OF } from './visitor-sql.js';

/** Whether anything tells visitors from subscribers, and sightings may be kept at all. */
function areCounted({ visitors, whereabouts }: ImpactRules): boolean {
  const { ownNetworks, ownCountryCodes } = visitors;
  return whereabouts.mode !== 'declared' && ownNetworks.length + ownCountryCodes.length > 0;
}

/** Counts the visitors at an incident's cells anew; nothing where the rules count none. */
export async function countVisitors(
  client: pg.ClientBase,
  incidentNo: number,
  rules: ImpactRules,
): Promise<void> {
  if (!areCounted(rules)) return;
  await client.query(COUNT_VISITORS, [incidentNo, rules.visitors.freshMinutes]);
}

/** Visitors at an incident's cells as last counted, of one that is over the most there were. */
export async function visitorsOf(
  client: pg.ClientBase,
  incidentNo: number,
  rules: ImpactRules,
  isOver: boolean,
): Promise<{ visitors?: number }> {
  if (!areCounted(rules)) return {};
  const { rows } = await client.query<{ visitors: number }>(VISITORS_OF, [incidentNo, isOver]);
  return { visitors: rows[0]?.visitors ?? 0 };
}

/**
 * Visitors of an incident by network, most first.
 * @param names of networks, by MCC and MNC
 */
export async function readVisitors(
  pool: pg.Pool,
  incidentId: string,
  names: Readonly<Record<string, string>>,
): Promise<IncidentVisitors[]> {
  const { rows } = await query<Omit<IncidentVisitors, 'name'>>(pool, INCIDENT_VISITORS, [
    incidentId,
  ]);
  return rows.map((row) => ({ ...row, name: names[row.network] ?? null }));
}
