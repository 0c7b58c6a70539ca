import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import { csvField, csvFile } from './csv-field.js';
import type { ApiDeps, TypedApp } from './deps.js';
import { RecurringAsked, type RecurringItem, RecurringPage } from './recurring-schemas.js';
import { Problem } from './schemas.js';

/** Where the same thing happens again and again, or does not end: what engineers mend for good. */
export function recurringRoutes(deps: ApiDeps): FastifyPluginAsyncTypebox {
  return async (app) => {
    recurringRoute(app, deps);
    csvRoute(app, deps);
  };
}

function recurringRoute(app: TypedApp, deps: ApiDeps): void {
  app.get(
    '/api/v1/recurring',
    {
      config: { role: 'viewer' },
      schema: {
        description:
          'Cells, sites, towns or causes with repeated incidents or lasting degradation, most user-minutes first.',
        querystring: RecurringAsked,
        response: { 200: RecurringPage, '4xx': Problem },
      },
    },
    async ({ query }) => deps.reads.recurring(query, deps.networkNow()),
  );
}

function csvRoute(app: TypedApp, deps: ApiDeps): void {
  app.get(
    '/api/v1/recurring.csv',
    {
      config: { role: 'viewer' },
      schema: {
        description: 'The same as a file.',
        querystring: RecurringAsked,
        response: { 200: { content: { 'text/csv': { schema: Type.String() } } }, '4xx': Problem },
      },
    },
    async ({ query }, reply) => {
      const { items } = await deps.reads.recurring(query, deps.networkNow());
      return reply
        .type('text/csv; charset=utf-8')
        .header('content-disposition', `attachment; filename="recurring-${query.by}.csv"`)
        .send(csvFile(HEADER, items.map(line)));
    },
  );
}

const HEADER =
  'id,name,site,why,incidents,cells,user_minutes,lost_cell_minutes,longest_minutes,degree,running,last_at,last_incident,cause_kind,cause_id';

function line(item: RecurringItem): string {
  const { id, name, site, why, incidents, cells, degree, isRunning, lastAt, mostly } = item;
  return [
    csvField(id),
    csvField(name ?? ''),
    csvField(site ?? ''),
    why,
    incidents,
    cells,
    item.userMinutes.toFixed(1),
    item.lostMinutes.toFixed(1),
    item.longestMinutes.toFixed(1),
    degree.toFixed(2),
    isRunning,
    lastAt ?? '',
    csvField(item.lastIncidentId),
    csvField(mostly.kind),
    csvField(mostly.id),
  ].join(',');
}
