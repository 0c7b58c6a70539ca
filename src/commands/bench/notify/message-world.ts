import type pg from 'pg';
import { phoneKey } from '../../../adapters/postgres/phone-key.js';
import { query, withTransaction } from '../../../adapters/postgres/pool.js';
import { PostgresWaveStore } from '../../../adapters/postgres/wave-store.js';
import type { ImpactSummary } from '../../../domain/customer.js';
import type { Incident } from '../../../domain/incident.js';
import type { NotificationPolicy } from '../../../notify/policy.js';
import type { Rules } from '../../../service/rules.js';
import { incidentOver } from '../impact/mapping.js';

/** A wave to be sent. */
export interface QueuedWave {
  readonly people: number;
  /** network time, epoch ms */
  readonly nowMs: number;
  readonly rules: Rules;
}

const SECRET = 'a secret for measuring only';
const BATCH = 50_000;

/** People of one incident, with numbers, and the incident; nothing decided yet. @returns it */
export async function insertAffected(
  pool: pg.Pool,
  { people, nowMs }: QueuedWave,
): Promise<Incident> {
  const incident = incidentOver('inc_1', 0, 3, { nowMs });
  await query(
    pool,
    `insert into sites (site_id, name, lat, lon, zone) values ('S0', 'Rennes', 48, -1.6, 'Europe/Paris')`,
  );
  await query(
    pool,
    `insert into incidents (incident_id, lineage_id, state, revision, started_at, detected_at, doc, leader_epoch)
     values ($1, $2, 'open', 1, $3, $3, $4, 0)`,
    [incident.id, incident.lineageId, incident.startedAt, JSON.stringify(incident)],
  );
  for (let first = 1; first <= people; first += BATCH) {
    const last = Math.min(people, first + BATCH - 1);
    const numbers = Array.from(
      { length: last - first + 1 },
      (_, n) => `+336${String(first + n).padStart(8, '0')}`,
    );
    await query(
      pool,
      `insert into subscribers (subscriber_id, segment, language, vulnerable)
       select s, case when s % 10 = 0 then 'business' else 'consumer' end,
         case when s % 5 = 0 then 'en' else 'fr' end, s % 50 = 0
       from generate_series($1::int, $2::int) s`,
      [first, last],
    );
    await query(
      pool,
      `insert into subscriber_identifiers (kind, value, subscriber_id, phone_key)
       select 'msisdn', u.value, $1::int + u.n - 1, u.key
       from unnest($2::text[], $3::bytea[]) with ordinality as u(value, key, n)`,
      [first, numbers, numbers.map((number) => phoneKey(SECRET, number))],
    );
  }
  await query(
    pool,
    `insert into incident_subscribers (incident_no, subscriber_id, affected_from, mapped_at,
       probability, degree, class, reachable, service)
     select i.incident_no, s.subscriber_id, i.started_at, i.started_at, 0.9, 1, s.class,
       s.subscriber_id % 3 <> 0, case when s.subscriber_id % 4 = 0 then 'degraded' else 'none' end
     from subscribers s, incidents i`,
  );
  await query(
    pool,
    `insert into impact_state (incident_no, incident_id, cells_key, mapped_at, changed_at, counted_at)
     select incident_no, incident_id, '', started_at, started_at, started_at from incidents`,
  );
  return incident;
}

/** Decides the wave of an incident that has been stored. */
export async function decideWaveOf(
  pool: pg.Pool,
  incident: Incident,
  { people, nowMs, rules }: QueuedWave,
): Promise<void> {
  const impact: ImpactSummary = {
    ...{ subscribers: people, expected: people * 0.9, machines: 0, bySegment: {} },
    ...{ userMinutes: 0, rankScore: 0, rankParts: {} },
  };
  const waves = new PostgresWaveStore({ policy: unasked(rules.policy, people) });
  await withTransaction(pool, (client) => waves.planMessages(client, incident, impact, nowMs));
}

/** A policy that asks nobody before it tells so many people, and tells few as well. */
export function unasked(policy: NotificationPolicy, people: number): NotificationPolicy {
  return {
    ...policy,
    incidents: { ...policy.incidents, minPeople: 1 },
    approval: { ...policy.approval, abovePeople: people },
  };
}

/** Both in one. */
export async function queueWave(pool: pg.Pool, wave: QueuedWave): Promise<void> {
  await decideWaveOf(pool, await insertAffected(pool, wave), wave);
}
