import type pg from 'pg';
import type { OperatorAct } from '../../domain/facts.js';

const REPORT = `
insert into authority_reports (report_id, incident_id, clock_id, at, actor, why)
select $1, i.incident_id, $3, $4, $5, $6 from incidents i where i.incident_id = $2
on conflict do nothing`;

const TAKE_BACK = `
update authority_reports set undone_at = $3
where incident_id = $1 and clock_id = $2 and undone_at is null`;

/**
 * Keeps that a duty to report was done, or that it was not after all. The first report of a duty
 * stands; doing it again changes nothing. Other acts are let be.
 */
export async function applyAuthorityReport(client: pg.ClientBase, act: OperatorAct): Promise<void> {
  const { action, actId, incidentId, clock, at, actor, why } = act;
  if (incidentId === undefined || clock === undefined) return;
  if (action === 'reported') {
    await client.query(REPORT, [actId, incidentId, clock, at, actor, why]);
  } else if (action === 'undoReported') {
    await client.query(TAKE_BACK, [incidentId, clock, at]);
  }
}
