import cookie from '@fastify/cookie';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import underPressure from '@fastify/under-pressure';
import Fastify, { type FastifyInstance, LogController } from 'fastify';
import { actRoutes } from './act-routes.js';
import { affectedRoutes } from './affected-routes.js';
import { answerRoutes } from './answer-routes.js';
import { addAuth } from './auth.js';
import { dashboardRoutes } from './dashboard-routes.js';
import { watchRoutes, withRole } from './declared-routes.js';
import type { ApiDeps } from './deps.js';
import { dryRunRoutes } from './dry-run-routes.js';
import { effectRoutes } from './effect-routes.js';
import { addErrors } from './errors.js';
import { forecastRoutes } from './forecast-routes.js';
import { incidentRoutes } from './incident-routes.js';
import { liveRoutes } from './live-routes.js';
import { modelRoutes } from './model-routes.js';
import { networkRoutes } from './network-routes.js';
import { operationsRoutes } from './operations-routes.js';
import { partnerRoutes } from './partner-routes.js';
import { patternRoutes } from './pattern-routes.js';
import { qualityRoutes } from './quality-routes.js';
import { recurringRoutes } from './recurring-routes.js';
import { repairRoutes } from './repair-routes.js';
import { resourceRoutes } from './resource-routes.js';
import { signInRoutes } from './sign-in-routes.js';
import { silenceRoutes } from './silence-routes.js';
import { refuseUnstorable } from './storable-input.js';
import { subscriberRoutes } from './subscriber-routes.js';
import { surgeRoutes } from './surge-routes.js';
import { worksRoutes } from './works-routes.js';

const MAX_LOOP_DELAY_MS = 3000;
/** Time over which the delay is averaged: a stall as long as this counts as endless. */
const LOOP_SAMPLE_MS = 5000;
/** What can wait in a storm: pages fetch again, machines push again. Acts and look-ups cannot. */
const SHED_ROLES: readonly unknown[] = ['viewer', 'planner', 'push'];

/**
 * The HTTP server with every route, ready to listen. Errors leave as `{code, message}`.
 * @throws TocsinError `internal` when a route declares no role or schema
 */
export async function buildServer(deps: ApiDeps): Promise<FastifyInstance> {
  const app = Fastify({
    ...(deps.log === undefined ? {} : { loggerInstance: deps.log }),
    // addresses hold phone numbers and tokens: see logRequests
    logController: new LogController({ disableRequestLogging: true }),
    trustProxy: 'loopback',
    forceCloseConnections: true,
    ajv: { customOptions: { removeAdditional: false, coerceTypes: 'array' } },
  }).withTypeProvider<TypeBoxTypeProvider>() as unknown as FastifyInstance;

  watchRoutes(app);
  addErrors(app);
  logRequests(app);
  await app.register(cookie);
  await addHardening(app, deps);
  addAuth(app, deps);
  refuseUnstorable(app);
  await addDocumentation(app, deps);

  for (const routes of [
    signInRoutes,
    incidentRoutes,
    actRoutes,
    modelRoutes,
    networkRoutes,
    recurringRoutes,
    repairRoutes,
    resourceRoutes,
    silenceRoutes,
    forecastRoutes,
    patternRoutes,
    surgeRoutes,
    effectRoutes,
    subscriberRoutes,
    affectedRoutes,
    partnerRoutes,
    dryRunRoutes,
    worksRoutes,
    answerRoutes,
    operationsRoutes,
    qualityRoutes,
    liveRoutes,
    dashboardRoutes,
  ]) {
    await app.register(routes(deps));
  }
  for (const plugin of deps.plugins ?? []) await app.register(plugin);
  await app.ready();
  return app;
}

async function addHardening(app: FastifyInstance, deps: ApiDeps): Promise<void> {
  const secure = deps.publicUrl.startsWith('https:');
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", 'data:', 'blob:'],
        fontSrc: ["'self'"],
        connectSrc: ["'self'"],
        workerSrc: ["'self'"],
        manifestSrc: ["'self'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    hsts: secure,
    referrerPolicy: { policy: 'no-referrer' },
  });
  await app.register(rateLimit, { global: false });
  await app.register(underPressure, {
    maxEventLoopDelay: deps.maxLoopDelayMs ?? MAX_LOOP_DELAY_MS,
    sampleInterval: LOOP_SAMPLE_MS,
    retryAfter: 5,
    pressureHandler: (request, reply) => {
      if (!SHED_ROLES.includes(request.routeOptions.config.role)) return;
      reply.code(503).header('retry-after', '5');
      reply.send({ code: 'overloaded', message: 'Tocsin is busy. Try again in a few seconds.' });
    },
  });
}

async function addDocumentation(app: FastifyInstance, deps: ApiDeps): Promise<void> {
  await app.register(swagger, {
    openapi: {
      info: { title: 'Tocsin', version: deps.version, description: 'Network to customer' },
    },
  });
  await app.register(async (scope) => {
    withRole(scope, 'viewer');
    await scope.register(swaggerUi, { routePrefix: '/docs', staticCSP: true });
  });
}

/** One line a request, under the route's pattern: an address may hold a number or a token. */
function logRequests(app: FastifyInstance): void {
  app.addHook('onResponse', async (request, reply) => {
    request.log.debug(
      {
        method: request.method,
        route: request.routeOptions.url ?? 'none',
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime),
        who: request.session?.name,
      },
      'request',
    );
  });
}
