import type pg from 'pg';
import type { PastIncident } from '../../domain/past-incident.js';
import { query } from './pool.js';

/** A past incident as its table and an import's staging hold it. */
export type PastRow = Record<keyof PastIncident, string | number | Date | null>;

/** Past incidents of a table, oldest first. */
export function pastIncidentsOf(table: string): string {
  return `
    select incident_id as "id", cause_kind as "causeKind", cells, started_at as "startedAt",
      coalesce(ended_after, ended_at) as "lastedUntil", ended_at as "endedBy", service, affected, calls
    from ${table} order by started_at, incident_id`;
}

/** What is stored of a past incident in our words; what is null is left out. */
export function pastIncident(row: PastRow): PastIncident {
  return { endedBy: null, ...present(row) } as PastIncident;
}

/** Imported incidents that say how many were affected: they teach how many call. */
export async function loadPastIncidents(pool: pg.Pool): Promise<PastIncident[]> {
  const { rows } = await query<PastRow>(pool, pastIncidentsOf('past_incidents'));
  return rows.filter(({ affected }) => affected !== null).map(pastIncident);
}

/** Times as the journal has them; what is null is left out. */
export function present(row: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const known = Object.entries(row).filter(([, value]) => value !== null);
  return Object.fromEntries(
    known.map(([name, value]) => [name, value instanceof Date ? value.toISOString() : value]),
  );
}
