import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import { TocsinError } from '../domain/errors.js';
import type { ApiDeps } from './deps.js';
import type { Box } from './ports.js';
import { CellFeatures, GapItem, Problem, SitePoint } from './schemas.js';
import { SiteView } from './site-schemas.js';

const SITES_LIMIT = 20_000;

/** The map: cells with their state, sites, and where telemetry is missing. */
export function networkRoutes(deps: ApiDeps): FastifyPluginAsyncTypebox {
  const { network } = deps.reads;
  return async (app) => {
    app.get(
      '/api/v1/cells.geojson',
      {
        config: { role: 'viewer' },
        schema: {
          description: 'Cells as GeoJSON: those in incidents first, then others up to the limit.',
          querystring: Type.Object({
            bbox: Type.Optional(
              Type.String({ description: 'west,south,east,north in degrees', maxLength: 100 }),
            ),
            limit: Type.Integer({ minimum: 1, maximum: 20_000, default: 5000 }),
          }),
          response: { 200: CellFeatures, '4xx': Problem },
        },
      },
      async ({ query }) => network.cells(boxOf(query.bbox), query.limit),
    );

    app.get(
      '/api/v1/sites',
      {
        config: { role: 'viewer' },
        schema: {
          description: `The first ${SITES_LIMIT} sites by id, with how many cells they hold.`,
          response: { 200: Type.Array(SitePoint), '4xx': Problem },
        },
      },
      async () => network.sites(SITES_LIMIT),
    );

    app.get(
      '/api/v1/sites/:id',
      {
        config: { role: 'viewer' },
        schema: {
          description:
            'One site for a field crew: what is wrong now and since when, its cells, who waits, what it depends on, incidents of the last 90 days.',
          params: Type.Object({ id: Type.String({ minLength: 1, maxLength: 200 }) }),
          response: { 200: SiteView, '4xx': Problem },
        },
      },
      async ({ params }) => {
        const found = await deps.reads.site(params.id, deps.networkNow());
        if (found === undefined)
          throw new TocsinError('notFound', `There is no site ${params.id}.`);
        return found;
      },
    );

    app.get(
      '/api/v1/telemetry-gaps',
      {
        config: { role: 'viewer' },
        schema: {
          description: 'Silence held to be the telemetry’s and not the network’s, newest first.',
          querystring: Type.Object({
            lasting: Type.Boolean({ default: false, description: 'only those not over yet' }),
            limit: Type.Integer({ minimum: 1, maximum: 500, default: 50 }),
          }),
          response: { 200: Type.Array(GapItem), '4xx': Problem },
        },
      },
      async ({ query }) => network.gaps(query.lasting, query.limit),
    );
  };
}

function boxOf(text: string | undefined): Box | undefined {
  if (text === undefined) return undefined;
  const numbers = text.split(',').map(Number);
  const [west, south, east, north] = numbers;
  if (
    numbers.length !== 4 ||
    west === undefined ||
    south === undefined ||
    east === undefined ||
    north === undefined ||
    !numbers.every(Number.isFinite) ||
    west > east ||
    south > north
  ) {
    throw new TocsinError(
      'input.payload',
      'bbox is west,south,east,north in degrees, such as -4.8,47.2,-1.0,48.9.',
    );
  }
  return { west, south, east, north };
}
