import { createServer, type ServerResponse } from 'node:http';

/** A schema registry in memory, as far as reading needs one: `GET /schemas/ids/{id}`. */
export interface TestRegistry {
  readonly url: string;
  /** answers 503 while set */
  isAway: boolean;
  requests: number;
  add(id: number, schema: object): void;
  stop(): Promise<void>;
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/vnd.schemaregistry.v1+json' });
  response.end(JSON.stringify(body));
}

/** Answers and errors as in Confluent's Schema Registry API reference. */
export async function startTestRegistry(): Promise<TestRegistry> {
  const schemas = new Map<number, string>();
  const server = createServer((request, response) => {
    registry.requests++;
    const id = Number(/^\/schemas\/ids\/(\d+)$/.exec(request.url ?? '')?.[1]);
    const schema = schemas.get(id);
    if (registry.isAway) answer(response, 503, { error_code: 50003, message: 'leader is away' });
    else if (schema === undefined) {
      answer(response, 404, { error_code: 40403, message: 'Schema not found' });
    } else answer(response, 200, { schema });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  const registry: TestRegistry = {
    url: `http://127.0.0.1:${port}`,
    isAway: false,
    requests: 0,
    add: (id, schema) => schemas.set(id, JSON.stringify(schema)),
    stop: () =>
      new Promise((closed) => {
        server.closeAllConnections();
        server.close(() => closed());
      }),
  };
  return registry;
}
