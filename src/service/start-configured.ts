import { randomBytes } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { onCallContacts } from '../adapters/on-call/on-call-contacts.js';
import { createPool } from '../adapters/postgres/pool.js';
import { RECORD_RETENTION, type RecordRetention } from '../adapters/postgres/retention.js';
import { createSignInLink } from '../adapters/postgres/sessions.js';
import { LiveHub } from '../api/live-hub.js';
import { type LocatedDatabase, locateDatabase } from '../commands/database.js';
import type { Started } from '../commands/start.js';
import { type Config, durationMs, type LoadedConfig, loadConfig } from '../config.js';
import { wallClock } from '../runtime/clock.js';
import { settlesWithin } from '../runtime/deadline.js';
import { createLog, type Logger } from '../runtime/log.js';
import type { CompiledFeed } from '../sources/compiled-feed.js';
import { gatewayInbox, type InboxSetup } from './gateway-inbox.js';
import { type ConfiguredWays, createWays, otherPacesOf, paceOf, smsSenderOf } from './gateways.js';
import { assertPortFree, startHttp } from './http.js';
import { partnerChannels } from './partner-channels.js';
import { loadFeeds, loadRules, type Rules } from './rules.js';
import { Service } from './service.js';
import { feedFiles, type Source, startSources } from './sources.js';
import { onceThere } from './while-away.js';

const DEFAULT_HOST = '127.0.0.1';
const DEFAULT_PORT = 8080;
const CHECKPOINT_MS = 60_000;
/** How long a connection that is being tried may keep the service from ending. */
const BEGIN_STOP_MS = 3_000;
/** Requests that wait for a database that hangs are cut off. */
const HTTP_STOP_MS = 5_000;
/** Sources end after what they have in hand; what is not journalled is read again. */
const SOURCES_STOP_MS = 15_000;

/**
 * Runs the service of a configuration file against real systems. HTTP answers at once; the rest
 * follows as soon as the database does, however long that takes.
 * @throws TocsinError `input.*` for a configuration that cannot work, a port in use among them
 */
export async function runConfigured(path: string): Promise<Started> {
  const loaded = loadConfig(path);
  const { config } = loaded;
  const log = createLog(config.logLevel ?? 'info');
  const rules = rulesOf(config, log);
  // refused now rather than when the first partner is due a word
  partnerChannels(rules, { config: config.desk ?? {}, kafka: config.sources?.kafka }, log);
  const feeds = await loadFeeds(feedFiles(config), loaded.folder, rules.kpis);
  const host = config.server?.host ?? DEFAULT_HOST;
  const port = config.server?.port ?? DEFAULT_PORT;
  await assertPortFree(host, port);
  const database = await locateDatabase({
    url: config.database?.url,
    phoneSecret: config.phoneSecret,
    dataDir: config.dataDir,
    log: (line) => log.info(line),
  });
  const publicUrl = config.server?.publicUrl ?? `http://${host}:${port}`;
  const setup: Setup = { loaded, log, rules, feeds, host, port, publicUrl, database };
  try {
    return await runOn(setup);
  } catch (error) {
    await database.close();
    throw error;
  }
}

interface Setup {
  readonly loaded: LoadedConfig;
  readonly log: Logger;
  readonly rules: Rules;
  /** by absolute path of the file */
  readonly feeds: ReadonlyMap<string, CompiledFeed>;
  readonly host: string;
  readonly port: number;
  readonly publicUrl: string;
  readonly database: LocatedDatabase;
}

async function runOn(setup: Setup): Promise<Started> {
  const { loaded, log, rules, publicUrl, database } = setup;
  const { config } = loaded;
  const feeds = [...setup.feeds.values()];
  const live = new LiveHub(randomBytes(9).toString('base64url'));
  const gateway = gatewayOf(config, publicUrl);
  const service = new Service({
    ...settingsOf(config, rules),
    databaseUrl: database.url,
    phoneSecret: database.phoneSecret,
    feeds,
    publish: (event) => live.publish(event),
    ...(gateway === undefined ? {} : { gateway }),
    otherPaces: otherPacesOf(config),
    desk: {
      config: config.desk ?? {},
      publicUrl,
      acknowledgeKey: database.phoneSecret,
      ...(config.sources?.kafka ? { kafka: config.sources.kafka } : {}),
    },
    onCall: {
      contacts: onCallContacts({
        contacts: config.onCall ?? [],
        smtp: config.desk?.smtp,
        now: () => wallClock.now(),
      }),
      publicUrl,
    },
    ...(config.crm === undefined ? {} : { crm: config.crm }),
    log,
  });
  const app = await startHttp(service, {
    host: setup.host,
    port: setup.port,
    publicUrl,
    writeTokens: config.server?.writeTokens ?? [],
    lookup: {
      tokens: config.server?.lookupTokens ?? [],
      frameAncestors: config.server?.frameAncestors ?? [],
    },
    isStatusOpen: config.server?.openStatus ?? false,
    phoneSecret: database.phoneSecret,
    segmentsPerSecond: config.gateway ? paceOf(config.gateway) : null,
    otherPaces: otherPacesOf(config),
    gatewayRoutes: gateway?.allRoutes ?? [],
    smsGateway: gateway?.port,
    rules,
    feeds,
    network: wallClock,
    speed: 1,
    live,
    log,
  });
  return new RunningService(setup, service, app, gateway);
}

/** The service behind its HTTP: begins when the database is there, ends in the order of the flow. */
class RunningService implements Started {
  readonly failed: Promise<never>;
  readonly #service: Service;
  readonly #app: FastifyInstance;
  readonly #database: LocatedDatabase;
  readonly #abort = new AbortController();
  readonly #begun: Promise<void>;
  #sources: Source | undefined;

  constructor(
    setup: Setup,
    service: Service,
    app: FastifyInstance,
    gateway: ConfiguredWays | undefined,
  ) {
    this.#service = service;
    this.#app = app;
    this.#database = setup.database;
    this.#begun = this.#begin(setup, gateway);
    this.failed = this.#begun.then(() => service.displaced);
    // Whoever waits for it hears of a failure; until somebody does it must not end the process.
    this.failed.catch(() => undefined);
  }

  async #begin(setup: Setup, gateway: ConfiguredWays | undefined): Promise<void> {
    const { loaded, log, feeds, publicUrl, database } = setup;
    const service = this.#service;
    const options = { health: service.health, log, signal: this.#abort.signal };
    await onceThere(async () => {
      await database.migrate();
      await service.prepare();
    }, options);
    const { config, folder } = loaded;
    const started = () => startSources(service, { config, folder, feeds, log });
    this.#sources = await onceThere(started, options);
    service.start();
    const inbox: InboxSetup = {
      phoneSecret: database.phoneSecret,
      rules: setup.rules,
      smsGateway: gateway?.port,
      log,
    };
    gateway?.port.listen?.(gatewayInbox(service, inbox));
    await onceThere(() => printLink(database.url, publicUrl), options);
  }

  async stop(): Promise<boolean> {
    this.#abort.abort();
    await settlesWithin(this.#begun, BEGIN_STOP_MS);
    await settlesWithin(this.#sources?.stop() ?? Promise.resolve(), SOURCES_STOP_MS);
    await settlesWithin(this.#app.close(), HTTP_STOP_MS);
    const isClean = await this.#service.stop();
    await this.#database.close();
    return isClean;
  }
}

function rulesOf(config: Config, log: Logger): Rules {
  const told = (names: readonly string[]): void =>
    log.info(`${config.rules} lacks ${names.join(', ')}: the shipped ones are used`);
  const sender = config.gateway && smsSenderOf(config.gateway);
  const rules = loadRules(config.rules, told, sender);
  const isShadow = config.shadow ?? config.gateway === undefined;
  return isShadow ? { ...rules, policy: { ...rules.policy, shadow: true } } : rules;
}

function gatewayOf(config: Config, publicUrl: string): ConfiguredWays | undefined {
  return config.shadow === true ? undefined : createWays(config, publicUrl);
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
      presenceHours: rules.impact.whereabouts.keepHours,
      abroadHours: rules.impact.visitors.abroadHours,
      historyDays: config.historyDays ?? 60,
      records: recordsOf(config.keepDays ?? {}),
    },
    checkpointMs: CHECKPOINT_MS,
  };
}

function recordsOf(days: NonNullable<Config['keepDays']>): RecordRetention {
  return {
    affectedDays: days.affected ?? RECORD_RETENTION.affectedDays,
    messageDays: days.messages ?? RECORD_RETENTION.messageDays,
    incidentDays: days.incidents ?? RECORD_RETENTION.incidentDays,
    callerDays: days.callers ?? RECORD_RETENTION.callerDays,
    deadLetterDays: days.deadLetters ?? RECORD_RETENTION.deadLetterDays,
    auditDays: days.audit ?? RECORD_RETENTION.auditDays,
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
