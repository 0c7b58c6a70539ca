import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type pg from 'pg';
import { copyInto } from '../../../adapters/postgres/copy.js';
import { startEmbeddedPostgres } from '../../../adapters/postgres/embedded.js';
import { Leadership } from '../../../adapters/postgres/leader.js';
import { migrate } from '../../../adapters/postgres/migrate.js';
import { createPool, withTransaction } from '../../../adapters/postgres/pool.js';
import { enforceMode } from '../../../adapters/postgres/whereabouts-mode.js';
import { TocsinError } from '../../../domain/errors.js';
import { loadRules, type Rules, shippedRules } from '../../../service/rules.js';
import type { PartResult } from '../accuracy/part.js';
import type { CasePartOptions } from '../bench-parts.js';
import type { Figures } from '../figures.js';
import { incidentOver, mapOne } from './mapping.js';
import {
  COLUMNS,
  fillNetwork,
  fillSightings,
  importPeople,
  learning,
  type Population,
  populationOf,
  subscriberRows,
} from './population.js';
import { loadWithPresence } from './presence-load.js';

const NOW_MS = Date.UTC(2026, 0, 14, 13, 0);
const SECRET = 'a secret for benches only';
/** What a server for ten million people is given: memory, and checkpoints far between. */
const SERVER = {
  shared_buffers: '2GB',
  effective_cache_size: '8GB',
  maintenance_work_mem: '512MB',
  max_wal_size: '8GB',
  checkpoint_timeout: '30min',
  wal_compression: 'off',
};
const INCIDENT_CELLS = 3_500;
/** Rows of the bare COPY: enough for a rate. */
const BARE_ROWS = 500_000;
const PRESENCE_SECONDS = 30;

/**
 * Impact at national size on an embedded Postgres: loading, two incidents of about half a million
 * people each, presence with detection and look-ups beside it, disk. At full size 10 million people,
 * 30 million usual cells and 200,000 cells, which take about 12 GB and, on two idle cores, 20 minutes.
 */
export async function measureNational(options: CasePartOptions): Promise<PartResult> {
  const size = populationOf(options.scale);
  const say = options.progress;
  const folder = await mkdtemp(join(tmpdir(), 'tocsin-bench-'));
  await chmod(folder, 0o755); // the server's own user must reach it
  const postgres = await startEmbeddedPostgres({ dataDir: join(folder, 'pg'), settings: SERVER });
  try {
    await migrate(postgres.url);
    const pool = createPool(postgres.url);
    const lookupPool = createPool(postgres.url, { max: 6 });
    const leader = await Leadership.tryAcquire(postgres.url);
    if (!leader) throw new TocsinError('internal', 'nobody else can lead a fresh database');
    try {
      const rules = learning(await loadRules(shippedRules));
      return resultOf(await run({ pool, lookupPool, leader, rules, size, say }));
    } finally {
      await leader.release();
      await pool.end();
      await lookupPool.end();
    }
  } finally {
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

interface Setup {
  readonly pool: pg.Pool;
  readonly lookupPool: pg.Pool;
  readonly leader: Leadership;
  readonly rules: Rules;
  readonly size: Population;
  readonly say: (text: string) => void;
}

interface Run {
  readonly load: Figures & { readonly rowsPerSecond: number; readonly bareRowsPerSecond: number };
  readonly figures: Figures;
}

async function run(setup: Setup): Promise<Run> {
  const { pool, size, say } = setup;
  await fillNetwork(pool, size);
  say('loading');
  const load = await loadPeople(pool, size);
  await fillSightings(pool, NOW_MS);
  const disk = await diskOf(pool, size);
  say('mapping');
  const mapping = { ...setup, nowMs: NOW_MS };
  const count = Math.min(INCIDENT_CELLS, Math.floor(size.cells / 4));
  const wide = await mapOne(mapping, incidentOver('wide', size.denseCells, count, mapping));
  const dense = await mapOne(mapping, incidentOver('dense', 0, size.denseCells, mapping));
  const withPresence = { ...setup, phoneSecret: SECRET, seconds: PRESENCE_SECONDS };
  say('presence');
  const presence = await loadWithPresence({ ...withPresence, nowMs: NOW_MS });
  say('presence, with hours noted to learn from');
  await enforceMode(pool, 'learnt');
  const presenceLearning = await loadWithPresence({ ...withPresence, nowMs: NOW_MS + 3_600_000 });
  return { load, figures: { ...size, load, disk, wide, dense, presence, presenceLearning } };
}

async function loadPeople(pool: pg.Pool, size: Population): Promise<Run['load']> {
  const bare = Math.min(size.people, BARE_ROWS);
  const bareSeconds = await seconds(() => bareCopy(pool, size, bare));
  const loadSeconds = await seconds(() => importPeople(pool, size, SECRET));
  const bareRowsPerSecond = Math.round(bare / bareSeconds);
  const rowsPerSecond = Math.round(size.people / loadSeconds);
  return { seconds: Math.round(loadSeconds), rowsPerSecond, bareRowsPerSecond };
}

async function seconds(body: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await body();
  return (performance.now() - started) / 1000;
}

/** The same rows as text into a table without indexes. */
async function bareCopy(pool: pg.Pool, size: Population, people: number): Promise<void> {
  function* values(): Generator<readonly string[]> {
    for (const [, fields] of subscriberRows(size, people)) yield fields;
  }
  await pool.query(`create table bench_bare (${COLUMNS.map((name) => `${name} text`).join(', ')})`);
  await withTransaction(pool, (client) => copyInto(client, 'bench_bare', values()));
  await pool.query('drop table bench_bare');
}

/** Bytes a subscriber takes, by table with its indexes. */
async function diskOf(pool: pg.Pool, { people }: Population): Promise<Figures> {
  const { rows } = await pool.query<{ table: string; bytes: number }>(
    `select t as table, (select sum(pg_total_relation_size(part)) from (
       select t::regclass as part union select relid from pg_partition_tree(t)) parts)::bigint as bytes
     from unnest(array['subscribers', 'subscriber_identifiers', 'usual_cells', 'last_seen']) t`,
  );
  const byTable = rows.map(({ table, bytes }) => [table, Math.round(bytes / people)] as const);
  const bytesPerSubscriber = byTable.reduce((sum, [, bytes]) => sum + bytes, 0);
  return { bytesPerSubscriber, ...Object.fromEntries(byTable) };
}

function resultOf({ load, figures }: Run): PartResult {
  const ratio = Math.round((load.rowsPerSecond / load.bareRowsPerSecond) * 1000) / 1000;
  return {
    figures,
    baseline: { loadRowsPerSecond: load.bareRowsPerSecond },
    ratios: { load: ratio },
    lines: [
      ...nested(figures, '  '),
      `  aims: counts < 200 ms, list < 5 s, change < 300 ms, 12,000 updates a second, look-up p99 <= 50 ms`,
    ],
  };
}

function nested(values: Figures, indent: string): string[] {
  return Object.entries(values).flatMap(([name, each]) =>
    each !== null && typeof each === 'object' && !Array.isArray(each)
      ? [`${indent}${name}`, ...nested(each as Figures, `${indent}  `)]
      : [`${indent}${name.padEnd(32 - indent.length)} ${each?.toLocaleString('en-GB') ?? '–'}`],
  );
}
