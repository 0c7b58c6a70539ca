import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { annotatedCsv, type StoredPoint } from './influx2-csv.js';
import { type FluxQuery, parseFlux } from './influx2-flux.js';
import { PRECISIONS, parseLine } from './influx2-lines.js';

const TOKEN = 'contract-token';
const ORG = 'contract-org';
const ORG_ID = '0000000000000001';

interface Reply {
  readonly status: number;
  readonly body: string;
  readonly type?: string;
}

/**
 * A small server with the part of InfluxDB 2's HTTP interface that Tocsin uses: orgs, buckets,
 * write, and Flux queries of the shape from, range, filter, pivot, limit. It refuses what the real
 * one refuses, in its words: bad token, missing or unknown organisation, unknown bucket, unknown
 * precision, lines and Flux it cannot read, a body that is not what its content type says.
 */
export async function startInflux2Contract() {
  const contract = new Contract();
  const server = createServer((request, response) => {
    void contract.answer(request).then((reply) => send(response, reply));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const stop = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { url, token: TOKEN, org: ORG, stop };
}

function send(response: ServerResponse, { status, body, type }: Reply): void {
  response.writeHead(status, { 'content-type': type ?? 'application/json; charset=utf-8' });
  response.end(body);
}

const refuse = (status: number, code: string, message: string): Reply => ({
  status,
  body: JSON.stringify({ code, message }),
});

class Contract {
  readonly #buckets = new Map<string, StoredPoint[]>();

  async answer(request: IncomingMessage): Promise<Reply> {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const body = await bodyOf(request);
    if (request.headers.authorization !== `Token ${TOKEN}`) {
      return refuse(401, 'unauthorized', 'unauthorized access');
    }
    const route = `${request.method} ${url.pathname}`;
    if (route === 'GET /api/v2/orgs') return ok({ orgs: [{ id: ORG_ID, name: ORG }] });
    if (route === 'POST /api/v2/buckets') return this.#create(body);
    if (route === 'POST /api/v2/write') return this.#write(url, body);
    if (route === 'POST /api/v2/query') return this.#query(url, request, body);
    return refuse(404, 'not found', 'path not found');
  }

  #create(body: string): Reply {
    const { orgID, name } = JSON.parse(body) as { orgID?: string; name?: string };
    if (orgID !== ORG_ID || name === undefined) return refuse(400, 'invalid', 'org id is missing');
    this.#buckets.set(name, []);
    return { ...ok({ id: name, name }), status: 201 };
  }

  /** As the real one, takes all lines or none. */
  #write(url: URL, body: string): Reply {
    const unit = PRECISIONS.get(url.searchParams.get('precision') ?? 'ns');
    if (unit === undefined) {
      const allowed = 'valid precision units are ns, us, ms, and s';
      return refuse(400, 'invalid', `invalid precision; ${allowed}`);
    }
    const org = refuseOrg(url);
    if (org !== undefined) return org;
    const bucket = url.searchParams.get('bucket') ?? '';
    const points = this.#buckets.get(bucket);
    if (points === undefined) return refuse(404, 'not found', `bucket "${bucket}" not found`);
    const lines = body.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'));
    if (lines.length === 0) return refuse(400, 'invalid', 'writing requires points');
    try {
      points.push(...lines.map((line) => parseLine(line, unit)));
    } catch (error) {
      return refuse(400, 'invalid', (error as Error).message);
    }
    return { status: 204, body: '' };
  }

  #query(url: URL, request: IncomingMessage, body: string): Reply {
    const org = refuseOrg(url);
    if (org !== undefined) return org;
    const text = queryText(request.headers['content-type'] ?? '', body);
    if (text === undefined) {
      return refuse(400, 'invalid', 'failed to decode request body: request body requires query');
    }
    let query: FluxQuery;
    try {
      query = parseFlux(text);
    } catch (error) {
      return refuse(400, 'invalid', `compilation failed: ${(error as Error).message}`);
    }
    const points = this.#buckets.get(query.bucket);
    if (points === undefined) {
      const what = `failed to initialize execute state: could not find bucket "${query.bucket}"`;
      return refuse(404, 'not found', what);
    }
    return { status: 200, body: annotatedCsv(points, query), type: 'text/csv; charset=utf-8' };
  }
}

/** @returns the refusal of a missing or unknown organisation */
function refuseOrg(url: URL): Reply | undefined {
  const [org, id] = [url.searchParams.get('org') ?? '', url.searchParams.get('orgID') ?? ''];
  if (org === '' && id === '') return refuse(400, 'invalid', 'Please provide either orgID or org');
  if (id === ORG_ID || (id === '' && org === ORG)) return undefined;
  const what = id === '' ? `organization name "${org}"` : `organization with ID "${id}"`;
  return refuse(404, 'not found', `${what} not found`);
}

function ok(value: unknown): Reply {
  return { status: 200, body: JSON.stringify(value) };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function queryText(type: string, body: string): string | undefined {
  if (type.startsWith('application/vnd.flux')) return body;
  try {
    const { query } = JSON.parse(body) as { query?: unknown };
    return typeof query === 'string' && query !== '' ? query : undefined;
  } catch {
    return undefined;
  }
}
