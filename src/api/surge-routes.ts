import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import { TocsinError } from '../domain/errors.js';
import { isAcknowledgeToken } from './acknowledge-link.js';
import { acknowledgedPage, acknowledgePage } from './acknowledge-page.js';
import type { ApiDeps, TypedApp } from './deps.js';
import { Nullable, Problem } from './schemas.js';
import { SurgeAlertItem } from './surge-schemas.js';

const Note = Type.String({ maxLength: 500 });
const LinkParams = Type.Object({
  alertId: Type.String({ maxLength: 64 }),
  recipient: Type.String({ maxLength: 100 }),
  token: Type.String({ maxLength: 64 }),
});
const html = {
  200: { content: { 'text/html': { schema: Type.String() } } },
  '4xx': Problem,
} as const;
const limited = { max: 60, timeWindow: '1 minute' };

/** Alerts of surges: what was told to whom, and who has seen it. */
export function surgeRoutes(deps: ApiDeps): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.addContentTypeParser(
      'application/x-www-form-urlencoded',
      { parseAs: 'string', bodyLimit: 16_384 },
      (_request, body, done) => done(null, Object.fromEntries(new URLSearchParams(String(body)))),
    );
    listRoute(app, deps);
    acknowledgeRoute(app, deps);
    linkRoutes(app, deps);
  };
}

function listRoute(app: TypedApp, deps: ApiDeps): void {
  app.get(
    '/api/v1/surge-alerts',
    {
      config: { role: 'planner' },
      schema: {
        description: 'Alerts of surges, newest first, with deliveries and who has seen them.',
        querystring: Type.Object({
          limit: Type.Integer({ minimum: 1, maximum: 100, default: 10 }),
        }),
        response: { 200: Type.Array(SurgeAlertItem), '4xx': Problem },
      },
    },
    async ({ query }) => deps.reads.surgeAlerts(query.limit),
  );
}

function acknowledgeRoute(app: TypedApp, deps: ApiDeps): void {
  app.post(
    '/api/v1/surge-alerts/:alertId/acknowledgements',
    {
      config: { role: 'planner' },
      schema: {
        description: 'Says that the signed-in person has seen an alert; once for each person.',
        params: Type.Object({ alertId: Type.String({ maxLength: 64 }) }),
        body: Type.Object({ note: Type.Optional(Note) }, { additionalProperties: false }),
        response: { 204: Type.Null(), '4xx': Problem },
      },
    },
    async ({ params, body, session }, reply) => {
      const who = session?.name ?? 'unknown';
      const via = 'dashboard';
      await acknowledge(deps, { alertId: params.alertId, who, via, note: body.note ?? '' });
      deps.live.publish({
        type: 'forecast',
        id: '',
        at: new Date(deps.networkNow()).toISOString(),
      });
      return reply.code(204).send(null);
    },
  );
}

/**
 * The link of an e-mail or webhook. Looking at it changes nothing, since mail scanners open links;
 * the button on the page, or a POST by a machine, does.
 */
function linkRoutes(app: TypedApp, deps: ApiDeps): void {
  const url = '/desk/acknowledge/:alertId/:recipient/:token';
  const config = { role: 'public', rateLimit: limited } as const;
  app.get(
    url,
    {
      config,
      schema: {
        description: 'The page behind the link of an alert.',
        params: LinkParams,
        response: html,
      },
    },
    async ({ params }, reply) => {
      check(deps, params);
      return reply.type('text/html; charset=utf-8').send(acknowledgePage(params.recipient));
    },
  );
  app.post(
    url,
    {
      config,
      schema: {
        description: 'Says that the recipient of the link has seen the alert or notice.',
        params: LinkParams,
        body: Nullable(
          Type.Object({
            name: Type.Optional(Type.String({ maxLength: 80 })),
            note: Type.Optional(Note),
          }),
        ),
        response: html,
      },
    },
    async ({ params, body }, reply) => {
      check(deps, params);
      const name = (body?.name ?? '').trim();
      const { recipient, alertId } = params;
      const who = name === '' ? recipient : `${name} (${recipient})`;
      await acknowledge(deps, { alertId, who, via: 'link', note: (body?.note ?? '').trim() });
      deps.live.publish({
        type: 'forecast',
        id: '',
        at: new Date(deps.networkNow()).toISOString(),
      });
      return reply.type('text/html; charset=utf-8').send(acknowledgedPage(who));
    },
  );
}

function check(deps: ApiDeps, link: { alertId: string; recipient: string; token: string }): void {
  if (isAcknowledgeToken(deps.acknowledgeKey, link)) return;
  throw new TocsinError('auth.forbidden', 'This link is not one that Tocsin has sent.');
}

async function acknowledge(
  deps: ApiDeps,
  given: { alertId: string; who: string; via: 'link' | 'dashboard'; note: string },
): Promise<void> {
  const outcome = await deps.operators.acknowledgeSurge(given);
  if (outcome === 'unknown') {
    throw new TocsinError('notFound', `There is no alert "${given.alertId}".`);
  }
}
