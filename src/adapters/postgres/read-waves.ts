import type pg from 'pg';
import type { IncidentDetail } from '../../api/ports.js';
import { query } from './pool.js';

/** Messages of an incident, or of works, by what became of them. */
export async function messagesOf(pool: pg.Pool, id: string): Promise<IncidentDetail['messages']> {
  const { rows } = await query<IncidentDetail['messages'][number]>(
    pool,
    `select kind, state, reason, count(*) count from outbox
     where incident_id = $1 group by kind, state, reason order by kind, count(*) desc`,
    [id],
  );
  return rows;
}

/** Its waves, oldest first. */
export async function wavesOf(pool: pg.Pool, id: string): Promise<IncidentDetail['waves']> {
  const { rows } = await query<{
    wave_id: string;
    kind: string;
    revision: number;
    state: string;
    reason: string;
    decided_at: Date;
    valid_until: Date;
    variant: string;
    asked: number;
    counts: Record<string, number>;
  }>(
    pool,
    `select wave_id, kind, revision, state, reason, decided_at, valid_until, variant, asked, counts
     from waves where incident_id = $1 order by decided_at, wave_id`,
    [id],
  );
  return rows.map(({ wave_id, decided_at, valid_until, ...rest }) => ({
    ...rest,
    id: wave_id,
    decidedAt: decided_at.toISOString(),
    validUntil: valid_until.toISOString(),
  }));
}
