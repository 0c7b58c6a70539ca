import type pg from 'pg';
import type { OperatorAct } from '../../domain/facts.js';

const MOVES: Readonly<Record<string, { from: readonly string[]; sql: string; reason: string }>> = {
  approve: {
    from: ['awaitingApproval', 'held'],
    sql: `state = 'expanding', approved_by = $2, expansion_due = true, drained = false`,
    reason: 'approved by',
  },
  hold: {
    from: ['awaitingApproval', 'expanding', 'expanded'],
    sql: `state = 'held'`,
    reason: 'held by',
  },
  cancel: {
    from: ['awaitingApproval', 'expanding', 'expanded', 'held'],
    sql: `state = 'cancelled', expansion_due = false`,
    reason: 'cancelled by',
  },
  notAnIncident: {
    from: ['awaitingApproval', 'expanding', 'expanded', 'held'],
    sql: `state = 'cancelled', expansion_due = false`,
    reason: 'no incident, says',
  },
};

/**
 * Carries out what an operator decided about an incident's waves, with a row in the audit log per
 * wave that changed. Messages of a held wave stay where they are; those of a cancelled one end as
 * suppressed when their turn comes. Doing it again changes nothing. Acts that do not concern waves
 * are let be: the kill switch is set by the API itself, at once.
 * @returns ids of the waves that changed
 */
export async function applyWaveAct(client: pg.ClientBase, act: OperatorAct): Promise<string[]> {
  const move = MOVES[act.action];
  if (!move || act.incidentId === undefined) return [];
  const { rows } = await client.query<{ wave_id: string }>(
    `update waves set ${move.sql}, reason = $3 || ' ' || $2 || ': ' || $4
     where incident_id = $1 and state = any($5::text[])
     returning wave_id`,
    [act.incidentId, act.actor, move.reason, act.why, move.from],
  );
  for (const { wave_id: waveId } of rows) {
    await client.query(
      `insert into audit_log (actor, action, target, why, detail) values ($1, $2, $3, $4, $5)`,
      [
        act.actor,
        `wave.${act.action}`,
        waveId,
        act.why,
        { incidentId: act.incidentId, actId: act.actId },
      ],
    );
  }
  return rows.map((row) => row.wave_id);
}
