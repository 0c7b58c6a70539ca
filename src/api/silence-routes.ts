import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import { TocsinError } from '../domain/errors.js';
import { Silence, utc, Why } from './act-body.js';
import { SilenceItem } from './act-schemas.js';
import type { ApiDeps, TypedApp } from './deps.js';
import { Accepted, newAct, recordOf } from './new-act.js';
import { Problem } from './schemas.js';

/** Silences: which are on, a new one on a resource, and the end of one. */
export function silenceRoutes(deps: ApiDeps): FastifyPluginAsyncTypebox {
  return async (app) => {
    listRoute(app, deps);
    silenceRoute(app, deps);
    endRoute(app, deps);
  };
}

function listRoute(app: TypedApp, deps: ApiDeps): void {
  app.get(
    '/api/v1/silences',
    {
      config: { role: 'viewer' },
      schema: {
        description: 'Silences that are on, those that end first before others.',
        response: { 200: Type.Array(SilenceItem), '4xx': Problem },
      },
    },
    async () => deps.reads.silences(deps.networkNow()),
  );
}

function silenceRoute(app: TypedApp, deps: ApiDeps): void {
  app.post(
    '/api/v1/silences',
    {
      config: { role: 'operator' },
      schema: {
        description:
          'Until then nothing under the resource opens an incident or is told; a time gone by ends it.',
        body: Silence,
        response: { 202: Accepted, '4xx': Problem },
      },
    },
    async ({ body: { resource, until, why }, session }, reply) => {
      const act = newAct(deps, session, { action: 'silence', why, resource, until: utc(until) });
      await deps.operators.act(act, recordOf(act, resource.id));
      deps.live.publish({ type: 'settings', id: 'silences', at: act.at });
      return reply.code(202).send({ actId: act.actId });
    },
  );
}

function endRoute(app: TypedApp, deps: ApiDeps): void {
  app.post(
    '/api/v1/silences/:actId/end',
    {
      config: { role: 'operator' },
      schema: {
        description: 'Ends a silence now, also that of an incident which is closed.',
        params: Type.Object({ actId: Type.String({ minLength: 1, maxLength: 200 }) }),
        body: Type.Object({ why: Why }, { additionalProperties: false }),
        response: { 202: Accepted, '4xx': Problem },
      },
    },
    async ({ params: { actId }, body: { why }, session }, reply) => {
      const nowMs = deps.networkNow();
      const silence = (await deps.reads.silences(nowMs)).find((each) => each.actId === actId);
      if (silence === undefined) throw new TocsinError('notFound', `No silence ${actId} is on.`);
      const { resource, incidentId } = silence;
      const until = new Date(nowMs).toISOString();
      const about = resource === null ? { incidentId: incidentId ?? '' } : { resource };
      const act = newAct(deps, session, { action: 'silence', why, until, ...about });
      await deps.operators.act(act, recordOf(act, resource?.id ?? incidentId));
      deps.live.publish({ type: 'settings', id: 'silences', at: act.at });
      return reply.code(202).send({ actId: act.actId });
    },
  );
}
