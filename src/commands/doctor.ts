import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { AliasTable } from '../adapters/postgres/aliases.js';
import { startEmbeddedPostgres } from '../adapters/postgres/embedded.js';
import { createPool } from '../adapters/postgres/pool.js';
import { hasSchema } from '../adapters/postgres/read-feed-coverage.js';
import {
  callerPath,
  databaseUrlFromEnvironment,
  type LoadedConfig,
  loadConfig,
} from '../config.js';
import { messageOf } from '../domain/errors.js';
import { loadFeeds, loadRules, type Rules, shippedRules } from '../service/rules.js';
import { feedFiles } from '../service/sources.js';
import type { CompiledFeed } from '../sources/compiled-feed.js';
import { loadKpiRules } from '../sources/feed-loader.js';
import { defaultDataDir } from './database.js';
import { checkCrms } from './doctor/crm-checks.js';
import { checkDesk } from './doctor/desk-checks.js';
import { coverageOf } from './doctor/feed-coverage.js';
import { type FeedSample, sampleInflux, sampleTopic } from './doctor/feed-sample.js';
import { checkDataFolder, checkPort } from './doctor/machine-checks.js';
import { checkPartners } from './doctor/partner-checks.js';
import { checkPostgres } from './doctor/postgres-checks.js';
import {
  attempt,
  type Check,
  type DoctorReport,
  type FeedCoverage,
  failed,
  passed,
  printable,
  skipped,
  warned,
} from './doctor/report.js';
import { checkChannels, checkGateway, checkInflux, checkKafka } from './doctor/source-checks.js';

const DEFAULT_HOST = '127.0.0.1';
const DEFAULT_PORT = 8080;
const DEFAULT_CONNECTIONS = 20;

/** `tocsin doctor`: tries everything the service stands on and says how to mend what fails. */
export function registerDoctor(program: Command): void {
  program
    .command('doctor')
    .description('try every connection and permission; per feed, how much resolves')
    .option('--config <file>', 'configuration of the installation; without it the demo is examined')
    .option('--json', 'print one JSON document')
    .action(async (options: { config?: string; json?: boolean }) => {
      const loaded =
        options.config === undefined
          ? { config: {}, folder: callerPath('.') }
          : loadConfig(options.config);
      const report = await examine(loaded);
      process.stdout.write(
        options.json ? `${JSON.stringify(report, null, 2)}\n` : printable(report),
      );
      if (!report.ok) process.exitCode = 1;
    });
}

/**
 * Examines an installation. Writes nothing to any system, commits no offset the service would
 * start from, sends no message.
 */
export async function examine(loaded: LoadedConfig): Promise<DoctorReport> {
  const { config, folder } = loaded;
  const checks: Check[] = [];
  const { feeds, rules } = await rulesAndFeeds(loaded, checks);
  const dataDir = config.dataDir ?? defaultDataDir();
  checks.push(await checkDataFolder(dataDir));
  checks.push(
    await checkPort(config.server?.host ?? DEFAULT_HOST, config.server?.port ?? DEFAULT_PORT),
  );
  checks.push(checkTokens(loaded));
  const { kafka, influx = [] } = config.sources ?? {};
  if (kafka !== undefined) checks.push(...(await checkKafka(kafka)));
  for (const one of influx) {
    const feed = feeds.get(resolve(folder, one.feed));
    if (feed !== undefined) checks.push(await checkInflux(one, feed));
  }
  checks.push(await checkGateway(config), ...(await checkChannels(config)));
  checks.push(...(await checkDesk(config)));
  if (rules !== undefined) checks.push(...(await checkPartners(rules, config)));
  const covered = await withDatabase(loaded, dataDir, checks, (url) =>
    coverage(url, loaded, feeds, checks),
  );
  return { ok: checks.every(({ status }) => status !== 'failed'), checks, feeds: covered ?? [] };
}

/** Rules and feeds apart, so that a slip in one does not hide what is wrong with the other. */
async function rulesAndFeeds(
  { config, folder }: LoadedConfig,
  checks: Check[],
): Promise<{
  readonly feeds: ReadonlyMap<string, CompiledFeed>;
  readonly rules: Rules | undefined;
}> {
  let read: Rules | undefined;
  const rules = config.rules ?? shippedRules;
  const mend = 'correct the file at the place that is named';
  checks.push(
    await attempt('rules', mend, async () => {
      let lacking = '';
      read = loadRules(rules, (names) => {
        lacking = `; it lacks ${names.join(', ')}, of which the shipped ones are used`;
      });
      return passed('rules', `all in ${rules} are good${lacking}`);
    }),
  );
  const own = join(rules, 'kpis.yaml');
  let feeds: ReadonlyMap<string, CompiledFeed> = new Map();
  checks.push(
    await attempt('feeds', mend, async () => {
      feeds = await loadFeeds(
        feedFiles(config),
        folder,
        loadKpiRules(existsSync(own) ? own : undefined),
      );
      return passed('feeds', `${feeds.size} are good`);
    }),
  );
  return { feeds, rules: read };
}

function checkTokens({ config }: LoadedConfig): Check {
  const count = config.server?.writeTokens?.length ?? 0;
  if (count > 0) return passed('write tokens', `${count} configured`);
  const detail = 'none: every push over HTTP is refused';
  if (config.sources !== undefined) return skipped('write tokens', detail);
  return warned('write tokens', detail, 'set server.writeTokens, unless this is the demo');
}

/** Runs `use` on the database when there is one that works; its checks come first. */
async function withDatabase<T>(
  { config }: LoadedConfig,
  dataDir: string,
  checks: Check[],
  use: (url: string) => Promise<T>,
): Promise<T | undefined> {
  const given = config.database?.url ?? databaseUrlFromEnvironment();
  const most = config.database?.maxConnections ?? DEFAULT_CONNECTIONS;
  const run = async (url: string): Promise<T | undefined> => {
    const found = await checkPostgres(url, most);
    checks.push(...found);
    return found.some(({ status }) => status === 'failed') ? undefined : use(url);
  };
  if (given !== undefined) return run(given);
  if (!existsSync(join(dataDir, 'postgres', 'PG_VERSION'))) {
    checks.push(skipped('postgres', `embedded, will be created in ${dataDir} by tocsin start`));
    return undefined;
  }
  try {
    const server = await startEmbeddedPostgres({ dataDir });
    try {
      return await run(server.url);
    } finally {
      await server.stop();
    }
  } catch (error) {
    checks.push(failed('postgres', messageOf(error), `look into ${dataDir}/postgres/log`));
    return undefined;
  }
}

async function coverage(
  url: string,
  loaded: LoadedConfig,
  feeds: ReadonlyMap<string, CompiledFeed>,
  checks: Check[],
): Promise<FeedCoverage[]> {
  const pool = createPool(url, { max: 2, applicationName: 'tocsin-doctor' });
  try {
    if (!(await hasSchema(pool))) {
      checks.push(skipped('records', 'the database is empty: tocsin start creates the tables'));
      return [];
    }
    const aliases = new AliasTable(pool);
    await aliases.refresh();
    checks.push(...(await checkCrms(loaded.config, url)));
    const samples = await sampleSources(loaded, feeds, aliases, checks);
    const covered: FeedCoverage[] = [];
    for (const feed of feeds.values()) {
      covered.push(await coverageOf(pool, feed, samples.get(feed)));
    }
    return covered;
  } catch (error) {
    checks.push(failed('records', messageOf(error), 'see the checks of the database'));
    return [];
  } finally {
    await pool.end();
  }
}

/** The newest records of sources that can be asked; one that fails is told among the checks. */
async function sampleSources(
  { config, folder }: LoadedConfig,
  feeds: ReadonlyMap<string, CompiledFeed>,
  aliases: AliasTable,
  checks: Check[],
): Promise<ReadonlyMap<CompiledFeed, FeedSample>> {
  const samples = new Map<CompiledFeed, FeedSample>();
  const take = async (
    name: string,
    file: string,
    mend: string,
    read: (feed: CompiledFeed) => Promise<FeedSample>,
  ): Promise<void> => {
    const feed = feeds.get(resolve(folder, file));
    if (feed === undefined) return;
    const check = await attempt(name, mend, async () => {
      const sample = await read(feed);
      samples.set(feed, sample);
      return passed(name, `records were read, ${sample.letters.length} of them refused`);
    });
    checks.push(check);
  };
  const { kafka, influx = [] } = config.sources ?? {};
  for (const topic of kafka?.topics ?? []) {
    if (kafka === undefined) break;
    const mend = `let the user Read the topic and the consumer group ${kafka.groupId ?? 'tocsin'}-doctor`;
    await take(`kafka read ${topic.topic}`, topic.feed, mend, (feed) =>
      sampleTopic(kafka, topic, feed, aliases),
    );
  }
  for (const one of influx) {
    await take(`influx read ${one.name}`, one.feed, 'check measurement and permissions', (feed) =>
      sampleInflux(one, feed, aliases),
    );
  }
  return samples;
}
