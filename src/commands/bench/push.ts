import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Fastify from 'fastify';
import { median } from 'simple-statistics';
import { startEmbeddedPostgres } from '../../adapters/postgres/embedded.js';
import { JournalIntake } from '../../adapters/postgres/intake.js';
import { PostgresJournal } from '../../adapters/postgres/journal.js';
import { migrate } from '../../adapters/postgres/migrate.js';
import { createPool, query } from '../../adapters/postgres/pool.js';
import { pushRoutes } from '../../api/push-routes.js';
import { installFolder } from '../../config.js';
import { TocsinError } from '../../domain/errors.js';
import type { CompiledFeed } from '../../sources/compiled-feed.js';
import { loadFeed } from '../../sources/feed-loader.js';
import { IdTable } from '../../sources/id-table.js';
import { linePlan } from '../../sources/line-plan.js';
import { LineScanner } from '../../sources/line-scanner.js';
import type { Intake } from '../../sources/ports.js';
import { alternate, type BenchResult, cpuTotal, type Measured } from './harness.js';
import type { PushOrder, PushReport } from './push-client.js';
import { pushBodies } from './push-lines.js';

const RUNS = 7;
const CELLS = 100_000;
const KPIS = 8;
/** Periods sent in one run: enough that requests follow each other, as a fleet of agents sends. */
const PERIODS = 4;
/** Runs of either side that are not measured, until both run compiled. */
const WARM_UPS = 2;
/** What InfluxDB's documentation advises for a batch. */
const LINES_PER_BODY = 5000;
const AT_ONCE = 8;
const TOKEN = 'bench-write-token';
const utf8 = new TextDecoder();

/**
 * KPI samples per second through `POST /api/v2/write` until they are durable in a real embedded
 * Postgres, beside a bare parse of the same bytes: our own scanner reads the cell's id, the time and
 * every number, checks nothing and keeps nothing. One line carries 8 KPIs; the client is a process of
 * its own with eight requests in flight.
 * @param options `scale` shrinks the 100,000 cells, each with four periods in a run
 */
export async function benchPush(options: { scale: number }): Promise<BenchResult> {
  const cells = Math.max(LINES_PER_BODY, Math.round(CELLS * options.scale));
  const folder = await mkdtemp(join(tmpdir(), 'tocsin-bench-'));
  await chmod(folder, 0o755); // the server's own user must reach it
  const postgres = await startEmbeddedPostgres({ dataDir: join(folder, 'pg') });
  try {
    await migrate(postgres.url);
    const pool = createPool(postgres.url);
    try {
      const intake = new JournalIntake(new PostgresJournal(pool), { shards: 1 });
      const feed = await loadFeed(join(installFolder, 'rules/feeds/telemetry-line-protocol.yaml'));
      const result = await withServer(intake, feed, (port) => run(port, feed, cells));
      await checkStored(pool);
      return result;
    } finally {
      await pool.end();
    }
  } finally {
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function run(port: number, feed: CompiledFeed, cells: number): Promise<BenchResult> {
  const bodies = pushBodies(cells, PERIODS, LINES_PER_BODY);
  const client = fork(clientPath(), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  try {
    await tell(client, {
      do: 'prepare',
      cells,
      periods: PERIODS,
      linesPerBody: LINES_PER_BODY,
    });
    const ours = async (): Promise<number> => {
      await tell(client, { do: 'send', port, token: TOKEN, atOnce: AT_ONCE });
      return cells * PERIODS * KPIS;
    };
    const scanner = new LineScanner([linePlan(feed)]);
    const ids = new IdTable((bytes) => utf8.decode(bytes));
    const bare = (): number => scan(scanner, ids, bodies) * KPIS;
    await alternate(WARM_UPS, ours, bare);
    return summarise(cells, bodies, await alternate(RUNS, ours, bare));
  } finally {
    client.disconnect();
    await once(client, 'exit');
  }
}

/** Reads every line: id, time and numbers. @returns lines read */
function scan(scanner: LineScanner, ids: IdTable, bodies: readonly Uint8Array[]): number {
  let lines = 0;
  for (const body of bodies) {
    scanner.reset(body, 'ns');
    while (scanner.next() === 'line') {
      if (ids.text(body, scanner.idStart, scanner.idEnd) !== '') lines++;
    }
  }
  return lines;
}

function summarise(
  cells: number,
  bodies: readonly Uint8Array[],
  { ours, baseline }: { ours: Measured[]; baseline: Measured[] },
): BenchResult {
  const speed = (run: Measured): number => run.work / run.wallSeconds;
  const perCpu = (run: Measured): number => run.work / run.cpuSeconds;
  const ratioOf = (of: (run: Measured) => number): number =>
    median(ours.map((run, i) => of(run) / of(baseline[i] as Measured)));
  const megabytes = bodies.reduce((sum, body) => sum + body.length, 0) / 1e6;
  return {
    name: 'push',
    unit: 'KPI samples per second',
    figures: {
      samplesPerSecond: Math.round(median(ours.map(speed))),
      samplesPerCpuSecond: Math.round(median(ours.map(perCpu))),
      cells,
      periods: PERIODS,
      megabytes: Math.round(megabytes),
    },
    baseline: {
      samplesPerSecond: Math.round(median(baseline.map(speed))),
      samplesPerCpuSecond: Math.round(median(baseline.map(perCpu))),
    },
    ratio: ratioOf(speed),
    ratios: { wall: ratioOf(speed), cpu: ratioOf(perCpu) },
    better: 'higher',
    aim: 'at least 0.5 of a bare parse',
    runs: RUNS,
    cpuSecondsOurs: cpuTotal(ours),
    cpuSecondsBaseline: cpuTotal(baseline),
  };
}

async function withServer<Result>(
  intake: Intake,
  feed: CompiledFeed,
  body: (port: number) => Promise<Result>,
): Promise<Result> {
  const app = Fastify();
  await app.register(
    pushRoutes({
      intake,
      context: {
        aliases: { resolve: () => undefined, isKnown: () => true },
        deadLetters: {
          record: ({ detail }) => {
            throw new TocsinError('internal', `the bench wrote a bad line: ${detail}`);
          },
        },
      },
      feeds: [feed],
      tokens: [TOKEN],
    }),
  );
  try {
    await app.listen({ host: '127.0.0.1', port: 0 });
    return await body((app.server.address() as AddressInfo).port);
  } finally {
    await app.close();
  }
}

/** Durable means durable: the journal must be in the table. */
async function checkStored(pool: Parameters<typeof query>[0]): Promise<void> {
  const found = await query<{ entries: number }>(pool, 'select count(*) as entries from journal');
  if ((found.rows[0]?.entries ?? 0) < RUNS) {
    throw new TocsinError('internal', 'the pushes of the bench are not in the journal');
  }
}

/** From a checkout the client is TypeScript, from a build JavaScript, as this file is. */
function clientPath(): string {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return fileURLToPath(new URL(`./push-client.${extension}`, import.meta.url));
}

async function tell(client: ChildProcess, order: PushOrder): Promise<void> {
  const answer = once(client, 'message');
  client.send(order);
  const [report] = (await answer) as [PushReport];
  if ('failed' in report) throw new TocsinError('internal', `bench client: ${report.failed}`);
}
