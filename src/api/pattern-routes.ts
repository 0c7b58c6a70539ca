import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import { TocsinError } from '../domain/errors.js';
import { Why } from './act-body.js';
import type { ApiDeps, TypedApp } from './deps.js';
import { Accepted, newAct, recordOf } from './new-act.js';
import { CallPatternItem } from './pattern-schemas.js';
import { Problem } from './schemas.js';

const Queue = Type.Optional(
  Type.String({ minLength: 1, maxLength: 160, description: 'default: all' }),
);

/** Versions of call patterns, and the way back; journalled and audited like any act. */
export function patternRoutes(deps: ApiDeps): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/api/v1/call-patterns',
      {
        config: { role: 'planner' },
        schema: {
          description:
            'Ordinary call patterns by queue: versions with what they were learnt from and how they erred, and whether they drift.',
          querystring: Type.Object({ queue: Queue }),
          response: { 200: Type.Array(CallPatternItem), '4xx': Problem },
        },
      },
      async ({ query }) => deps.reads.forecasts.patterns(query.queue, deps.networkNow()),
    );
    actRoute(app, deps, {
      action: 'revertPattern',
      url: '/api/v1/call-patterns/revert',
      description:
        'Goes back to the pattern before the one in use. It holds until somebody goes forward, and at most until its days end; learning goes on beside it.',
      refusal: 'No version before the one in use is kept',
      isPossible: ({ previousVersion }) => previousVersion !== null,
    });
    actRoute(app, deps, {
      action: 'resumePattern',
      url: '/api/v1/call-patterns/resume',
      description: 'Undoes going back: the newest pattern is used again.',
      refusal: 'The newest version is in use already',
      isPossible: ({ putBack }) => putBack !== null,
    });
  };
}

interface PatternAct {
  readonly action: 'revertPattern' | 'resumePattern';
  readonly url: string;
  readonly description: string;
  /** what to say where no queue allows it */
  readonly refusal: string;
  readonly isPossible: (item: CallPatternItem) => boolean;
}

function actRoute(app: TypedApp, deps: ApiDeps, of: PatternAct): void {
  const { action } = of;
  app.post(
    of.url,
    {
      config: { role: 'planner' },
      schema: {
        description: of.description,
        body: Type.Object({ queue: Queue, why: Why }, { additionalProperties: false }),
        response: { 202: Accepted, '4xx': Problem },
      },
    },
    async ({ body: { queue, why }, session }, reply) => {
      const known = await deps.reads.forecasts.patterns(queue, deps.networkNow());
      if (!known.some(of.isPossible)) {
        const words = known.map((each) => `${each.queue} uses ${each.inUse}`).join(', ');
        throw new TocsinError('notFound', `${of.refusal}: ${words || 'nothing was learnt yet'}.`);
      }
      const act = newAct(deps, session, { action, why, ...(queue === undefined ? {} : { queue }) });
      await deps.operators.act(act, recordOf(act, queue ?? null));
      return reply.code(202).send({ actId: act.actId });
    },
  );
}
