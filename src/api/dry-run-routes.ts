import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import { NotificationKind } from '../domain/customer.js';
import { DryRun, SupposedIncident } from '../domain/dry-run.js';
import { TocsinError } from '../domain/errors.js';
import type { ApiDeps, TypedApp } from './deps.js';
import { Problem } from './schemas.js';

/** Each looks at everybody affected: a few at a time are enough. */
const RATE = { max: 30, timeWindow: '1 minute' } as const;

/** Who would be told what, when and at which cost, before anybody is. */
export function dryRunRoutes(deps: ApiDeps): FastifyPluginAsyncTypebox {
  return async (app) => {
    ofIncidentRoute(app, deps);
    ofSupposedRoute(app, deps);
  };
}

function ofIncidentRoute(app: TypedApp, deps: ApiDeps): void {
  app.get(
    '/api/v1/incidents/:id/dry-run',
    {
      config: { role: 'viewer', rateLimit: RATE },
      schema: {
        description:
          'Who would get which text of an incident as it is now, when and at which cost, and who not and why. Counts by class of people, a masked number as sample; changes nothing.',
        params: Type.Object({ id: Type.String({ minLength: 1, maxLength: 200 }) }),
        querystring: Type.Object({
          kind: Type.Optional({
            ...NotificationKind,
            description: 'default: what its people could be told as it is',
          }),
        }),
        response: { 200: DryRun, '4xx': Problem },
      },
    },
    async ({ params, query }, reply) => {
      const found = await deps.dryRuns.ofIncident(params.id, deps.networkNow(), query.kind);
      if (found === undefined)
        throw new TocsinError('notFound', `There is no incident ${params.id}.`);
      reply.header('cache-control', 'no-store');
      return found;
    },
  );
}

function ofSupposedRoute(app: TypedApp, deps: ApiDeps): void {
  app.post(
    '/api/v1/dry-run',
    {
      config: { role: 'operator', rateLimit: RATE },
      schema: {
        description:
          'The same of an incident that might be: its cells, and what is known of its end. Changes nothing.',
        body: SupposedIncident,
        response: { 200: DryRun, '4xx': Problem },
      },
    },
    async ({ body }, reply) => {
      reply.header('cache-control', 'no-store');
      return deps.dryRuns.ofSupposed(body, deps.networkNow());
    },
  );
}
