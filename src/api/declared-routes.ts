import type { FastifyInstance, RouteOptions } from 'fastify';
import { TocsinError } from '../domain/errors.js';
import type { RouteRole } from './auth.js';

/** One registered route as it was declared. */
export interface DeclaredRoute {
  readonly method: string;
  readonly url: string;
  readonly role: RouteRole | undefined;
  /** the parts of its schema: params, querystring, body, response */
  readonly schema: readonly string[];
}

declare module 'fastify' {
  interface FastifyInstance {
    declaredRoutes(): DeclaredRoute[];
  }
}

/**
 * Keeps a list of all routes and refuses to start while one declares no role or no schema, so that
 * nobody opens a door by forgetting a line.
 */
export function watchRoutes(app: FastifyInstance): void {
  const seen: RouteOptions[] = [];
  app.addHook('onRoute', (route) => {
    seen.push(route);
  });
  app.decorate('declaredRoutes', () =>
    seen.map((route) => ({
      method: String(route.method),
      url: route.url,
      role: route.config?.role,
      schema: Object.keys(route.schema ?? {}),
    })),
  );
  app.addHook('onReady', async () => {
    const open = app.declaredRoutes().find((route) => !route.role || route.schema.length === 0);
    if (open !== undefined) {
      throw new TocsinError(
        'internal',
        `route ${open.method} ${open.url} must declare config.role and a schema`,
      );
    }
  });
}

/** Gives routes that a plugin registers by itself (files, documentation) a role. */
export function withRole(scope: FastifyInstance, role: RouteRole): void {
  scope.addHook('onRoute', (route) => {
    route.config = { ...route.config, role };
    route.schema = { ...route.schema, hide: true };
  });
}
