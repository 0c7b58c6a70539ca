import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface CaughtPost {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A receiver of webhooks. `answers` are given in order, the last one for ever; 0 breaks off, -1 never comes. */
export class Hook {
  readonly posts: CaughtPost[] = [];
  answers: number[] = [204];
  readonly #server: Server;

  constructor() {
    this.#server = createServer(async (request, reply) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      this.posts.push({ headers: request.headers, body: Buffer.concat(chunks).toString('utf8') });
      const status = this.answers.length > 1 ? this.answers.shift() : this.answers[0];
      if (status === 0) request.socket.destroy();
      else if (status !== -1) reply.writeHead(status ?? 204, { location: '/elsewhere' }).end();
    });
  }

  async start(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/surge`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
