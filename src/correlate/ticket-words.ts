import type { Ticket } from '../domain/ticket.js';
import { causeOf, countedCells, type Episode, type RepairWord } from './episode.js';
import type { KnownTicket, TicketBook } from './ticket-book.js';
import type { World } from './world.js';

/** How closely a ticket speaks of an incident: it names it, its cause, or what the cause is part of. */
type Closeness = 3 | 2 | 1;

interface Candidate {
  readonly known: KnownTicket & { readonly repairAtMs: number };
  readonly closeness: Closeness;
}

/** Tickets that give a time, by what they name. */
interface TicketIndex {
  readonly byIncident: ReadonlyMap<string, readonly Candidate['known'][]>;
  readonly byResource: ReadonlyMap<number, readonly Candidate['known'][]>;
}

function add<Key>(map: Map<Key, Candidate['known'][]>, key: Key, known: Candidate['known']): void {
  const others = map.get(key);
  if (others === undefined) map.set(key, [known]);
  else others.push(known);
}

function resourceOf(world: World, { resourceId, resourceType }: Ticket): number {
  if (resourceId === undefined) return -1;
  const type = resourceType === undefined ? {} : { type: resourceType };
  return world.space.lookUp({ id: resourceId, ...type });
}

/**
 * What tickets say of the repairs of incidents. A ticket is about an incident when it names it, or a
 * resource that all of the incident is under: its cause, what the cause is part of, or a part of the
 * cause that has everything that failed. A ticket on one of many failed sites says when that site is
 * back, not when the incident is over, and does not count. One that was last spoken of long before
 * the incident began is about something else.
 */
export class TicketWords {
  readonly #world: World;
  readonly #book: TicketBook;
  readonly #index: TicketIndex;

  /** @param incidentOf the incident that an id means now, through merges */
  constructor(
    world: World,
    book: TicketBook,
    incidentOf: (id: string) => Episode | undefined = () => undefined,
  ) {
    this.#world = world;
    this.#book = book;
    const byIncident = new Map<string, Candidate['known'][]>();
    const byResource = new Map<number, Candidate['known'][]>();
    for (const known of book.withTime()) {
      const { incidentId } = known.ticket;
      if (incidentId !== undefined)
        add(byIncident, incidentOf(incidentId)?.id ?? incidentId, known);
      const resource = resourceOf(world, known.ticket);
      if (resource >= 0) add(byResource, resource, known);
    }
    this.#index = { byIncident, byResource };
  }

  /** What was said last of the incident's repair, by a ticket or an operator; null: nothing. */
  last(episode: Episode): RepairWord | null {
    const told = this.#stillHolds(episode.told) ? episode.told : null;
    const ticket = this.#ofTicket(episode);
    if (told === null || ticket === null) return told ?? ticket;
    return told.asOfMs >= ticket.asOfMs ? told : ticket;
  }

  /** An operator who went by a ticket is not held to it once the ticket is closed or withdrawn. */
  #stillHolds(told: RepairWord | null): boolean {
    if (told === null || told.ticketId === null) return true;
    const known = this.#book.get(told.ticketId);
    const isOver = known?.ticket.state === 'closed' || known?.ticket.state === 'withdrawn';
    return !isOver || known.saidAtMs < told.asOfMs;
  }

  #ofTicket(episode: Episode): RepairWord | null {
    const best = this.#candidates(episode).reduce<Candidate | undefined>(
      (so, each) => (so === undefined || comesBefore(each, so) ? each : so),
      undefined,
    );
    if (best === undefined) return null;
    const { ticket, repairAtMs, timeSaidAtMs } = best.known;
    return {
      source: 'ticket',
      atMs: repairAtMs,
      asOfMs: timeSaidAtMs,
      saidBy: ticket.saidBy ?? null,
      ticketId: ticket.ticketId,
    };
  }

  #candidates(episode: Episode): Candidate[] {
    const { byIncident, byResource } = this.#index;
    const named = byIncident.get(episode.id) ?? byIncident.get(episode.lineageId) ?? [];
    const found: Candidate[] = named.map((known) => ({ known, closeness: 3 }));
    if (byResource.size === 0) return found;
    const earlyMs = this.#world.rules.repair.ticketEarlySeconds * 1000;
    for (const [resource, closeness] of this.#resourcesOver(episode)) {
      for (const known of byResource.get(resource) ?? []) {
        if (known.saidAtMs >= episode.startedAtMs - earlyMs) found.push({ known, closeness });
      }
    }
    return found;
  }

  /** Resources with tickets that all of the incident is under, with how close they are to it. */
  #resourcesOver(episode: Episode): Map<number, Closeness> {
    const { space } = this.#world;
    const { byResource } = this.#index;
    const cause = causeOf(episode);
    const over = new Map<number, Closeness>();
    const parts = [...episode.members.keys(), ...countedCells(episode).map(([cell]) => cell)];
    const [first] = parts;
    const chain = first === undefined ? [] : [first, ...space.ancestorsOf(first)];
    for (const resource of [...chain, ...space.ancestorsOf(cause)]) {
      if (!byResource.has(resource) || !parts.every((part) => space.isUnder(part, resource)))
        continue;
      const isPart = cause >= 0 && space.isUnder(resource, cause);
      over.set(resource, isPart ? 2 : 1);
    }
    for (const resource of [cause, ...(episode.causes[0]?.alike ?? [])]) {
      if (resource >= 0 && byResource.has(resource)) over.set(resource, 2);
    }
    return over;
  }
}

/** The closest first, of these the one whose time was given last, then the later time. */
function comesBefore(a: Candidate, b: Candidate): boolean {
  if (a.closeness !== b.closeness) return a.closeness > b.closeness;
  if (a.known.timeSaidAtMs !== b.known.timeSaidAtMs)
    return a.known.timeSaidAtMs > b.known.timeSaidAtMs;
  if (a.known.repairAtMs !== b.known.repairAtMs) return a.known.repairAtMs > b.known.repairAtMs;
  return a.known.ticket.ticketId < b.known.ticket.ticketId;
}
