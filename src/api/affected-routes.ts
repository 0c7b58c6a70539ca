import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import { TocsinError } from '../domain/errors.js';
import { maskNumber } from '../domain/mask.js';
import { AffectedHistory, AffectedPage } from './affected-schemas.js';
import type { ApiDeps, TypedApp } from './deps.js';
import { readNumber } from './phone-number.js';
import { Problem } from './schemas.js';
import { foundOrThrow } from './subscriber-routes.js';

/** Who was affected from when to when, by incident and by person. */
export function affectedRoutes(deps: ApiDeps): FastifyPluginAsyncTypebox {
  return async (app) => {
    listRoute(app, deps);
    historyRoute(app, deps);
  };
}

function listRoute(app: TypedApp, deps: ApiDeps): void {
  app.get(
    '/api/v1/incidents/:id/subscribers',
    {
      config: { role: 'operator' },
      schema: {
        description:
          'Who is or was affected, from when to when, what they lost and how they can be told, by id of the subscription. Kept for `retention.affectedDays` after the end. Each reading stands in the audit log.',
        params: Type.Object({ id: Type.String({ minLength: 1, maxLength: 200 }) }),
        querystring: Type.Object({
          after: Type.Integer({ minimum: 0, maximum: 2_147_483_647, default: 0 }),
          limit: Type.Integer({ minimum: 1, maximum: 1000, default: 200 }),
        }),
        response: { 200: AffectedPage, '4xx': Problem },
      },
    },
    async ({ params, query, session }, reply) => {
      const page = await deps.reads.affected.ofIncident(params.id, query.after, query.limit);
      if (page === undefined)
        throw new TocsinError('notFound', `There is no incident ${params.id}.`);
      await deps.operators.audit({
        actor: session?.name ?? 'unknown',
        action: 'listAffected',
        target: `incident ${params.id}`,
        why: 'list of the affected',
        detail: { after: query.after, people: page.people.length },
      });
      reply.header('cache-control', 'no-store');
      return page;
    },
  );
}

function historyRoute(app: TypedApp, deps: ApiDeps): void {
  app.get(
    '/api/v1/subscribers/:number/incidents',
    {
      config: { role: 'agent', rateLimit: { max: 600, timeWindow: '1 minute' } },
      schema: {
        description:
          'Incidents that the person behind a number was in, from when to when and what they lost, newest first.',
        params: Type.Object({ number: Type.String({ minLength: 4, maxLength: 32 }) }),
        querystring: Type.Object({
          limit: Type.Integer({ minimum: 1, maximum: 200, default: 50 }),
        }),
        response: { 200: AffectedHistory, '4xx': Problem },
      },
    },
    async ({ params, query, session }, reply) => {
      const number = readNumber(params.number);
      const options = { language: 'en', nowMs: deps.networkNow() } as const;
      const { network } = foundOrThrow(await deps.subscribers.network(number, options), number);
      const { subscriberId } = network;
      await deps.operators.audit({
        actor: session?.name ?? 'unknown',
        action: 'lookUp',
        target: `subscriber ${subscriberId}`,
        why: 'history of incidents',
        detail: { number: maskNumber(number) },
      });
      reply.header('cache-control', 'no-store');
      return {
        subscriberId,
        incidents: await deps.reads.affected.ofPerson(subscriberId, query.limit),
      };
    },
  );
}
