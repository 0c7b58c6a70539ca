import type pg from 'pg';
import type { SurgeAlertItem } from '../../api/ports.js';
import { iso } from './iso-column.js';
import { query } from './pool.js';

interface AlertRow {
  alert_id: string;
  raised_at: Date;
  cleared_at: Date | null;
  queues: string[];
  surges: SurgeAlertItem['surges'];
  incidents: string[];
  deliveries: SurgeAlertItem['deliveries'] | null;
  acknowledgements: SurgeAlertItem['acknowledgements'] | null;
}

/** Alerts of surges, newest first. */
export async function readSurgeAlerts(pool: pg.Pool, limit: number): Promise<SurgeAlertItem[]> {
  const { rows } = await query<AlertRow>(
    pool,
    `select a.alert_id, a.raised_at, a.cleared_at, a.queues, a.surges, a.incidents,
       (select jsonb_agg(jsonb_build_object('recipient', d.recipient, 'kind', d.kind,
                 'state', d.state, 'reason', d.reason, 'attempts', d.attempts,
                 'sentAt', ${iso('d.sent_at')}) order by d.revision, d.recipient)
          from desk_deliveries d where d.alert_id = a.alert_id) as deliveries,
       (select jsonb_agg(jsonb_build_object('who', k.who, 'via', k.via, 'note', k.note,
                 'at', ${iso('k.at')}) order by k.at)
          from desk_acknowledgements k where k.alert_id = a.alert_id) as acknowledgements
     from surge_alerts a order by a.raised_at desc limit $1`,
    [limit],
  );
  return rows.map((row) => ({
    alertId: row.alert_id,
    raisedAt: row.raised_at.toISOString(),
    clearedAt: row.cleared_at?.toISOString() ?? null,
    queues: row.queues,
    surges: row.surges,
    incidents: row.incidents,
    deliveries: row.deliveries ?? [],
    acknowledgements: row.acknowledgements ?? [],
  }));
}
