import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyPluginAsync } from 'fastify';
import { PAGES_OF_ONE, PLAIN_PAGES } from './dashboard-pages.js';
import { withRole } from './declared-routes.js';
import type { ApiDeps } from './deps.js';

const NOT_BUILT = 'The dashboard is not built. Run: npm run build:dashboard\n';

/** The web application. It is public: what it shows comes from the API, which asks who you are. */
export function dashboardRoutes(deps: ApiDeps): FastifyPluginAsync {
  return async (app) => {
    withRole(app, 'public');
    const dir = deps.dashboardDir;
    if (dir === undefined || !existsSync(join(dir, 'index.html'))) {
      app.get('/', async (_, reply) => reply.code(503).type('text/plain').send(NOT_BUILT));
      return;
    }
    const page = readFileSync(join(dir, 'index.html'), 'utf8');
    addPages(app, page);
    await app.register(fastifyStatic, {
      root: join(dir, 'assets'),
      prefix: '/assets/',
      immutable: true, // names hold a hash of the content
      maxAge: '365d',
      decorateReply: false,
    });
  };
}

/** All addresses get the same document, which shows the page by its address. */
function addPages(app: FastifyInstance, page: string): void {
  for (const url of [...PLAIN_PAGES, ...PAGES_OF_ONE]) {
    app.get(url, async (_, reply) =>
      reply.header('cache-control', 'no-cache').type('text/html; charset=utf-8').send(page),
    );
  }
}
