import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import { TocsinError } from '../domain/errors.js';
import { IncidentState } from '../domain/incident.js';
import { RelatedIncident } from './act-schemas.js';
import type { ApiDeps, TypedApp } from './deps.js';
import { IncidentCell, IncidentDetail, IncidentPage, KpiSeries, Problem } from './schemas.js';

const Params = Type.Object({ id: Type.String({ minLength: 1, maxLength: 200 }) });

function notFound(id: string): TocsinError {
  return new TocsinError('notFound', `There is no incident ${id}.`);
}

/** The ranked list, one incident, and its KPIs against what was expected. */
export function incidentRoutes(deps: ApiDeps): FastifyPluginAsyncTypebox {
  return async (app) => {
    listRoute(app, deps);
    incidentRoute(app, deps);
    kpisRoute(app, deps);
    cellsRoute(app, deps);
    relatedRoute(app, deps);
  };
}

function listRoute(app: TypedApp, deps: ApiDeps): void {
  app.get(
    '/api/v1/incidents',
    {
      config: { role: 'viewer' },
      schema: {
        description: 'Incidents, those that hurt customers most first.',
        querystring: Type.Object({
          state: Type.Optional(
            Type.Array(IncidentState, { description: 'repeat for several; absent: all' }),
          ),
          limit: Type.Integer({ minimum: 1, maximum: 200, default: 50 }),
          offset: Type.Integer({ minimum: 0, maximum: 100_000, default: 0 }),
        }),
        response: { 200: IncidentPage, '4xx': Problem },
      },
    },
    async ({ query }) =>
      deps.reads.incidents.list({
        states: query.state ?? [],
        limit: query.limit,
        offset: query.offset,
      }),
  );
}

function incidentRoute(app: TypedApp, deps: ApiDeps): void {
  app.get(
    '/api/v1/incidents/:id',
    {
      config: { role: 'viewer' },
      schema: {
        description: 'One incident: what, why, who, what was sent, what calls will come.',
        params: Params,
        response: { 200: IncidentDetail, '4xx': Problem },
      },
    },
    async ({ params }) => {
      const found = await deps.reads.incidents.find(params.id);
      if (found === undefined) throw notFound(params.id);
      return found;
    },
  );
}

function kpisRoute(app: TypedApp, deps: ApiDeps): void {
  app.get(
    '/api/v1/incidents/:id/kpis',
    {
      config: { role: 'viewer' },
      schema: {
        description: 'KPIs of the worst cells with the band that was expected of them.',
        params: Params,
        querystring: Type.Object({
          cells: Type.Integer({ minimum: 1, maximum: 10, default: 3 }),
          hoursBefore: Type.Integer({ minimum: 1, maximum: 168, default: 12 }),
        }),
        response: { 200: Type.Array(KpiSeries), '4xx': Problem },
      },
    },
    async ({ params, query }) => {
      const series = await deps.reads.kpis.ofIncident(params.id, {
        ...query,
        nowMs: deps.networkNow(),
      });
      if (series === undefined) throw notFound(params.id);
      return series;
    },
  );
}

function cellsRoute(app: TypedApp, deps: ApiDeps): void {
  app.get(
    '/api/v1/incidents/:id/cells',
    {
      config: { role: 'viewer' },
      schema: {
        description: 'All its cells, worst first.',
        params: Params,
        querystring: Type.Object({
          limit: Type.Integer({ minimum: 1, maximum: 10_000, default: 10_000 }),
        }),
        response: { 200: Type.Array(IncidentCell), '4xx': Problem },
      },
    },
    async ({ params, query }) => {
      const { incidents } = deps.reads;
      if ((await incidents.state(params.id)) === undefined) throw notFound(params.id);
      return incidents.cells(params.id, query.limit);
    },
  );
}

function relatedRoute(app: TypedApp, deps: ApiDeps): void {
  app.get(
    '/api/v1/incidents/:id/related',
    {
      config: { role: 'viewer' },
      schema: {
        description:
          'Other running incidents with what they share with this one, those that share most first.',
        params: Params,
        response: { 200: Type.Array(RelatedIncident), '4xx': Problem },
      },
    },
    async ({ params }) => {
      const found = await deps.reads.incidents.related(params.id);
      if (found === undefined) throw notFound(params.id);
      return found;
    },
  );
}
