import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import { DryRun } from '../domain/dry-run.js';
import { TocsinError } from '../domain/errors.js';
import { Why } from './act-body.js';
import type { ApiDeps, TypedApp } from './deps.js';
import { Accepted, newAct, recordOf } from './new-act.js';
import { Problem } from './schemas.js';
import { WorksAct, WorksItem } from './works-schemas.js';

const Params = Type.Object({ id: Type.String({ minLength: 1, maxLength: 200 }) });

/** Planned works: who is told of them ahead, and who lets that go. */
export function worksRoutes(deps: ApiDeps): FastifyPluginAsyncTypebox {
  return async (app) => {
    listRoute(app, deps);
    dryRunRoute(app, deps);
    actRoute(app, deps);
  };
}

function notFound(id: string): TocsinError {
  return new TocsinError('notFound', `There are no planned works ${id}.`);
}

function listRoute(app: TypedApp, deps: ApiDeps): void {
  app.get(
    '/api/v1/works',
    {
      config: { role: 'viewer' },
      schema: {
        description:
          'Planned works that are to come or under way, the next first, with their messages.',
        querystring: Type.Object({
          limit: Type.Integer({ minimum: 1, maximum: 500, default: 100 }),
        }),
        response: { 200: Type.Array(WorksItem), '4xx': Problem },
      },
    },
    async ({ query }) => deps.reads.works.list(deps.networkNow(), query.limit),
  );
}

function dryRunRoute(app: TypedApp, deps: ApiDeps): void {
  app.get(
    '/api/v1/works/:id/dry-run',
    {
      config: { role: 'viewer', rateLimit: { max: 30, timeWindow: '1 minute' } },
      schema: {
        description:
          'Who would be told of planned works, when and at which cost, and who not and why. Changes nothing.',
        params: Params,
        response: { 200: DryRun, '4xx': Problem },
      },
    },
    async ({ params }, reply) => {
      const found = await deps.dryRuns.ofWorks(params.id, deps.networkNow());
      if (found === undefined) throw notFound(params.id);
      reply.header('cache-control', 'no-store');
      return found;
    },
  );
}

function actRoute(app: TypedApp, deps: ApiDeps): void {
  app.post(
    '/api/v1/works/:id/acts',
    {
      config: { role: 'operator' },
      schema: {
        description: 'Approves, holds or cancels the messages about planned works.',
        params: Params,
        body: Type.Object({ action: WorksAct, why: Why }, { additionalProperties: false }),
        response: { 202: Accepted, '4xx': Problem },
      },
    },
    async ({ params, body, session }, reply) => {
      const subject = await deps.reads.works.subject(params.id);
      if (subject === undefined) {
        throw new TocsinError('notFound', `Nobody is to be told of works ${params.id} as yet.`);
      }
      const act = newAct(deps, session, { ...body, incidentId: subject });
      await deps.operators.act(act, recordOf(act, subject));
      return reply.code(202).send({ actId: act.actId });
    },
  );
}
