import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { createPool } from '../adapters/postgres/pool.js';
import { createSignInLink } from '../adapters/postgres/sessions.js';
import { TwilioGateway } from '../adapters/twilio/twilio-gateway.js';
import { LiveHub } from '../api/live-hub.js';
import { openDatabase } from '../commands/database.js';
import type { Started } from '../commands/start.js';
import { type Config, durationMs, type LoadedConfig, loadConfig } from '../config.js';
import { TocsinError } from '../domain/errors.js';
import { wallClock } from '../runtime/clock.js';
import { createLog, type Logger } from '../runtime/log.js';
import { startHttp } from './http.js';
import { loadFeeds, loadRules, type Rules, shippedRules } from './rules.js';
import { Service, type ServiceOptions } from './service.js';
import { feedFiles, startSources } from './sources.js';

const DEFAULT_HOST = '127.0.0.1';
const DEFAULT_PORT = 8080;
const CHECKPOINT_MS = 60_000;
const MAX_WAIT_MS = 15_000;

/** Runs the service of a configuration file against real systems. */
export async function runConfigured(path: string): Promise<Started> {
  const loaded = loadConfig(path);
  const { config, folder } = loaded;
  const log = createLog(config.logLevel ?? 'info');
  const rules = rulesOf(loaded);
  const feedsByFile = await loadFeeds(feedFiles(config), folder, rules.kpis);
  const feeds = [...feedsByFile.values()];
  const database = await openWhenThere(config, log);
  const host = config.server?.host ?? DEFAULT_HOST;
  const port = config.server?.port ?? DEFAULT_PORT;
  const publicUrl = config.server?.publicUrl ?? `http://${host}:${port}`;
  const live = new LiveHub(randomBytes(9).toString('base64url'));
  const gateway = gatewayOf(config, publicUrl);
  const service = new Service({
    ...settingsOf(config, rules),
    databaseUrl: database.url,
    feeds,
    publish: (event) => live.publish(event),
    ...(gateway === undefined ? {} : { gateway }),
    log,
  });
  const app = await startHttp(service, {
    host,
    port,
    publicUrl,
    writeTokens: config.server?.writeTokens ?? [],
    phoneSecret: database.phoneSecret,
    gatewayToken: config.gateway?.authToken,
    rules,
    feeds,
    network: wallClock,
    speed: 1,
    live,
    log,
  });
  await service.start();
  const sources = await startSources(service, { config, folder, feeds: feedsByFile, log });
  await printLink(database.url, publicUrl);
  return {
    failed: new Promise<never>(() => undefined),
    async stop() {
      await sources.stop();
      await app.close();
      await service.stop();
      await database.close();
    },
  };
}

/** Waits for an operator's own database as long as it is away; an embedded one must start at once. */
async function openWhenThere({ database, phoneSecret, dataDir }: Config, log: Logger) {
  const options = {
    url: database?.url,
    phoneSecret,
    dataDir,
    log: (line: string) => log.info(line),
  };
  for (let failures = 1; ; failures++) {
    try {
      return await openDatabase(options);
    } catch (error) {
      const isAway = error instanceof TocsinError && error.code === 'unavailable.postgres';
      if (!isAway || database?.url === undefined) throw error;
      const retryInMs = Math.min(MAX_WAIT_MS, 500 * 2 ** Math.min(failures - 1, 10));
      log.warn({ failures, retryInMs }, `waiting for the database: ${error.message}`);
      await delay(retryInMs);
    }
  }
}

function rulesOf({ config, folder }: LoadedConfig): Rules {
  const rules = loadRules(config.rules === undefined ? shippedRules : `${folder}/${config.rules}`);
  const isShadow = config.shadow ?? config.gateway === undefined;
  return isShadow ? { ...rules, policy: { ...rules.policy, shadow: true } } : rules;
}

function gatewayOf({ gateway, shadow }: Config, publicUrl: string): ServiceOptions['gateway'] {
  if (gateway === undefined || shadow === true) return undefined;
  const { segmentsPerSecond = 1, kind: _, timeout, ...account } = gateway;
  const limit = timeout === undefined ? {} : { timeoutMs: durationMs(timeout) };
  return { port: new TwilioGateway({ ...account, ...limit, publicUrl }), segmentsPerSecond };
}

function settingsOf(config: Config, rules: Rules) {
  return {
    maxConnections: config.database?.maxConnections ?? 20,
    rules,
    shards: config.shards ?? 1,
    tickMs: durationMs(config.tick ?? '5s'),
    network: wallClock,
    speed: 1,
    retention: {
      journalMs: durationMs(config.journalRetention ?? '2d'),
      forecastDays: 30,
      presenceHours: 48,
      historyDays: config.historyDays ?? 60,
    },
    checkpointMs: CHECKPOINT_MS,
  };
}

/** The first person in gets a link on the terminal; it works once, for 15 minutes. */
async function printLink(databaseUrl: string, publicUrl: string): Promise<void> {
  const pool = createPool(databaseUrl, { max: 1 });
  try {
    const link = await createSignInLink(pool, publicUrl, 'admin', 'first administrator');
    process.stderr.write(
      `Tocsin runs at ${publicUrl}. To sign in, once, within 15 minutes:\n\n  ${link}\n\n`,
    );
  } finally {
    await pool.end();
  }
}
