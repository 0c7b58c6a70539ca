import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type SimulatorClock, WallClock } from './clock.js';
import { Random } from './random.js';

/** How the CRM misbehaves; may be changed at any time. */
export interface CrmFaults {
  /** until then (epoch ms) every connection is cut */
  downUntilMs: number;
  /** shares of requests, in [0,1]: cut before, cut after it was done, answered 500 */
  dropBeforeRate: number;
  dropAfterRate: number;
  serverErrorRate: number;
  /** 429 with Retry-After beyond so many requests in a second */
  requestsPerSecond: number;
  retryAfterSeconds: number;
  /** accounts it does not know: 404 */
  unknownAccounts: Set<string>;
}

export interface HeldFlag {
  readonly account: string;
  readonly subscriberId: number;
  readonly incidentId: string;
  readonly flag: unknown;
}

/** One change that was really made; a repeat under the same idempotency key makes none. */
export interface CrmChange {
  readonly kind: 'upsert' | 'clear';
  readonly subscriberId: number;
  readonly incidentId: string;
}

export interface CrmSimulator {
  readonly url: string;
  readonly faults: CrmFaults;
  /** what its records say now, by subscriber and incident */
  flags(): readonly HeldFlag[];
  changes(): readonly CrmChange[];
  /** requests seen, those cut included */
  requests(): number;
  /** somebody changes a record behind Tocsin's back; null takes it away */
  tamper(subscriberId: number, incidentId: string, flag: unknown): void;
  stop(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

/**
 * A CRM over HTTP: `PUT` and `DELETE /flags/SUBSCRIBER/INCIDENT`, `POST /flags/bulk` with `upserts` or
 * `clears`, `GET /flags?after=…&incident=…&limit=…`. It honours Idempotency-Key as CRMs do: a key seen
 * before is answered again and changes nothing.
 */
export async function startCrm(
  options: { readonly clock?: SimulatorClock; readonly seed?: number; readonly port?: number } = {},
): Promise<CrmSimulator> {
  const crm = new Crm(options.clock ?? new WallClock(), new Random(options.seed ?? 1, 'crm'));
  const server = createServer((request, response) => {
    crm.serve(request, response).catch(() => request.socket.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    faults: crm.faults,
    flags: () => crm.sorted(),
    changes: () => crm.changes,
    requests: () => crm.requests,
    tamper: (subscriberId, incidentId, flag) => crm.tamper(subscriberId, incidentId, flag),
    stop: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

class Crm {
  readonly changes: CrmChange[] = [];
  readonly faults: CrmFaults = {
    downUntilMs: 0,
    dropBeforeRate: 0,
    dropAfterRate: 0,
    serverErrorRate: 0,
    requestsPerSecond: Number.POSITIVE_INFINITY,
    retryAfterSeconds: 1,
    unknownAccounts: new Set(),
  };
  requests = 0;
  readonly #flags = new Map<string, HeldFlag>();
  readonly #seen = new Map<string, Answer>();
  readonly #clock: SimulatorClock;
  readonly #random: Random;
  #second = 0;
  #inSecond = 0;

  constructor(clock: SimulatorClock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.requests++;
    const text = await bodyOf(request);
    const { faults } = this;
    const isDown = this.#clock.nowMs() < faults.downUntilMs;
    if (isDown || this.#random.chance(faults.dropBeforeRate)) return void request.socket.destroy();
    const answer = this.#isTooFast()
      ? { status: 429, headers: { 'retry-after': String(faults.retryAfterSeconds) } }
      : this.#random.chance(faults.serverErrorRate)
        ? { status: 500 }
        : this.#once(request, text);
    if (this.#random.chance(faults.dropAfterRate)) return void request.socket.destroy();
    response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers });
    response.end(answer.body === undefined ? '' : JSON.stringify(answer.body));
  }

  sorted(): HeldFlag[] {
    return [...this.#flags.values()].sort(
      (a, b) =>
        a.subscriberId - b.subscriberId ||
        (a.incidentId < b.incidentId ? -1 : a.incidentId > b.incidentId ? 1 : 0),
    );
  }

  tamper(subscriberId: number, incidentId: string, flag: unknown): void {
    const key = `${subscriberId}/${incidentId}`;
    const account = this.#flags.get(key)?.account ?? '';
    if (flag === null) this.#flags.delete(key);
    else this.#flags.set(key, { account, subscriberId, incidentId, flag });
  }

  #isTooFast(): boolean {
    const second = Math.floor(this.#clock.nowMs() / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#inSecond = 0;
    }
    return ++this.#inSecond > this.faults.requestsPerSecond;
  }

  #once(request: IncomingMessage, text: string): Answer {
    const key = request.headers['idempotency-key'];
    const before = typeof key === 'string' ? this.#seen.get(key) : undefined;
    const answer = before ?? this.#route(request, text);
    if (typeof key === 'string') this.#seen.set(key, answer);
    return answer;
  }

  #route(request: IncomingMessage, text: string): Answer {
    const url = new URL(request.url ?? '/', 'http://crm');
    if (request.method === 'GET') return { status: 200, body: { flags: this.#page(url) } };
    if (request.method === 'POST') return this.#bulk(text);
    const [, , subscriber = '', incident = ''] = url.pathname.split('/').map(decodeURIComponent);
    if (request.method === 'DELETE') return this.#clear(Number(subscriber), incident);
    const body = JSON.parse(text) as { account: string; flag: unknown };
    return this.#write({ ...body, subscriberId: Number(subscriber), incidentId: incident });
  }

  #bulk(text: string): Answer {
    const { upserts = [], clears = [] } = JSON.parse(text) as {
      upserts?: HeldFlag[];
      clears?: { subscriberId: number; incidentId: string }[];
    };
    for (const flag of upserts) this.#write(flag);
    for (const { subscriberId, incidentId } of clears) this.#clear(subscriberId, incidentId);
    return { status: 200, body: { done: upserts.length + clears.length } };
  }

  #write(held: HeldFlag): Answer {
    if (this.faults.unknownAccounts.has(held.account)) return { status: 404 };
    const { subscriberId, incidentId } = held;
    this.#flags.set(`${subscriberId}/${incidentId}`, held);
    this.changes.push({ kind: 'upsert', subscriberId, incidentId });
    return { status: 200, body: {} };
  }

  #clear(subscriberId: number, incidentId: string): Answer {
    if (!this.#flags.delete(`${subscriberId}/${incidentId}`)) return { status: 404 };
    this.changes.push({ kind: 'clear', subscriberId, incidentId });
    return { status: 204 };
  }

  #page(url: URL): HeldFlag[] {
    const after = Number(url.searchParams.get('after') ?? 0);
    const incident = url.searchParams.get('incident') ?? '';
    const limit = Number(url.searchParams.get('limit') ?? 100);
    return this.sorted()
      .filter(
        (held) =>
          held.subscriberId > after || (held.subscriberId === after && held.incidentId > incident),
      )
      .slice(0, limit);
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
