import type pg from 'pg';
import type { OperatorAct } from '../../domain/facts.js';
import type { ImpactMapper } from '../../impact/ports.js';
import { CLEAR_FLAGS } from './crm-sql.js';

/** $1 answer, $2 at, $3 incident, $4 subscriber, $5 what they say, $6 and $7 what had been stated. */
const KEEP = `
insert into agent_answers (answer_id, at, incident_no, lineage_id, subscriber_id, answer, affected,
  probability)
select $1, $2, i.incident_no, i.lineage_id, s.subscriber_id, $5, $6, $7
from (select 1) as one
left join incidents i on i.incident_id = $3
left join subscribers s on s.subscriber_id = $4 and s.erased_at is null
on conflict (answer_id) do nothing`;

/** $1 answer, $2 subscriber, $3 at. @returns the incident it was about */
const TAKE_BACK = `
update agent_answers a set undone_at = $3
where a.answer_id = $1 and a.subscriber_id = $2 and a.undone_at is null
returning (select i.incident_id from incidents i where i.incident_no = a.incident_no) as "incidentId"`;

/**
 * Carries out what a caller told an agent: keeps it, looks at the person again, and takes their flag
 * away at once when they are not affected. Doing it again changes nothing; other acts are let be.
 */
export async function applyAgentAnswer(
  client: pg.ClientBase,
  act: OperatorAct,
  impact: ImpactMapper<pg.ClientBase>,
): Promise<void> {
  const { subscriberId } = act;
  const incidentId = await keep(client, act);
  if (incidentId === undefined || subscriberId === undefined) return;
  await impact.mapPerson(client, incidentId, subscriberId, Date.parse(act.at));
  if (act.answer !== 'notAffected') return;
  await client.query(CLEAR_FLAGS, [incidentId, subscriberId - 1, subscriberId]);
}

/** @returns the incident of which something new is known */
async function keep(client: pg.ClientBase, act: OperatorAct): Promise<string | undefined> {
  const { actId, at, incidentId, subscriberId, answer, stated, undoes } = act;
  if (subscriberId === undefined) return undefined;
  if (act.action === 'undoAnswer') {
    const { rows } = await client.query<{ incidentId: string | null }>(TAKE_BACK, [
      undoes,
      subscriberId,
      at,
    ]);
    return rows[0]?.incidentId ?? undefined;
  }
  if (act.action !== 'agentAnswer' || answer === undefined || stated === undefined)
    return undefined;
  const { affected, probability } = stated;
  const values = [actId, at, incidentId, subscriberId, answer, affected, probability];
  const { rowCount } = await client.query(KEEP, values);
  return rowCount === 0 ? undefined : incidentId;
}
