import type pg from 'pg';
import type { KnownTicket, TicketDue, TicketStore } from '../../crm/ticket-ports.js';
import type { TroubleTicket } from '../../crm/trouble-ticket.js';
import type { ImpactSummary } from '../../domain/customer.js';
import type { Incident } from '../../domain/incident.js';
import { query } from './pool.js';

interface DueRow {
  incident: Incident;
  impact: ImpactSummary | null;
  rank: number | null;
  ticketId: string | null;
  written: TroubleTicket | null;
  readRepairAt: Date | null;
}

const DUE = `
with running as (
  select incident_id, (rank() over (order by rank_score desc, incident_id))::int as place
  from incidents where state in ('open', 'recovering'))
select i.doc as incident, i.impact, r.place as rank, t.ticket_id as "ticketId", t.written,
  t.read_repair_at as "readRepairAt"
from incidents i
left join running r using (incident_id)
left join incident_tickets t on t.incident_id = i.incident_id and t.connector = $1
where i.incident_id in (
  select incident_id from running
  union all select incident_id from incident_tickets where connector = $1 and not is_over)
order by r.place nulls first, i.incident_id limit $2`;

const PUT = `
insert into incident_tickets (connector, incident_id, ticket_id, written, read_repair_at, is_over)
values ($1, $2, $3, $4, $5, $6)
on conflict (connector, incident_id) do update set ticket_id = excluded.ticket_id,
  written = excluded.written, read_repair_at = excluded.read_repair_at,
  is_over = excluded.is_over, updated_at = now()`;

/** Tickets of incidents, in Postgres. */
export class PostgresIncidentTickets implements TicketStore {
  readonly #pool: pg.Pool;

  constructor(pool: pg.Pool) {
    this.#pool = pool;
  }

  async due(connector: string, limit: number): Promise<TicketDue[]> {
    const { rows } = await query<DueRow>(this.#pool, DUE, [connector, limit]);
    return rows.map(({ ticketId, written, readRepairAt, ...facts }) => ({
      ...facts,
      known:
        ticketId === null || written === null
          ? null
          : { ticketId, written, readRepairAt: readRepairAt?.toISOString() ?? null },
    }));
  }

  async put(
    connector: string,
    incidentId: string,
    { ticketId, written, readRepairAt }: KnownTicket,
    isOver: boolean,
  ): Promise<void> {
    const values = [ticketId, JSON.stringify(written), readRepairAt, isOver];
    await query(this.#pool, PUT, [connector, incidentId, ...values]);
  }
}

/** Numbers of an incident's tickets by system, for its page. */
export async function ticketsOf(
  pool: pg.Pool,
  incidentId: string,
): Promise<{ system: string; ticketId: string }[]> {
  const { rows } = await query<{ system: string; ticketId: string }>(
    pool,
    `select connector as system, ticket_id as "ticketId" from incident_tickets
     where incident_id = $1 order by connector`,
    [incidentId],
  );
  return rows;
}
