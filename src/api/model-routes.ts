import { randomUUID } from 'node:crypto';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import { TocsinError } from '../domain/errors.js';
import type { OperatorAct } from '../domain/facts.js';
import type { ApiDeps, TypedApp } from './deps.js';
import { Problem } from './schemas.js';

const Why = Type.String({ minLength: 3, maxLength: 1024, description: 'kept in the audit log' });
const Id = Type.String({ minLength: 1, maxLength: 256 });
const Accepted = Type.Object({ actId: Type.String() });
const closed = { additionalProperties: false } as const;

/** What people do to detection's models; journalled and audited like any act. */
export function modelRoutes(deps: ApiDeps): FastifyPluginAsyncTypebox {
  return async (app) => {
    revertRoute(app, deps);
    acceptRoute(app, deps);
  };
}

function revertRoute(app: TypedApp, deps: ApiDeps): void {
  app.post(
    '/api/v1/models/revert',
    {
      config: { role: 'operator' },
      schema: {
        description:
          'Goes back to the models before the present ones, until the next scheduled fit; without a feed, of all feeds.',
        body: Type.Object({ feed: Type.Optional(Id), why: Why }, closed),
        response: { 202: Accepted, '4xx': Problem },
      },
    },
    async ({ body: { feed, why }, session }, reply) => {
      const about = feed === undefined ? {} : { feed };
      const act = newAct(deps, session?.name, { action: 'revertModel', why, ...about });
      await write(deps, act, feed ?? null);
      return reply.code(202).send({ actId: act.actId });
    },
  );
}

function acceptRoute(app: TypedApp, deps: ApiDeps): void {
  app.post(
    '/api/v1/objects/:id/accept-level',
    {
      config: { role: 'operator' },
      schema: {
        description:
          "Takes an object's present deviations for its new normal, with its next report.",
        params: Type.Object({ id: Id }),
        body: Type.Object({ why: Why }, closed),
        response: { 202: Accepted, '4xx': Problem },
      },
    },
    async ({ params: { id }, body: { why }, session }, reply) => {
      const act = newAct(deps, session?.name, { action: 'acceptLevel', why, resource: { id } });
      await write(deps, act, id);
      return reply.code(202).send({ actId: act.actId });
    },
  );
}

function newAct(
  deps: ApiDeps,
  actor: string | undefined,
  what: Pick<OperatorAct, 'action' | 'why' | 'feed' | 'resource'>,
): OperatorAct {
  if (actor === undefined) throw new TocsinError('auth.missing', 'Sign in first.');
  const at = new Date(deps.networkNow()).toISOString();
  return { actId: `act_${randomUUID()}`, at, actor, ...what };
}

async function write(deps: ApiDeps, act: OperatorAct, target: string | null): Promise<void> {
  const { actor, action, why, actId, at } = act;
  await deps.operators.act(act, { actor, action, target, why, detail: { actId, at } });
}
