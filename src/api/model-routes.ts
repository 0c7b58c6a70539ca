import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import { TocsinError } from '../domain/errors.js';
import { Why } from './act-body.js';
import { AcceptedLevel, LaneModel } from './act-schemas.js';
import type { ApiDeps, TypedApp } from './deps.js';
import { Accepted, newAct, recordOf } from './new-act.js';
import { Problem } from './schemas.js';

const Id = Type.String({ minLength: 1, maxLength: 256 });
const closed = { additionalProperties: false } as const;

/** Detection's models and levels, and what people do to them; journalled and audited like any act. */
export function modelRoutes(deps: ApiDeps): FastifyPluginAsyncTypebox {
  return async (app) => {
    readRoutes(app, deps);
    revertRoute(app, deps);
    acceptRoute(app, deps);
    correctRoute(app, deps);
  };
}

function readRoutes(app: TypedApp, deps: ApiDeps): void {
  app.get(
    '/api/v1/models',
    {
      config: { role: 'operator' },
      schema: {
        description:
          'Models of each feed and shard as of its last checkpoint, with how well scores are calibrated.',
        response: { 200: Type.Array(LaneModel), '4xx': Problem },
      },
    },
    async () => deps.models(),
  );
  app.get(
    '/api/v1/accepted-levels',
    {
      config: { role: 'operator' },
      schema: {
        description: 'Deviations that were taken for the new normal, newest first.',
        querystring: Type.Object({
          limit: Type.Integer({ minimum: 1, maximum: 500, default: 50 }),
        }),
        response: { 200: Type.Array(AcceptedLevel), '4xx': Problem },
      },
    },
    async ({ query }) => deps.reads.acceptedLevels(query.limit),
  );
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
      const about = feed === undefined ? {} : { feed: knownFeed(deps, feed) };
      const act = newAct(deps, session, { action: 'revertModel', why, ...about });
      await deps.operators.act(act, recordOf(act, feed ?? null));
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
      const act = newAct(deps, session, { action: 'acceptLevel', why, resource: { id } });
      await deps.operators.act(act, recordOf(act, id));
      return reply.code(202).send({ actId: act.actId });
    },
  );
}

function correctRoute(app: TypedApp, deps: ApiDeps): void {
  app.post(
    '/api/v1/models/correct-rate',
    {
      config: { role: 'admin' },
      schema: {
        description:
          'Multiplies the share of periods that detection may raise by chance, which follows from falseIncidentsPer1000CellsPerMonth in rules/detection.yaml. Below 1 raises thresholds, above 1 lowers them; 1 is as the rules have it, and undoes a correction. It replaces the one before; without a feed, of all feeds.',
        body: Type.Object(
          {
            feed: Type.Optional(Id),
            factor: Type.Number({ minimum: 0.01, maximum: 100 }),
            why: Why,
          },
          closed,
        ),
        response: { 202: Accepted, '4xx': Problem },
      },
    },
    async ({ body: { feed, factor, why }, session }, reply) => {
      const about = feed === undefined ? {} : { feed: knownFeed(deps, feed) };
      const given = { action: 'correctRate', why, value: String(factor), ...about } as const;
      const act = newAct(deps, session, given);
      await deps.operators.act(act, recordOf(act, feed ?? null));
      return reply.code(202).send({ actId: act.actId });
    },
  );
}

/** @throws TocsinError `notFound` when models are known and none is of this feed */
function knownFeed(deps: ApiDeps, feed: string): string {
  const feeds = [...new Set(deps.models().map((each) => each.feed))].sort();
  if (feeds.length === 0 || feeds.includes(feed)) return feed;
  throw new TocsinError('notFound', `No feed is named ${feed}: there are ${feeds.join(', ')}.`);
}
