import type pg from 'pg';
import type { OperatorAct } from '../../domain/facts.js';

const MOVES: Readonly<Record<string, { from: readonly string[]; sql: string; reason: string }>> = {
  approve: {
    from: ['awaitingApproval', 'held'],
    sql: `state = 'expanding', approved_by = $2, expansion_due = true, drained = false,
      waits_for_person = false`,
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

/** $1 incident, $2 action, $3 actor, $4 why; the lineage's last word counts. */
const ORDER = `
  insert into wave_orders (lineage_id, action, actor, why)
  select lineage_id, $2, $3, $4 from incidents where incident_id = $1
  on conflict (lineage_id) do update set action = excluded.action, actor = excluded.actor,
    why = excluded.why, at = now()`;
/** $1 incident; lets the lineage's family go. */
const RELEASE = `
  delete from wave_orders where lineage_id in (
    select f from incidents cross join lateral lineage_family(lineage_id) f where incident_id = $1)`;

/**
 * Carries out what an operator decided about an incident's waves, with a row in the audit log per
 * wave that changed. A hold or cancel stands for the lineage, so that it holds for a wave that is
 * decided later, until somebody approves. Messages of a held wave stay where they are; those of a cancelled one end as
 * suppressed when their turn comes. Doing it again changes nothing. Acts that do not concern waves
 * are let be: the kill switch is set by the API itself, at once.
 * @returns ids of the waves that changed
 */
export async function applyWaveAct(client: pg.ClientBase, act: OperatorAct): Promise<string[]> {
  const move = MOVES[act.action];
  if (!move || act.incidentId === undefined) return [];
  if (act.action === 'hold' || act.action === 'cancel')
    await client.query(ORDER, [act.incidentId, act.action, act.actor, act.why]);
  if (act.action === 'approve') await client.query(RELEASE, [act.incidentId]);
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
