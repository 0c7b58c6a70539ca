import type { FastifyInstance } from 'fastify';
import { TocsinError } from '../domain/errors.js';
import { STORABLE_TEXT, unstorablePath } from '../domain/storable-text.js';

/**
 * Refuses requests of which a part in the path, the query or a JSON body cannot be stored, before
 * any route acts on it: 400 with the place. Raw bodies are for their routes to read.
 */
export function refuseUnstorable(app: FastifyInstance): void {
  app.addHook('preValidation', async (request) => {
    const parts = {
      params: { ...(request.params as object) },
      query: { ...(request.query as object) },
      body: request.body,
    };
    const path = unstorablePath(parts);
    if (path === undefined) return;
    throw new TocsinError('input.payload', `${path.join('/')}: allowed is ${STORABLE_TEXT}`);
  });
}
