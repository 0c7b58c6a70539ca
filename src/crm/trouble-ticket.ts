import type { ImpactSummary } from '../domain/customer.js';
import { type Incident, isActive } from '../domain/incident.js';

/** What of a TM Forum trouble ticket (TMF621 v4) Tocsin writes; created with all, changed with these. */
export interface TroubleTicket {
  readonly name: string;
  readonly description: string;
  readonly severity: string;
  readonly priority: string;
  readonly ticketType: string;
  readonly externalId: string;
  readonly status: 'inProgress' | 'resolved';
  readonly statusChangeReason?: string;
  readonly expectedResolutionDate?: string;
  readonly resolutionDate?: string;
  readonly relatedEntity: readonly {
    readonly id: string;
    readonly role: string;
    readonly '@referredType': string;
  }[];
}

/** An incident as a ticket system should have it. */
export interface TicketFacts {
  readonly incident: Incident;
  readonly impact: ImpactSummary | null;
  /** its place among running incidents by what it costs customers, 1 the worst; null when over */
  readonly rank: number | null;
}

const MOST_SITES = 100;
const SEVERITY = {
  critical: 'Critical',
  major: 'Major',
  minor: 'Minor',
  warning: 'Minor',
} as const;

/**
 * The ticket of an incident. Priority is the rank of its impact on customers, as a number in words:
 * ticket systems sort it, and it changes while the incident lasts.
 * @param hasOwnTime whether somebody else has set the ticket's repair time: then it is left alone
 */
export function troubleTicket(
  { incident, impact, rank }: TicketFacts,
  hasOwnTime: boolean,
): TroubleTicket {
  const { cause, estimatedRepairAt, endedAt, mergedInto } = incident;
  const isOver = !isActive(incident.state);
  const people = Math.round(impact?.expected ?? 0);
  return {
    name: `Network incident ${incident.id}`,
    description: `${incident.explanation} Affected: about ${people} people, ${incident.cells.length} cells, ${incident.sites.length} sites.`,
    severity: SEVERITY[incident.severity],
    priority: String(rank ?? 999),
    ticketType: 'networkIncident',
    externalId: incident.id,
    status: isOver ? 'resolved' : 'inProgress',
    ...(mergedInto === undefined ? {} : { statusChangeReason: `goes on as ${mergedInto}` }),
    ...(estimatedRepairAt === null || isOver || hasOwnTime
      ? {}
      : { expectedResolutionDate: estimatedRepairAt }),
    ...(isOver && endedAt !== null ? { resolutionDate: endedAt } : {}),
    relatedEntity: [
      { id: cause.id, role: `cause:${cause.kind}`, '@referredType': 'Resource' },
      ...incident.sites
        .slice(0, MOST_SITES)
        .map((id) => ({ id, role: 'affected', '@referredType': 'GeographicSite' })),
    ],
  };
}
