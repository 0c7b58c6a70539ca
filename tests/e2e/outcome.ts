import type pg from 'pg';
import type { GatewayMessage } from '../../simulators/gateway/message-book.js';
import { phoneKey } from '../../src/adapters/postgres/phone-key.js';
import type { ImpactSummary } from '../../src/domain/customer.js';
import type { Incident } from '../../src/domain/incident.js';
import { SECRET } from '../services/customers.js';
import type { SmallWorld } from './small-world.js';

/** An incident with what impact says of it. */
export interface StoredIncident {
  readonly incident: Incident;
  readonly impact: ImpactSummary | null;
}

/** Incidents that were ever open. */
export async function incidents(pool: pg.Pool): Promise<StoredIncident[]> {
  const { rows } = await pool.query<StoredIncident>(
    `select doc as incident, impact from incidents where detected_at is not null
     order by started_at, incident_id`,
  );
  return rows;
}

/** Phone numbers of subscribers, by surrogate id, as the import stored them. */
async function numbers(pool: pg.Pool): Promise<Map<number, string>> {
  const { rows } = await pool.query<{ id: number; number: string }>(
    `select subscriber_id as id, value as number from subscriber_identifiers where kind = 'msisdn'`,
  );
  return new Map(rows.map(({ id, number }) => [id, number]));
}

/** Numbers of the people an incident affects now, with their probability. */
export async function affected(pool: pg.Pool, incidentId: string): Promise<Map<string, number>> {
  const known = await numbers(pool);
  const { rows } = await pool.query<{ id: number; probability: number }>(
    `select subscriber_id as id, probability from incident_subscribers join incidents using (incident_no)
     where incident_id = $1 and affected_to is null`,
    [incidentId],
  );
  return new Map(rows.map(({ id, probability }) => [known.get(id) ?? '', probability]));
}

/** Numbers of those whose CRM record carries a flag of an incident. */
export async function flagged(pool: pg.Pool, incidentId?: string): Promise<string[]> {
  const known = await numbers(pool);
  const { rows } = await pool.query<{ id: number }>(
    `select subscriber_id as id from crm_customer_flags where $1::text is null or incident_id = $1`,
    [incidentId ?? null],
  );
  return rows.map(({ id }) => known.get(id) ?? '').sort();
}

/** What the outbox still has to do, by kind, state and reason: nothing once it is settled. */
export async function unsettled(pool: pg.Pool): Promise<string[]> {
  const { rows } = await pool.query<{ what: string }>(
    `select concat_ws(' ', count(*), kind, state, reason) as what from outbox
     where state in ('pending', 'claimed') group by kind, state, reason
     union all select concat_ws(' ', kind, 'wave', state, 'to expand') from waves where expansion_due`,
  );
  return rows.map(({ what }) => what);
}

/** Numbers whose message of a kind ended in one of some states. */
export async function numbersIn(
  pool: pg.Pool,
  world: SmallWorld,
  kind: string,
  ...states: string[]
): Promise<string[]> {
  const { rows } = await pool.query<{ phone_key: Buffer }>(
    'select phone_key from outbox where kind = $1 and state = any($2)',
    [kind, states],
  );
  const keys = new Set(rows.map(({ phone_key }) => phone_key.toString('hex')));
  return world
    .people(0, 0)
    .map(({ number }) => number)
    .filter((number) => keys.has(phoneKey(SECRET, number).toString('hex')))
    .sort();
}

/**
 * What the gateway took, by the kind that our own message id in its callback address belongs to;
 * sorted, so that a number that got two stands there twice.
 */
export async function taken(
  pool: pg.Pool,
  sent: readonly GatewayMessage[],
): Promise<Record<'onset' | 'restored' | 'unknown', string[]>> {
  const { rows } = await pool.query<{ id: string; kind: 'onset' | 'restored' }>(
    'select message_id as id, kind from outbox',
  );
  const kinds = new Map(rows.map(({ id, kind }) => [id, kind]));
  const found = { onset: [], restored: [], unknown: [] } as Record<
    'onset' | 'restored' | 'unknown',
    string[]
  >;
  for (const { to, statusCallback } of sent) {
    const id = statusCallback === null ? null : new URL(statusCallback).searchParams.get('m');
    found[kinds.get(id ?? '') ?? 'unknown'].push(to);
  }
  for (const list of Object.values(found)) list.sort();
  return found;
}

/** Expected calls to come in the newest forecast of every queue: by incidents, and in all. */
export async function forecast(pool: pg.Pool): Promise<{ surge: number; total: number }> {
  const { rows } = await pool.query<{ surge: number; total: number }>(
    `select coalesce(sum((i->>'surge')::float8), 0) as surge,
       coalesce(sum((i->>'surge')::float8 + (i->>'ordinary')::float8), 0) as total
     from (select distinct on (queue) intervals from forecasts order by queue, issued_at desc) f,
       jsonb_array_elements(f.intervals) i`,
  );
  return rows[0] ?? { surge: 0, total: 0 };
}

/** Calls of intervals from a moment on. */
export async function callsOf(
  pool: pg.Pool,
  from: string,
): Promise<{ queue: string; start: string; offered: number }[]> {
  const { rows } = await pool.query<{ queue: string; start: Date; offered: number }>(
    'select queue, starts_at as start, offered from calls where starts_at >= $1',
    [from],
  );
  return rows.map(({ queue, start, offered }) => ({ queue, offered, start: start.toISOString() }));
}
