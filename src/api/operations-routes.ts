import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import type { ApiDeps } from './deps.js';
import {
  AuditEntry,
  DeadLetterCount,
  DeadLetterSample,
  HealthView,
  Problem,
  SourceItem,
} from './schemas.js';

/** How Tocsin itself is: health, metrics, what could not be read, who did what. */
export function operationsRoutes(deps: ApiDeps): FastifyPluginAsyncTypebox {
  return async (app) => {
    await app.register(machineRoutes(deps));
    await app.register(deadLetterRoutes(deps));

    app.get(
      '/api/v1/sources',
      {
        config: { role: 'viewer' },
        schema: {
          description: 'Sources that keep a position, with when it last moved.',
          response: { 200: Type.Array(SourceItem), '4xx': Problem },
        },
      },
      async () => deps.reads.operations.sources(),
    );

    app.get(
      '/api/v1/audit',
      {
        config: { role: 'operator' },
        schema: {
          description: 'Who did what and why, newest first.',
          querystring: Type.Object({
            limit: Type.Integer({ minimum: 1, maximum: 500, default: 100 }),
            before: Type.Optional(Type.String({ pattern: '^[0-9]{1,18}$' })),
          }),
          response: { 200: Type.Array(AuditEntry), '4xx': Problem },
        },
      },
      async ({ query }) => deps.reads.operations.audit(query.limit, query.before),
    );
  };
}

function machineRoutes(deps: ApiDeps): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/health',
      {
        config: { role: 'public' },
        schema: {
          description:
            '200 while Tocsin works, even if degraded; 503 when it is down. Details: /api/v1/health.',
          response: { 200: HealthView, 503: HealthView },
        },
      },
      async (_, reply) => {
        const report = deps.health();
        const components = report.components.map(({ detail: _detail, ...rest }) => rest);
        return reply
          .header('cache-control', 'no-store')
          .code(report.status === 'down' ? 503 : 200)
          .send({ ...report, components });
      },
    );

    app.get(
      '/api/v1/health',
      {
        config: { role: 'viewer' },
        schema: {
          description: 'The same with what is wrong in words; always 200.',
          response: { 200: HealthView, '4xx': Problem },
        },
      },
      async () => {
        const report = deps.health();
        return { ...report, components: [...report.components] };
      },
    );

    app.get(
      '/metrics',
      {
        config: { role: 'public' },
        schema: {
          description: 'Prometheus text format; no personal data.',
          response: { 200: { content: { 'text/plain': { schema: Type.String() } } } },
        },
      },
      async (_, reply) => reply.type(deps.metrics.contentType).send(await deps.metrics.metrics()),
    );
  };
}

function deadLetterRoutes(deps: ApiDeps): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/api/v1/dead-letters',
      {
        config: { role: 'viewer' },
        schema: {
          description: 'What could not be read, counted by feed and reason, newest first.',
          response: { 200: Type.Array(DeadLetterCount), '4xx': Problem },
        },
      },
      async () => deps.reads.operations.deadLetters(),
    );

    app.get(
      '/api/v1/dead-letters/:feed/samples',
      {
        config: { role: 'operator' },
        schema: {
          description: 'The newest samples of a feed, raw; they may hold personal data.',
          params: Type.Object({ feed: Type.String({ minLength: 1, maxLength: 200 }) }),
          querystring: Type.Object({
            limit: Type.Integer({ minimum: 1, maximum: 100, default: 20 }),
          }),
          response: { 200: Type.Array(DeadLetterSample), '4xx': Problem },
        },
      },
      async ({ params, query }) =>
        deps.reads.operations.deadLetterSamples(params.feed, query.limit),
    );
  };
}
