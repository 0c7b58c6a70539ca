import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type SimulatorClock, WallClock } from './clock.js';
import { Random } from './random.js';

/** A ticket as TMF621 has it, `id` included. */
export type HeldTicket = Record<string, unknown> & { readonly id: string };

/** One request that changes something. */
export interface TicketRequest {
  readonly method: string;
  readonly body: Record<string, unknown>;
}

export interface TicketSystemFaults {
  /** shares of requests, in [0,1]: cut before, cut after it was done */
  dropBeforeRate: number;
  dropAfterRate: number;
  /** whether lists are filtered by externalId */
  filters: boolean;
}

export interface TicketSystemSimulator {
  /** base of the interface, version included */
  readonly url: string;
  readonly faults: TicketSystemFaults;
  tickets(): readonly HeldTicket[];
  requests(): readonly TicketRequest[];
  /** somebody there changes a ticket */
  edit(id: string, changes: Record<string, unknown>): void;
  stop(): Promise<void>;
}

const BASE = '/tmf-api/troubleTicket/v4';

/** A ticket system by TM Forum TMF621 v4: create, read, list, change. Creating twice makes two. */
export async function startTicketSystem(
  options: { readonly clock?: SimulatorClock; readonly seed?: number } = {},
): Promise<TicketSystemSimulator> {
  const { clock = new WallClock(), seed = 1 } = options;
  const system = new TicketSystem(clock, new Random(seed, 'tickets'));
  const server = createServer((request, response) => {
    system.serve(request, response).catch(() => request.socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${BASE}`,
    faults: system.faults,
    tickets: () => [...system.tickets.values()],
    requests: () => system.requests,
    edit: (id, changes) => void system.edit(id, changes),
    stop: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

class TicketSystem {
  readonly tickets = new Map<string, HeldTicket>();
  readonly requests: TicketRequest[] = [];
  readonly faults: TicketSystemFaults = { dropBeforeRate: 0, dropAfterRate: 0, filters: true };
  readonly #clock: SimulatorClock;
  readonly #random: Random;

  constructor(clock: SimulatorClock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const { faults } = this;
    if (this.#random.chance(faults.dropBeforeRate)) return void request.socket.destroy();
    const [status, body] = this.#route(request, text);
    if (this.#random.chance(faults.dropAfterRate)) return void request.socket.destroy();
    response.writeHead(status, { 'content-type': 'application/json;charset=utf-8' });
    response.end(JSON.stringify(body));
  }

  edit(id: string, changes: Record<string, unknown>): HeldTicket | undefined {
    const before = this.tickets.get(id);
    if (before === undefined) return undefined;
    const after = { ...before, ...changes, id, lastUpdate: this.#now() };
    this.tickets.set(id, after);
    return after;
  }

  #route({ url = '/', method = 'GET' }: IncomingMessage, text: string): [number, unknown] {
    const { pathname, searchParams } = new URL(url, 'http://tickets');
    const id = decodeURIComponent(pathname.slice(`${BASE}/troubleTicket/`.length));
    if (!pathname.startsWith(`${BASE}/troubleTicket`)) return [404, { code: '60' }];
    if (method === 'GET') {
      return id === '' ? [200, this.#list(searchParams)] : this.#orAbsent(this.tickets.get(id));
    }
    const body = JSON.parse(text) as Record<string, unknown>;
    this.requests.push({ method, body });
    if (method === 'PATCH') return this.#orAbsent(this.edit(id, body));
    const ticket = { ...body, id: `TT${this.tickets.size + 1}`, creationDate: this.#now() };
    this.tickets.set(ticket.id, ticket);
    return [201, ticket];
  }

  #list(query: URLSearchParams): HeldTicket[] {
    const externalId = query.get('externalId');
    const all = [...this.tickets.values()];
    const isFiltered = externalId !== null && this.faults.filters;
    return isFiltered ? all.filter((ticket) => ticket.externalId === externalId) : all;
  }

  #orAbsent(ticket: HeldTicket | undefined): [number, unknown] {
    return ticket === undefined ? [404, { code: '60', reason: 'no such ticket' }] : [200, ticket];
  }

  #now(): string {
    return new Date(this.#clock.nowMs()).toISOString();
  }
}
