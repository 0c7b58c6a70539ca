import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import { TocsinError } from '../domain/errors.js';
import { ForecastAccuracy } from './accuracy-schemas.js';
import type { ApiDeps, TypedApp } from './deps.js';
import { forecastCsv } from './forecast-csv.js';
import type { QueueForecast as Forecast } from './ports.js';
import { Problem, QueueForecast } from './schemas.js';
import { WhatIfAnswer, WhatIfBody } from './what-if-schemas.js';

const Query = Type.Object({
  queue: Type.String({ minLength: 1, maxLength: 160 }),
  pastHours: Type.Integer({ minimum: 0, maximum: 72, default: 6 }),
});

async function find(deps: ApiDeps, queue: string, pastHours: number): Promise<Forecast> {
  const found = await deps.reads.forecasts.ofQueue(queue, deps.networkNow(), pastHours);
  if (found === undefined) throw new TocsinError('notFound', `There is no queue "${queue}".`);
  return found;
}

/** What planners staff by: calls per interval with a band, agents, roster, what came so far. */
export function forecastRoutes(deps: ApiDeps): FastifyPluginAsyncTypebox {
  return async (app) => {
    queuesRoute(app, deps);
    forecastRoute(app, deps);
    fileRoutes(app, deps);
    accuracyRoute(app, deps);
    whatIfRoute(app, deps);
  };
}

function queuesRoute(app: TypedApp, deps: ApiDeps): void {
  app.get(
    '/api/v1/queues',
    {
      config: { role: 'planner' },
      schema: {
        description: 'Names of all queues that have calls or a forecast.',
        response: { 200: Type.Array(Type.String()), '4xx': Problem },
      },
    },
    async () => deps.reads.forecasts.queues(),
  );
}

function forecastRoute(app: TypedApp, deps: ApiDeps): void {
  app.get(
    '/api/v1/forecast',
    {
      config: { role: 'planner' },
      schema: {
        description: 'The current forecast of a queue, its roster, and the calls that came.',
        querystring: Query,
        response: { 200: QueueForecast, '4xx': Problem },
      },
    },
    async ({ query }) => find(deps, query.queue, query.pastHours),
  );
}

function whatIfRoute(app: TypedApp, deps: ApiDeps): void {
  app.post(
    '/api/v1/forecast/what-if',
    {
      config: { role: 'planner' },
      schema: {
        description:
          'Calls, waits and cost of courses of action beside the way things stand. Changes nothing.',
        body: WhatIfBody,
        response: { 200: WhatIfAnswer, '4xx': Problem },
      },
    },
    async ({ body }) => {
      const answer = await deps.whatIf(body);
      if (answer === undefined) throw new TocsinError('notFound', 'There is no forecast yet.');
      return answer;
    },
  );
}

function accuracyRoute(app: TypedApp, deps: ApiDeps): void {
  app.get(
    '/api/v1/forecast/accuracy',
    {
      config: { role: 'planner' },
      schema: {
        description:
          'How forecasts turned out: errors and coverage by lead time, on ordinary intervals and in incidents.',
        querystring: Type.Object({
          queue: Type.Optional(Type.String({ minLength: 1, maxLength: 160 })),
          days: Type.Integer({ minimum: 1, maximum: 400, default: 28 }),
        }),
        response: { 200: ForecastAccuracy, '4xx': Problem },
      },
    },
    async ({ query }) => deps.reads.forecasts.accuracy({ ...query, nowMs: deps.networkNow() }),
  );
}

const FileQuery = Type.Object({
  queue: Type.Optional(
    Type.String({ minLength: 1, maxLength: 160, description: 'default: all, one after the other' }),
  ),
});

async function filesOf(deps: ApiDeps, queue: string | undefined): Promise<Forecast[]> {
  if (queue !== undefined) return [await find(deps, queue, 0)];
  const names = await deps.reads.forecasts.queues();
  return Promise.all(names.map((name) => find(deps, name, 0)));
}

function fileName(queue: string | undefined, ending: string): string {
  const name = queue?.replace(/[^a-zA-Z0-9_-]+/g, '-') ?? 'all-queues';
  return `attachment; filename="forecast-${name}.${ending}"`;
}

/** Files by interval, as workforce management tools import them. */
function fileRoutes(app: TypedApp, deps: ApiDeps): void {
  app.get(
    '/api/v1/forecast.csv',
    {
      config: { role: 'planner' },
      schema: {
        description: 'The current forecast as a CSV file for workforce management tools.',
        querystring: FileQuery,
        response: { 200: { content: { 'text/csv': { schema: Type.String() } } }, '4xx': Problem },
      },
    },
    async ({ query: { queue } }, reply) =>
      reply
        .type('text/csv; charset=utf-8')
        .header('content-disposition', fileName(queue, 'csv'))
        .send(forecastCsv(await filesOf(deps, queue))),
  );
  app.get(
    '/api/v1/forecast.json',
    {
      config: { role: 'planner' },
      schema: {
        description: 'The same as a JSON file.',
        querystring: FileQuery,
        response: { 200: Type.Array(QueueForecast), '4xx': Problem },
      },
    },
    async ({ query: { queue } }, reply) => {
      reply.header('content-disposition', fileName(queue, 'json'));
      return filesOf(deps, queue);
    },
  );
}
