import { Agent, request } from 'node:http';
import { pushBodies } from './push-lines.js';

/** What the parent says: first what to send, then when. */
export type PushOrder =
  | {
      readonly do: 'prepare';
      readonly cells: number;
      readonly periods: number;
      readonly linesPerBody: number;
    }
  | { readonly do: 'send'; readonly port: number; readonly token: string; readonly atOnce: number };

/** What the parent hears. */
export type PushReport =
  | { readonly ready: true }
  | { readonly sent: number }
  | { readonly failed: string };

let bodies: Buffer[] = [];
const agent = new Agent({ keepAlive: true });

function post(port: number, token: string, body: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        host: '127.0.0.1',
        port,
        method: 'POST',
        path: '/api/v2/write?org=o&bucket=b&precision=ns',
        agent,
        headers: {
          authorization: `Token ${token}`,
          'content-type': 'text/plain; charset=utf-8',
          'content-length': body.length,
        },
      },
      (response) => {
        response.resume();
        response.on('end', () => {
          if (response.statusCode === 204) resolve();
          else reject(new Error(`a push was answered ${response.statusCode}`));
        });
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

async function sendAll(port: number, token: string, atOnce: number): Promise<number> {
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let body = bodies[next++]; body !== undefined; body = bodies[next++]) {
      await post(port, token, body);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return bodies.length;
}

/**
 * Runs in a process of its own, so that what the client costs is not counted as ours: sends the
 * prepared bodies over a few connections and reports when all were answered 204.
 */
process.on('message', (order: PushOrder) => {
  const report = (message: PushReport): void => void process.send?.(message);
  if (order.do === 'prepare') {
    bodies = pushBodies(order.cells, order.periods, order.linesPerBody);
    report({ ready: true });
    return;
  }
  sendAll(order.port, order.token, order.atOnce).then(
    (sent) => report({ sent }),
    (error: Error) => report({ failed: error.message }),
  );
});
process.on('disconnect', () => agent.destroy());
