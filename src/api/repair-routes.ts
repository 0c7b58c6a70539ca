import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import type { ApiDeps } from './deps.js';
import { RepairItem } from './repair-schemas.js';
import { Problem } from './schemas.js';

/** What to repair first. */
export function repairRoutes(deps: ApiDeps): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/api/v1/repairs',
      {
        config: { role: 'viewer' },
        schema: {
          description:
            'Candidate causes of open incidents, planned work left out: those whose repair probably brings emergency calling back, then those that save most user-minutes an hour.',
          querystring: Type.Object({
            limit: Type.Integer({ minimum: 1, maximum: 500, default: 100 }),
          }),
          response: { 200: Type.Array(RepairItem), '4xx': Problem },
        },
      },
      async ({ query }) => deps.reads.repairs(query.limit),
    );
  };
}
