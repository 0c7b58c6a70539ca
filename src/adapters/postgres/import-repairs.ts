import type pg from 'pg';
import type { Fact } from '../../domain/facts.js';
import type { Ticket } from '../../domain/ticket.js';
import { factsOf } from './import-facts.js';
import { type ImportContext, type ImportKind, refuse, STAGING } from './import-kind.js';
import type { RowReader } from './import-row.js';
import { mergePlain } from './import-topology.js';
import { dropUnchanged, type VersionedTable } from './import-versioned.js';
import { type PastRow, pastIncident, pastIncidentsOf, present } from './past-incidents.js';

/** As `Ticket` and `PastIncident` have it. */
const MOST_CELLS = 10_000_000;
const KIND_LENGTH = 64;
const MOST_PEOPLE = 1_000_000_000;
const SERVICES = ['none', 'degraded'];
const RESOURCE_TYPES = ['cell', 'sector', 'site', 'link', 'function', 'software'];
const STATES = ['open', 'closed', 'withdrawn'];

const ticket: VersionedTable = {
  table: 'tickets',
  key: ['ticket_id'],
  attributes: [
    'resource_id',
    'resource_type',
    'incident_id',
    'opened_at',
    'expected_repair_at',
    'said_by',
    'said_at',
    'state',
    'closed_at',
    'note',
  ],
};

function readTicket(row: RowReader) {
  const opened = row.time('opened_at');
  const closed = row.optionalTime('closed_at');
  if (closed !== null && closed < opened) row.reject('closed_at is before opened_at');
  const resource = row.optional('resource_id');
  const incident = row.optional('incident_id');
  if (resource === null && incident === null) row.reject('resource_id and incident_id are empty');
  const type = row.optional('resource_type');
  return [
    row.text('ticket_id'),
    resource,
    type === null ? null : row.oneOf('resource_type', RESOURCE_TYPES, 'site'),
    incident,
    opened,
    row.optionalTime('expected_repair_at'),
    row.optional('said_by'),
    row.optionalTime('said_at'),
    row.oneOf('state', STATES, closed === null ? 'open' : 'closed'),
    closed,
    row.optional('note', 2000),
  ];
}

/**
 * A row that does not say when it was said: a ticket seen for the first time said it when it was
 * opened, one that has changed by now.
 */
async function dateTickets(client: pg.PoolClient, { validFrom }: ImportContext): Promise<void> {
  await client.query(
    `update ${STAGING} s set told_at = coalesce(s.said_at, s.closed_at,
       case when exists (select from tickets t where t.ticket_id = s.ticket_id)
            then $1::timestamptz else s.opened_at end)`,
    [validFrom],
  );
}

const UNKNOWN_RESOURCE = `s.resource_id is not null
  and coalesce(s.resource_type, '') not in ('sector', 'software')
  and exists (select from sites)
  and not exists (select from cells c where c.cell_id = s.resource_id and c.valid_to = 'infinity')
  and not exists (select from sites c where c.site_id = s.resource_id and c.valid_to = 'infinity')
  and not exists (select from links c where s.resource_id in (c.link_id, c.parent_id, c.child_id)
                    and c.valid_to = 'infinity')`;

async function ticketFacts(client: pg.PoolClient, { validFrom }: ImportContext): Promise<Fact[]> {
  const { rows } = await client.query<Record<keyof Ticket, string | Date | null>>(
    `select ticket_id as "ticketId", resource_id as "resourceId", resource_type as "resourceType",
            incident_id as "incidentId", expected_repair_at as "repairAt", said_by as "saidBy",
            told_at as "saidAt", state
       from ${STAGING}
      where state = 'open' or told_at > $1::timestamptz - interval '30 days'
      order by told_at, ticket_id`,
    [validFrom],
  );
  return factsOf(
    rows.map((row) => present(row) as Ticket),
    (items) => ({ kind: 'tickets', items }),
  );
}

export const tickets: ImportKind = {
  columns: [
    ['ticket_id', 'ticket', 'id'],
    ['resource_id', 'resource'],
    ['resource_type'],
    ['incident_id', 'incident'],
    ['opened_at', 'opened'],
    ['expected_repair_at', 'expected_repair', 'repair_at'],
    ['said_by'],
    ['said_at', 'updated_at'],
    ['state', 'status'],
    ['closed_at', 'closed'],
    ['note', 'description'],
  ],
  required: [['ticket_id'], ['resource_id', 'incident_id'], ['opened_at']],
  staging:
    'ticket_id text, resource_id text, resource_type text, incident_id text, opened_at timestamptz, expected_repair_at timestamptz, said_by text, said_at timestamptz, state text, closed_at timestamptz, note text, told_at timestamptz default now()',
  key: ['ticket_id'],
  read: readTicket,
  merge: async (client, context) => {
    await refuse(
      client,
      UNKNOWN_RESOURCE,
      `'resource_id "' || s.resource_id || '" is no cell, site, link or function of the inventory'`,
    );
    await dropUnchanged(client, ticket);
    await dateTickets(client, context);
    return mergePlain(client, ticket);
  },
  facts: ticketFacts,
};

const incident: VersionedTable = {
  table: 'past_incidents',
  key: ['incident_id'],
  attributes: [
    'cause_kind',
    'cells',
    'started_at',
    'ended_after',
    'ended_at',
    'service',
    'affected',
    'calls',
  ],
};

function readIncident(row: RowReader, { validFrom }: ImportContext) {
  const started = row.time('started_at');
  const ended = row.optionalTime('ended_at');
  const after = row.optionalTime('ended_after') ?? (ended === null ? validFrom : null);
  if (started > validFrom) row.reject(`started_at is after the import, ${validFrom}`);
  if (ended !== null && ended <= started) row.reject('ended_at is not after started_at');
  if (after !== null && after < started) row.reject('ended_after is before started_at');
  if (after !== null && ended !== null && after > ended)
    row.reject('ended_after is after ended_at');
  const cells = row.optionalNumber('cells', 1, MOST_CELLS);
  if (cells !== null && !Number.isInteger(cells)) {
    row.reject(`cells was ${cells}, allowed: a whole number`);
  }
  const kind = row.optional('cause_kind', KIND_LENGTH);
  const service = row.optional('service');
  return [
    row.text('incident_id'),
    kind,
    cells,
    started,
    after,
    ended,
    service === null ? null : row.oneOf('service', SERVICES, 'none'),
    row.optionalNumber('affected', 1, MOST_PEOPLE),
    row.optionalNumber('calls', 0, MOST_PEOPLE),
  ];
}

async function incidentFacts(client: pg.PoolClient): Promise<Fact[]> {
  const { rows } = await client.query<PastRow>(pastIncidentsOf(STAGING));
  return factsOf(rows.map(pastIncident), (part) => ({ kind: 'pastIncidents', items: part }));
}

export const incidents: ImportKind = {
  columns: [
    ['incident_id', 'id'],
    ['cause_kind', 'kind', 'cause'],
    ['cells', 'size'],
    ['started_at', 'started', 'start'],
    ['ended_after', 'last_seen'],
    ['ended_at', 'ended', 'end', 'ended_by'],
    ['service', 'lost'],
    ['affected', 'people', 'subscribers'],
    ['calls', 'extra_calls'],
  ],
  required: [['incident_id'], ['started_at'], ['ended_at']],
  staging:
    'incident_id text, cause_kind text, cells integer, started_at timestamptz, ended_after timestamptz, ended_at timestamptz, service text, affected float8, calls float8',
  key: ['incident_id'],
  read: readIncident,
  merge: async (client) => {
    await dropUnchanged(client, incident);
    return mergePlain(client, incident);
  },
  facts: incidentFacts,
};
