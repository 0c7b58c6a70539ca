import type { HeldTicket, TicketSystem } from '../../crm/ticket-ports.js';
import type { TroubleTicket } from '../../crm/trouble-ticket.js';
import { messageOf, TocsinError } from '../../domain/errors.js';
import { type HttpAnswer, HttpClient } from '../http/http-client.js';
import { parseBody, textAt } from '../http/template.js';
import type { Tmf621Config } from './tmf621-config.js';

const CLOSED = ['resolved', 'closed', 'cancelled', 'rejected'];

/** Client of a ticket system by TM Forum TMF621 Trouble Ticket, version 4. */
export class Tmf621Client implements TicketSystem {
  readonly name: string;
  readonly #base: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #http: HttpClient;

  constructor({ name, url, headers = {} }: Tmf621Config, timeoutMs = 10_000) {
    this.name = name;
    this.#base = `${url.replace(/\/+$/, '')}/troubleTicket`;
    this.#headers = headers;
    this.#http = new HttpClient({ connections: 4, timeoutMs });
  }

  async find(externalId: string): Promise<HeldTicket | undefined> {
    const query = `externalId=${encodeURIComponent(externalId)}&limit=2`;
    const { text } = await this.#request('GET', `?${query}`, null);
    const found = parseBody(text);
    if (!Array.isArray(found)) throw this.#away('its list is none');
    // A system that does not filter lists all: only what carries our id counts.
    return heldOf(found.find((each) => textAt(each, 'externalId') === externalId));
  }

  async create(ticket: TroubleTicket): Promise<HeldTicket> {
    const answer = await this.#request('POST', '', ticket);
    const held = heldOf(parseBody(answer.text));
    if (held === undefined) throw this.#away('the new ticket has no id');
    return held;
  }

  async change(ticketId: string, changes: Partial<TroubleTicket>): Promise<HeldTicket | undefined> {
    const answer = await this.#request('PATCH', `/${encodeURIComponent(ticketId)}`, changes);
    return answer.status === 404
      ? undefined
      : (heldOf(parseBody(answer.text)) ?? this.read(ticketId));
  }

  async read(ticketId: string): Promise<HeldTicket | undefined> {
    const answer = await this.#request('GET', `/${encodeURIComponent(ticketId)}`, null);
    return answer.status === 404 ? undefined : heldOf(parseBody(answer.text));
  }

  async check(): Promise<void> {
    await this.#request('GET', '?limit=1', null);
  }

  async close(): Promise<void> {
    await this.#http.close();
  }

  /** @throws TocsinError `unavailable.crm` for anything but success, and 404 of a ticket */
  async #request(method: string, path: string, body: object | null): Promise<HttpAnswer> {
    let answer: HttpAnswer;
    try {
      answer = await this.#http.send({
        method,
        url: `${this.#base}${path}`,
        headers: {
          accept: 'application/json',
          'content-type': 'application/json',
          ...this.#headers,
        },
        body: body === null ? null : JSON.stringify(body),
      });
    } catch (error) {
      throw this.#away(messageOf(error), error);
    }
    if (answer.status < 300 || (answer.status === 404 && path.startsWith('/'))) return answer;
    throw this.#away(`it answers ${answer.status} to ${method}: ${answer.text.slice(0, 200)}`);
  }

  #away(why: string, cause?: unknown): TocsinError {
    return new TocsinError('unavailable.crm', `ticket system ${this.name}: ${why}`, { cause });
  }
}

function heldOf(value: unknown): HeldTicket | undefined {
  const ticketId = textAt(value, 'id');
  if (ticketId === undefined) return undefined;
  const at = Date.parse(textAt(value, 'expectedResolutionDate') ?? '');
  return {
    ticketId,
    expectedResolutionDate: Number.isNaN(at) ? null : new Date(at).toISOString(),
    lastUpdate: textAt(value, 'lastUpdate') ?? null,
    isClosed: CLOSED.includes(textAt(value, 'status') ?? ''),
  };
}
