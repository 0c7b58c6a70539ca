import type { TicketFacts, TroubleTicket } from './trouble-ticket.js';

/** A ticket as its system has it. */
export interface HeldTicket {
  readonly ticketId: string;
  readonly expectedResolutionDate: string | null;
  /** who or what changed it last, when it says */
  readonly lastUpdate: string | null;
  readonly isClosed: boolean;
}

/** A trouble ticket system. All throw TocsinError `unavailable.crm` while it is away. */
export interface TicketSystem {
  readonly name: string;
  /** The ticket that carries our id of the incident, so that a lost answer makes no second one. */
  find(externalId: string): Promise<HeldTicket | undefined>;
  create(ticket: TroubleTicket): Promise<HeldTicket>;
  /** @returns undefined when it has no such ticket any more */
  change(ticketId: string, changes: Partial<TroubleTicket>): Promise<HeldTicket | undefined>;
  read(ticketId: string): Promise<HeldTicket | undefined>;
  check(): Promise<void>;
  close(): Promise<void>;
}

/** What is known of an incident's ticket. */
export interface KnownTicket {
  readonly ticketId: string;
  readonly written: TroubleTicket;
  readonly readRepairAt: string | null;
}

/** An incident whose ticket is to be looked after. */
export interface TicketDue extends TicketFacts {
  readonly known: KnownTicket | null;
}

/** Where tickets of incidents are kept. */
export interface TicketStore {
  /** Running incidents, and those over whose ticket does not say so yet, the worst first. */
  due(connector: string, limit: number): Promise<TicketDue[]>;
  put(connector: string, incidentId: string, known: KnownTicket, isOver: boolean): Promise<void>;
}
