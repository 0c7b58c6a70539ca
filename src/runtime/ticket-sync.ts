import { isDeepStrictEqual } from 'node:util';
import type {
  HeldTicket,
  KnownTicket,
  TicketDue,
  TicketStore,
  TicketSystem,
} from '../crm/ticket-ports.js';
import { type TroubleTicket, troubleTicket } from '../crm/trouble-ticket.js';
import type { Ticket } from '../domain/ticket.js';
import type { Clock } from './clock.js';
import type { Health } from './health.js';
import type { Logger } from './log.js';
import { Loop, type Turn } from './loop.js';

export interface TicketSyncOptions {
  readonly store: TicketStore;
  readonly system: TicketSystem;
  /** takes what tickets say of repairs, as if it had been pushed */
  readonly accept: (tickets: readonly Ticket[]) => Promise<void>;
  readonly network: Clock;
  readonly health: Health;
  readonly log: Logger;
  readonly isLeading: () => boolean;
  readonly idleMs?: number;
}

const MOST = 500;

/**
 * Keeps a trouble ticket for every running incident: opened, given the impact's rank as its priority,
 * resolved when it is over. A repair time that somebody else sets there is read back and from then on
 * left alone. One ticket an incident, whatever answer was lost: it is looked for by our id first.
 */
export class TicketSync {
  readonly #options: TicketSyncOptions;
  readonly #loop: Loop;

  constructor(options: TicketSyncOptions) {
    this.#options = options;
    const { health, log, system, idleMs = 15_000 } = options;
    const turn = (): Promise<Turn> => this.turn();
    this.#loop = new Loop({ name: `tickets ${system.name}`, idleMs, turn, health, log });
  }

  start(): void {
    this.#loop.start();
  }

  async stop(): Promise<void> {
    await this.#loop.stop();
  }

  /** @throws TocsinError `unavailable.crm` while the ticket system is away */
  async turn(): Promise<Turn> {
    const { store, system, isLeading } = this.#options;
    if (!isLeading()) return 'idle';
    for (const due of await store.due(system.name, MOST)) {
      if (!isLeading()) return 'idle';
      await this.#look(due);
    }
    return 'idle';
  }

  async #look(due: TicketDue): Promise<void> {
    const { system } = this.#options;
    const { known, incident } = due;
    const held =
      known === null ? await system.find(incident.id) : await system.read(known.ticketId);
    if (held === undefined) return this.#open(due);
    const before = known ?? firstKnown(held, troubleTicket(due, true));
    const readRepairAt = this.#othersTime(held, before);
    if (readRepairAt !== null && readRepairAt !== before.readRepairAt) {
      await this.#readBack(due, held, readRepairAt);
    }
    const wanted = troubleTicket(due, readRepairAt !== null);
    const changes = differences(wanted, known?.written ?? null);
    if (Object.keys(changes).length > 0 && !(held.isClosed && wanted.status === 'resolved')) {
      await system.change(held.ticketId, changes);
    }
    await this.#keep(due, { ticketId: held.ticketId, written: wanted, readRepairAt });
  }

  /** None there, or none any more: an incident that is over needs none. */
  async #open(due: TicketDue): Promise<void> {
    const { system } = this.#options;
    const written = troubleTicket(due, false);
    const { known } = due;
    if (written.status === 'resolved') {
      if (known !== null) await this.#keep(due, { ...known, written });
      return;
    }
    const { ticketId } = await system.create(written);
    await this.#keep(due, { ticketId, written, readRepairAt: null });
  }

  /** The ticket's repair time when it is somebody else's word. */
  #othersTime(held: HeldTicket, before: KnownTicket): string | null {
    const { expectedResolutionDate: now } = held;
    const ours = before.written.expectedResolutionDate;
    const isOurs = ours !== undefined && now !== null && Date.parse(now) === Date.parse(ours);
    return isOurs ? null : now;
  }

  async #readBack({ incident }: TicketDue, held: HeldTicket, repairAt: string): Promise<void> {
    const { accept, network, system } = this.#options;
    await accept([
      {
        ticketId: held.ticketId,
        incidentId: incident.id,
        repairAt,
        saidBy: system.name,
        saidAt: new Date(network.now()).toISOString(),
      },
    ]);
  }

  async #keep({ incident }: TicketDue, known: KnownTicket): Promise<void> {
    const { store, system } = this.#options;
    await store.put(system.name, incident.id, known, known.written.status === 'resolved');
  }
}

/** A ticket found by our id whose writing was lost: its time is ours unless it says otherwise. */
function firstKnown(
  { ticketId, expectedResolutionDate }: HeldTicket,
  base: TroubleTicket,
): KnownTicket {
  const own = expectedResolutionDate === null ? {} : { expectedResolutionDate };
  return { ticketId, written: { ...base, ...own }, readRepairAt: null };
}

/** What is to be changed. The id is the ticket's name for good, and is never among it. */
function differences(wanted: TroubleTicket, written: TroubleTicket | null): Partial<TroubleTicket> {
  const { externalId: _id, ...rest } = wanted;
  return Object.fromEntries(
    Object.entries(rest).filter(
      ([key, value]) => !isDeepStrictEqual(value, written?.[key as keyof TroubleTicket]),
    ),
  );
}
