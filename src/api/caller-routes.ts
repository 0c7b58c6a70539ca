import { createGunzip } from 'node:zlib';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import type { EffectDesk } from './ports.js';
import { tokenCheck } from './push-auth.js';
import { Problem } from './schemas.js';

const Taken = Type.Object({
  stored: Type.Integer({ description: 'new ones; a call that is known counts no second time' }),
  refused: Type.Array(
    Type.Object({ index: Type.Integer({ description: 'from 0' }), reason: Type.String() }),
  ),
});

const MOST_CALLS = 10_000;
const MOST_BYTES = 4_000_000;

/**
 * `POST /api/v1/callers`: single calls with the number they came from, as an ACD or a CTI server knows
 * them, `[{"caller": "+33612345678", "at": "2026-01-14T13:00:00Z"}]`, plain or gzip. The number is not
 * kept, only its keyed fingerprint, for measuring what telling people changes. Answered once stored;
 * sending again changes nothing; what cannot be read is refused by its place and voids nothing else.
 */
export function callerRoutes(
  desk: Pick<EffectDesk, 'callers'>,
  tokens: readonly string[],
): FastifyPluginAsyncTypebox {
  const check = tokenCheck(tokens);
  return async (app) => {
    app.addHook('onRequest', async (request) => check(request.headers.authorization));
    app.addHook('preParsing', async (request, _reply, payload) =>
      request.headers['content-encoding'] === 'gzip' ? payload.pipe(createGunzip()) : payload,
    );
    app.post(
      '/api/v1/callers',
      {
        bodyLimit: MOST_BYTES,
        config: { role: 'push' },
        schema: {
          description: 'Who called when, to measure what telling people changes.',
          body: Type.Array(Type.Unknown(), { minItems: 1, maxItems: MOST_CALLS }),
          response: { 200: Taken, '4xx': Problem, '5xx': Problem },
        },
      },
      async ({ body }) => desk.callers(body),
    );
  };
}
