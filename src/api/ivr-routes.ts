import type { FastifyInstance, FastifyPluginAsync } from 'fastify';
import Type from 'typebox';
import { IvrQuery, IvrTextItem } from './ivr-schemas.js';
import { tokenCheck } from './push-auth.js';
import { Problem } from './schemas.js';

/** What the IVR's routes stand on. */
export interface IvrRoutesDeps {
  readonly texts: (asked: IvrQuery) => Promise<IvrTextItem[]>;
  /** an IVR has no session: one of these in `Authorization: Token X` */
  readonly tokens: readonly string[];
}

/**
 * `GET /api/v1/ivr/texts` for machines: what may be said now, worst first, empty when nothing is
 * wrong. An IVR asks before each call or every few minutes, and keeps silent after `validUntil`.
 */
export function ivrRoutes({ texts, tokens }: IvrRoutesDeps): FastifyPluginAsync {
  const check = tokenCheck(tokens, 'server.lookupTokens');
  return async (app: FastifyInstance) => {
    app.get<{ Querystring: IvrQuery }>(
      '/api/v1/ivr/texts',
      {
        config: { role: 'push' },
        schema: {
          description: 'Texts that an IVR may say now, by area and language.',
          querystring: IvrQuery,
          response: { 200: Type.Array(IvrTextItem), '4xx': Problem, '5xx': Problem },
        },
        onRequest: async (request) => check(request.headers.authorization),
      },
      async ({ query }) => texts(query),
    );
  };
}
