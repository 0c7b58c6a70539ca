import type { Ticket } from '../domain/ticket.js';

const DAY_MS = 86_400_000;
/** A ticket nobody has spoken of for so long, and whose time passed so long ago, is forgotten. */
const KEPT_MS = 30 * DAY_MS;
/** So many are kept at most, those spoken of last. */
const MOST_TICKETS = 20_000;

/** A ticket's latest word. Times are epoch ms. */
export interface KnownTicket {
  readonly ticket: Ticket;
  readonly saidAtMs: number;
  /** when its present time to repair was first given: a word on something else makes it no newer */
  readonly timeSaidAtMs: number;
}

function repairMs({ repairAt }: Ticket): number | null {
  return repairAt === undefined ? null : Date.parse(repairAt);
}

function isOpen({ state }: Ticket): boolean {
  return state === undefined || state === 'open';
}

/** Of two words of one moment the one that takes something back holds, else the later time. */
function outranks(a: KnownTicket, b: KnownTicket): boolean {
  if (a.saidAtMs !== b.saidAtMs) return a.saidAtMs > b.saidAtMs;
  if (isOpen(a.ticket) !== isOpen(b.ticket)) return !isOpen(a.ticket);
  return (repairMs(a.ticket) ?? 0) >= (repairMs(b.ticket) ?? 0);
}

/** The latest word of every ticket; one that comes late does not undo a later one. */
export class TicketBook {
  #tickets = new Map<string, KnownTicket>();

  /** Takes a ticket's word; an older one than is known changes nothing. */
  put(ticket: Ticket): void {
    const saidAtMs = Date.parse(ticket.saidAt);
    if (Number.isNaN(saidAtMs)) return;
    const word = { ticket, saidAtMs, timeSaidAtMs: saidAtMs };
    const before = this.#tickets.get(ticket.ticketId);
    if (before === undefined) {
      this.#tickets.set(ticket.ticketId, word);
      return;
    }
    const latest = outranks(word, before) ? word : before;
    const isSameTime = repairMs(before.ticket) === repairMs(ticket);
    const timeSaidAtMs = isSameTime ? Math.min(before.timeSaidAtMs, saidAtMs) : latest.timeSaidAtMs;
    this.#tickets.set(ticket.ticketId, { ...latest, timeSaidAtMs });
  }

  get(ticketId: string): KnownTicket | undefined {
    return this.#tickets.get(ticketId);
  }

  /** Those that give a time and are neither closed nor withdrawn. */
  *withTime(): Generator<KnownTicket & { readonly repairAtMs: number }> {
    for (const known of this.#tickets.values()) {
      const repairAtMs = repairMs(known.ticket);
      if (repairAtMs !== null && isOpen(known.ticket)) yield { ...known, repairAtMs };
    }
  }

  /** Forgets what is long past, and the oldest beyond a bound. */
  forget(nowMs: number): void {
    for (const [id, { ticket, saidAtMs }] of this.#tickets) {
      const lastMs = Math.max(saidAtMs, isOpen(ticket) ? (repairMs(ticket) ?? 0) : 0);
      if (lastMs < nowMs - KEPT_MS) this.#tickets.delete(id);
    }
    if (this.#tickets.size <= MOST_TICKETS) return;
    const byAge = [...this.#tickets].sort(
      ([a, one], [b, other]) => other.saidAtMs - one.saidAtMs || (a < b ? -1 : 1),
    );
    this.#tickets = new Map(byAge.slice(0, MOST_TICKETS));
  }

  /** The whole state. */
  stored(): readonly KnownTicket[] {
    return [...this.#tickets.values()];
  }

  /** Puts a stored state back. */
  restore(tickets: readonly KnownTicket[]): void {
    this.#tickets = new Map(tickets.map((known) => [known.ticket.ticketId, known]));
  }
}
