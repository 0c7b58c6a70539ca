import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { FastifyInstance, FastifyPluginAsync } from 'fastify';
import type { OtherPaces } from '../adapters/postgres/dry-run.js';
import { PostgresEffectStore } from '../adapters/postgres/effect-store.js';
import { phoneRegion } from '../adapters/postgres/phone-number.js';
import { readIvrTexts, readStatus } from '../adapters/postgres/read-ivr-texts.js';
import { postgresKpiReads } from '../adapters/postgres/read-kpis.js';
import { postgresReads } from '../adapters/postgres/reads.js';
import { postgresSessions } from '../adapters/postgres/sessions.js';
import { postgresSubscriberLookup } from '../adapters/postgres/subscriber-lookup.js';
import { callerRoutes } from '../api/caller-routes.js';
import { type CrmLookupDeps, crmLookupRoutes } from '../api/crm-lookup-routes.js';
import { ivrRoutes } from '../api/ivr-routes.js';
import type { LiveHub } from '../api/live-hub.js';
import type { SubscriberLookup } from '../api/ports.js';
import { pushRoutes } from '../api/push-routes.js';
import { buildServer } from '../api/server.js';
import { statusRoutes } from '../api/status-routes.js';
import { installFolder, packageVersion } from '../config.js';
import { TocsinError } from '../domain/errors.js';
import type { SmsGateway } from '../notify/ports.js';
import type { Clock } from '../runtime/clock.js';
import type { Logger } from '../runtime/log.js';
import type { CompiledFeed } from '../sources/compiled-feed.js';
import { effectDesk } from './effect-desk.js';
import { gatewayInbox } from './gateway-inbox.js';
import type { ChannelRoutes } from './gateways.js';
import { dryRunDesk } from './outbox.js';
import type { Rules } from './rules.js';
import type { Service } from './service.js';

export interface HttpOptions {
  readonly host: string;
  readonly port: number;
  readonly publicUrl: string;
  readonly writeTokens: readonly string[];
  /** of CRM, CTI and IVR; and who may frame the panel */
  readonly lookup: Pick<CrmLookupDeps, 'tokens' | 'frameAncestors'>;
  readonly phoneSecret: string;
  /** pace of the gateway to send with; null: there is none */
  readonly segmentsPerSecond: number | null;
  readonly otherPaces?: OtherPaces;
  /** whether anybody may read the status by area */
  readonly isStatusOpen?: boolean;
  /** by which gateways report; of those that do so over HTTP */
  readonly gatewayRoutes: readonly ChannelRoutes[];
  /** by which those who ask for help are answered; absent: they are not */
  readonly smsGateway: SmsGateway | undefined;
  readonly rules: Rules;
  readonly feeds: readonly CompiledFeed[];
  readonly network: Clock;
  readonly speed: number;
  readonly live: LiveHub;
  readonly log: Logger;
}

/**
 * The way in and the dashboard, listening.
 * @throws TocsinError `input.config` when the port is taken or may not be used
 */
export async function startHttp(service: Service, options: HttpOptions): Promise<FastifyInstance> {
  const { rules, feeds, network, live, log, phoneSecret } = options;
  const dashboardDir = join(installFolder, 'dist', 'dashboard');
  const definition = (feed: string, kpi: string) =>
    feeds.find(({ name }) => name === feed)?.lane?.kpis.find(({ name }) => name === kpi)
      ?.definition;
  const effect = effectDesk({
    pool: service.pool,
    store: new PostgresEffectStore(service.pool),
    rules: rules.effect,
    pricePerSegment: rules.policy.budget.perSegment,
    phoneSecret,
    region: phoneRegion(rules.effect.callerRegion),
  });
  const subscribers = postgresSubscriberLookup(service.lookupPool, { phoneSecret, ...rules });
  const app = await buildServer({
    version: packageVersion(),
    publicUrl: options.publicUrl,
    ...(existsSync(dashboardDir) ? { dashboardDir } : {}),
    log,
    networkNow: () => network.now(),
    speed: options.speed,
    reads: postgresReads(
      service.pool,
      postgresKpiReads(service.pool, service.history, definition),
      shadowWhy(options),
      rules.impact.visitors.names,
    ),
    budgets: { ...rules.detection, ...rules.policy.approval },
    subscribers,
    sessions: postgresSessions(service.pool),
    operators: service.operators,
    acknowledgeKey: phoneSecret,
    fewestTold: rules.partners.fewestTold,
    effect,
    dryRuns: dryRunDesk({ ...options, pool: service.pool }),
    whatIf: (asked) => service.whatIf(asked),
    live,
    health: () => service.health.report(),
    models: () => service.models(),
    metrics: service.metrics.registry,
    plugins: [
      ...pluginsOf(service, options, subscribers),
      onceReady(service, callerRoutes(effect, options.writeTokens)),
    ],
  });
  await listen(app, options);
  return app;
}

/** What puts this installation into shadow mode whatever the settings say, or null. */
function shadowWhy({ segmentsPerSecond, rules }: HttpOptions): string | null {
  if (segmentsPerSecond === null) return 'no gateway is configured to send with';
  return rules.policy.shadow ? 'the configuration or the policy says so' : null;
}

/** What machines read of areas: texts for the IVR, status for apps and websites. */
function areaRoutes(service: Service, options: HttpOptions): FastifyPluginAsync[] {
  const { rules, network, speed, lookup, isStatusOpen } = options;
  const ivr = ivrRoutes({
    texts: (asked) => readIvrTexts(service.pool, rules, asked, network.now()),
    tokens: lookup.tokens,
  });
  const status = statusRoutes({
    status: (asked) => readStatus(service.pool, rules, asked, network.now()),
    tokens: isStatusOpen ? null : lookup.tokens,
    networkNow: () => network.now(),
    speed,
  });
  return [ivr, status];
}

function pluginsOf(service: Service, options: HttpOptions, subscribers: SubscriberLookup) {
  const { feeds, writeTokens, gatewayRoutes } = options;
  const push = onceReady(
    service,
    pushRoutes({
      intake: service.intake,
      context: service.decoding,
      feeds,
      tokens: writeTokens,
    }),
  );
  const lookup = crmLookupRoutes({
    ...options.lookup,
    subscribers,
    operators: service.operators,
    networkNow: () => options.network.now(),
    speed: options.speed,
  });
  const own = [push, lookup, ...areaRoutes(service, options)];
  const reports = gatewayRoutes.map(({ channel, routes }) =>
    onceReady(service, routes(gatewayInbox(service, options, channel))),
  );
  return [...own, ...reports];
}

/** What comes in before there is a database with aliases in it is to be sent again. */
function onceReady(service: Service, routes: FastifyPluginAsync): FastifyPluginAsync {
  return async (app) => {
    app.addHook('onRequest', async (request) => {
      if (service.isReady || request.method === 'GET') return;
      throw new TocsinError('unavailable.postgres', 'the database has not answered yet');
    });
    await app.register(routes);
  };
}

/**
 * Tries a port without keeping it, so that a mistake is told before anything is started.
 * @throws TocsinError `input.config` when it is taken or may not be used
 */
export async function assertPortFree(host: string, port: number): Promise<void> {
  const probe = createServer();
  try {
    probe.listen(port, host);
    await once(probe, 'listening');
  } catch (error) {
    throw portError(error, host, port);
  } finally {
    probe.close();
  }
}

async function listen(app: FastifyInstance, { host, port }: HttpOptions): Promise<void> {
  try {
    await app.listen({ host, port });
  } catch (error) {
    await app.close();
    throw portError(error, host, port);
  }
}

function portError(error: unknown, host: string, port: number): unknown {
  const code = (error as { code?: string }).code;
  if (code !== 'EADDRINUSE' && code !== 'EACCES') return error;
  const why = code === 'EACCES' ? 'may not be used by this user' : 'is taken';
  return new TocsinError(
    'input.config',
    `port ${port} on ${host} ${why}: set another by --port or server.port, or stop what uses it`,
  );
}
