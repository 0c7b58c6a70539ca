import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import { ResourceItem } from './act-schemas.js';
import type { ApiDeps } from './deps.js';
import { Problem } from './schemas.js';

/** What acts can name: cells, sites, links, functions and software versions. */
export function resourceRoutes(deps: ApiDeps): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/api/v1/resources',
      {
        config: { role: 'viewer' },
        schema: {
          description: 'Resources whose id or name contains the text, best match first.',
          querystring: Type.Object({
            search: Type.String({ minLength: 2, maxLength: 100 }),
            limit: Type.Integer({ minimum: 1, maximum: 100, default: 20 }),
          }),
          response: { 200: Type.Array(ResourceItem), '4xx': Problem },
        },
      },
      async ({ query }) => deps.reads.resources(query.search, query.limit),
    );
  };
}
