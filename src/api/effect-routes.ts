import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import { EffectReport, EffectStatement } from '../domain/effect.js';
import type { ApiDeps } from './deps.js';
import { Problem } from './schemas.js';

/** What telling people changes, and what it is worth. */
export function effectRoutes(deps: ApiDeps): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/api/v1/effect',
      {
        config: { role: 'planner' },
        schema: {
          description:
            'Calls prevented by telling people, measured over the last 365 days, and complaints.',
          response: { 200: EffectReport, '4xx': Problem },
        },
      },
      async () => deps.effect.report(deps.networkNow()),
    );

    app.get(
      '/api/v1/effect/statement',
      {
        config: { role: 'planner' },
        schema: {
          description: 'What telling people was worth in a month, of incidents that ended in it.',
          querystring: Type.Object({
            month: Type.String({ pattern: '^20[0-9]{2}-(0[1-9]|1[0-2])$', description: 'UTC' }),
          }),
          response: { 200: EffectStatement, '4xx': Problem },
        },
      },
      async ({ query }) => deps.effect.statement(query.month),
    );
  };
}
