import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface PeerMessage {
  readonly id: string;
  readonly to: string;
  readonly text: string;
  readonly reference: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: unknown;
}

/** How it answers the next POST; `taken` whether it takes the message all the same. */
export interface PeerAnswer {
  readonly isTaken: boolean;
  /** absent: the connection is cut */
  readonly status?: number;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
  readonly isSilent?: boolean;
}

export interface HttpSmsPeer {
  readonly url: string;
  readonly taken: PeerMessage[];
  answer: PeerAnswer | undefined;
  stop(): Promise<void>;
}

/** A real HTTP server with an SMS interface of its own making: JSON, ids in a list, key in a header. */
export async function startHttpSmsPeer(key: string): Promise<HttpSmsPeer> {
  const peer = { url: '', taken: [] as PeerMessage[], answer: undefined as PeerAnswer | undefined };
  const server = createServer((request, response) => {
    serve(request, response, peer, key).catch(() => request.socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(peer, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  });
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  peer: { taken: PeerMessage[]; answer: PeerAnswer | undefined },
  key: string,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  const url = new URL(request.url ?? '/', 'http://peer');
  const reply = (status: number, body: unknown, headers: Record<string, string> = {}): void => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(body));
  };
  if (request.headers['x-api-key'] !== key) return reply(401, { error: { code: 'AUTH' } });
  if (url.pathname === '/status') return reply(200, { ok: true });
  if (request.method === 'GET') return find(url, peer.taken, reply);
  const { answer } = peer;
  const id = `m-${peer.taken.length + 1}`;
  if (answer?.isTaken !== false) {
    const body = request.headers['content-type']?.includes('json')
      ? (JSON.parse(text) as Record<string, unknown>)
      : Object.fromEntries(new URLSearchParams(text));
    const { to, text: said, reference } = body as Record<string, string>;
    peer.taken.push({
      id,
      to: to ?? '',
      text: said ?? '',
      reference: reference ?? '',
      headers: request.headers,
      body,
    });
  }
  if (answer?.isSilent) return;
  if (answer === undefined) return reply(202, { messages: [{ id, state: 'QUEUED' }] });
  if (answer.status === undefined) return void request.socket.destroy();
  reply(answer.status, answer.body, answer.headers);
}

function find(
  url: URL,
  taken: readonly PeerMessage[],
  reply: (status: number, body: unknown) => void,
): void {
  const reference = url.searchParams.get('reference');
  const id = url.pathname.split('/').at(-1);
  const found = taken.find((each) =>
    reference === null ? each.id === id : each.reference === reference,
  );
  if (reference !== null) {
    reply(200, { messages: found ? [{ id: found.id, state: 'SENT' }] : [] });
  } else if (found) reply(200, { id: found.id, state: 'DELIVERED' });
  else reply(404, { error: { code: 'NONE' } });
}
