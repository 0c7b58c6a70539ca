import type { FastifyInstance } from 'fastify';
import { frenchHolidays } from '../../simulators/telemetry/calendar.js';
import { freePort } from '../adapters/postgres/embedded.js';
import { lastTick } from '../adapters/postgres/last-tick.js';
import { createPool } from '../adapters/postgres/pool.js';
import { createSignInLink } from '../adapters/postgres/sessions.js';
import { TwilioGateway } from '../adapters/twilio/twilio-gateway.js';
import { LiveHub } from '../api/live-hub.js';
import { type OpenDatabase, openDatabase } from '../commands/database.js';
import type { Started } from '../commands/start.js';
import { callerPath, packageVersion } from '../config.js';
import { type Clock, FollowingClock } from '../runtime/clock.js';
import { createLog, type Logger } from '../runtime/log.js';
import type { CompiledFeed } from '../sources/compiled-feed.js';
import { createDemo, type DemoState, savedDemo } from './demo-data.js';
import { startDemoProcess } from './demo-process.js';
import { demoRules } from './demo-rules.js';
import { twilioCallbacks } from './gateways.js';
import { assertPortFree, startHttp } from './http.js';
import { loadFeeds, loadRules, pushFeedFiles, type Rules, shippedRules } from './rules.js';
import { Service, type ServiceOptions } from './service.js';
import { printedSteps, type Steps } from './steps.js';

export interface DemoStartOptions {
  readonly speed: number;
  readonly port: number | undefined;
  readonly dataDir: string | undefined;
  readonly seed: number;
  /** makes the secrets that service and simulators share while they run */
  readonly secret: () => string;
}

const HOST = '127.0.0.1';
const DEFAULT_PORT = 8080;
const ACCOUNT_SID = `AC${'0'.repeat(32)}`;
const SENDER = '38000';
const SEGMENTS_PER_SECOND = 100;
const CHECKPOINT_MS = 30_000;

const RETENTION = {
  journalMs: 3_600_000,
  forecastDays: 3,
  historyDays: 30,
};

/** Runs service and simulators with no configuration. */
export async function runDemo(options: DemoStartOptions): Promise<Started> {
  const steps = printedSteps();
  process.stderr.write(`Tocsin ${packageVersion()}, demo with a simulated region\n`);
  const log = createLog('error');
  const port = options.port ?? (await preferredPort());
  await assertPortFree(HOST, port);
  const database = await steps.run('starting the embedded database', () =>
    openDatabase(options.dataDir === undefined ? {} : { dataDir: callerPath(options.dataDir) }),
  );
  try {
    return await runOn(database, { ...options, port }, steps, log);
  } catch (error) {
    await database.close();
    throw error;
  }
}

async function runOn(
  database: OpenDatabase,
  options: DemoStartOptions & { readonly port: number },
  steps: Steps,
  log: Logger,
): Promise<Started> {
  const rules = demoRules(loadRules());
  const feeds = await regionalFeeds(rules);
  const { state, startMs } = await prepare(database, { ...options, rules, feeds, steps });
  const { port } = options;
  const publicUrl = `http://${HOST}:${port}`;
  const gatewayPort = await freePort();
  const [writeToken, authToken] = [options.secret(), options.secret()];
  const { speed } = options;
  const network = new FollowingClock(startMs, speed);
  const live = new LiveHub(options.secret());
  const smsGateway = new TwilioGateway({
    accountSid: ACCOUNT_SID,
    authToken,
    from: SENDER,
    baseUrl: `http://${HOST}:${gatewayPort}`,
    publicUrl,
    isListComplete: true,
  });
  const service = new Service({
    ...serviceOptions(database, rules, network, log),
    feeds,
    speed,
    publish: (event) => live.publish(event),
    gateway: { port: smsGateway, segmentsPerSecond: SEGMENTS_PER_SECOND },
  });
  const app = await startHttp(service, {
    host: HOST,
    port,
    publicUrl,
    writeTokens: [writeToken],
    lookup: { tokens: [], frameAncestors: [] },
    phoneSecret: database.phoneSecret,
    segmentsPerSecond: SEGMENTS_PER_SECOND,
    gatewayRoutes: [{ channel: 'sms', routes: twilioCallbacks(authToken, publicUrl) }],
    smsGateway,
    rules,
    feeds,
    network,
    speed,
    live,
    log,
  });
  await service.prepare();
  service.start();
  const simulators = startDemoProcess(
    {
      baseUrl: publicUrl,
      writeToken,
      gatewayPort,
      accountSid: ACCOUNT_SID,
      authToken,
      seed: state.seed,
      networkStartMs: startMs,
      speed,
      planStartMs: state.planStartMs,
    },
    { log, clock: network },
  );
  await greet(database.url, publicUrl, speed);
  return started(app, service, database, simulators);
}

/** The shipped feeds with the seasons of the simulated region. */
async function regionalFeeds(rules: Rules): Promise<CompiledFeed[]> {
  const year = new Date().getUTCFullYear();
  const holidays = [year - 1, year, year + 1].flatMap((each) => [...frenchHolidays(each)]);
  const feeds = await loadFeeds(pushFeedFiles, shippedRules, rules.kpis);
  return [...feeds.values()].map((feed) =>
    feed.lane ? { ...feed, lane: { ...feed.lane, zone: rules.forecast.zone, holidays } } : feed,
  );
}

function serviceOptions(
  database: OpenDatabase,
  rules: Rules,
  network: Clock,
  log: Logger,
): Omit<ServiceOptions, 'feeds' | 'speed' | 'publish'> {
  return {
    databaseUrl: database.url,
    phoneSecret: database.phoneSecret,
    maxConnections: 20,
    rules,
    shards: 1,
    tickMs: 1000,
    network,
    retention: {
      ...RETENTION,
      presenceHours: rules.impact.whereabouts.keepHours,
      abroadHours: rules.impact.visitors.abroadHours,
    },
    checkpointMs: CHECKPOINT_MS,
    log,
  };
}

type PrepareOptions = DemoStartOptions & {
  readonly rules: Rules;
  readonly feeds: readonly CompiledFeed[];
  readonly steps: Steps;
};

/** The world and the network time to go on from; on a new database makes the world first. */
async function prepare(
  { url, phoneSecret }: OpenDatabase,
  { rules, feeds, seed, steps }: PrepareOptions,
): Promise<{ state: DemoState; startMs: number }> {
  const pool = createPool(url, { max: 4 });
  try {
    const state =
      (await savedDemo(pool)) ??
      (await createDemo({ pool, phoneSecret, rules, feeds, seed, steps }));
    return { state, startMs: (await lastTick(pool)) ?? state.planStartMs };
  } finally {
    await pool.end();
  }
}

async function preferredPort(): Promise<number> {
  try {
    await assertPortFree(HOST, DEFAULT_PORT);
    return DEFAULT_PORT;
  } catch {
    // Nobody asked for this one, so another does as well.
    process.stderr.write(`  port ${DEFAULT_PORT} is taken: using a free one\n`);
    return freePort();
  }
}

async function greet(databaseUrl: string, publicUrl: string, speed: number): Promise<void> {
  const pool = createPool(databaseUrl, { max: 1 });
  try {
    const link = await createSignInLink(pool, publicUrl, 'admin', 'demo');
    process.stderr.write(
      `\nThe network runs ${speed} times as fast as life; its first incident comes within a minute.\n` +
        'Where people usually are is learnt here (mode "learnt" of rules/impact.yaml); as shipped only declared places count.\n' +
        `Open this link once, within 15 minutes:\n\n  ${link}\n\nCtrl-C stops; the next start goes on from there.\n`,
    );
  } finally {
    await pool.end();
  }
}

function started(
  app: FastifyInstance,
  service: Service,
  database: OpenDatabase,
  simulators: ReturnType<typeof startDemoProcess>,
): Started {
  let isStopping = false;
  const failed = simulators.ended.then(() => {
    if (isStopping) return new Promise<never>(() => undefined);
    throw new Error('the simulators ended by themselves: see the lines above');
  });
  return {
    failed,
    async stop() {
      isStopping = true;
      await simulators.stop();
      await app.close();
      const isClean = await service.stop();
      await database.close();
      return isClean;
    },
  };
}
