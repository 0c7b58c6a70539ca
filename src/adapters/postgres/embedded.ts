import { randomBytes } from 'node:crypto';
import { chown, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import type pg from 'pg';
import { messageOf, TocsinError } from '../../domain/errors.js';
import {
  blockedFolder,
  findBinaries,
  type PostgresBinaries,
  run,
  type ServerUser,
  serverUser,
} from './embedded-binaries.js';
import { connectDirect } from './pool.js';

/** How to run the server. `settings` are added to, and win over, the built-in ones. */
export interface EmbeddedOptions {
  /** holds the cluster, its password and its log; created when absent */
  readonly dataDir: string;
  /** default: a free port, chosen at each start */
  readonly port?: number;
  readonly log?: (line: string) => void;
  readonly settings?: Readonly<Record<string, string>>;
}

/** A running server. `url` names the database `tocsin` and holds the password. */
export interface EmbeddedPostgres {
  readonly url: string;
  /** Stops the server, unless another process of this machine still uses it. Idempotent. */
  stop(): Promise<void>;
}

const HOLDER = 'tocsin-embedded-holder';

const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '100',
  shared_buffers: '256MB',
  effective_cache_size: '1GB',
  work_mem: '32MB',
  maintenance_work_mem: '128MB',
  max_wal_size: '2GB',
  checkpoint_timeout: '15min',
  wal_compression: 'on',
  random_page_cost: '1.1',
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_checkpoints: 'off',
  log_min_duration_statement: '10s',
  logging_collector: 'on',
  log_directory: 'log',
  log_filename: 'postgres-%a.log',
  log_truncate_on_rotation: 'on',
  log_rotation_age: '1d',
  log_rotation_size: '0',
};

interface Place {
  readonly cluster: string;
  readonly password: string;
  readonly binaries: PostgresBinaries;
  readonly user: ServerUser;
  readonly log: (line: string) => void;
}

/**
 * Starts a real PostgreSQL on loopback, password only, whose data stay in `dataDir`. A server that
 * a killed process left behind is adopted when it answers, else stopped and started anew; one that
 * another live process uses is shared.
 *
 * @throws TocsinError `input.config` (folder not reachable, port in use), `unavailable.disk`, or
 * `unavailable.postgres` with the end of the server's log
 */
export async function startEmbeddedPostgres(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const place = await prepare(resolve(options.dataDir), options.log ?? (() => undefined));
  const running = await adopt(place, options.port);
  if (running !== undefined) return running;
  const port = options.port ?? (await freePort());
  await startServer(place, port, { ...SETTINGS, ...options.settings });
  return hold(place, port);
}

async function prepare(dataDir: string, log: (line: string) => void): Promise<Place> {
  const user = await serverUser();
  await diskErrors(dataDir, () => mkdir(dataDir, { recursive: true, mode: 0o755 }));
  const blocked = await blockedFolder(dataDir, user);
  if (blocked !== undefined) {
    throw new TocsinError(
      'input.config',
      `the data folder ${dataDir} is out of reach for user postgres, who may not enter ${blocked}: choose a folder such as /var/lib/tocsin`,
    );
  }
  const binaries = await diskErrors(dataDir, () =>
    findBinaries(join(dataDir, 'postgres-bin'), user),
  );
  const cluster = join(dataDir, 'postgres');
  const passwordFile = join(dataDir, 'postgres-password');
  const kept = await readFile(passwordFile, 'utf8').catch(() => '');
  const password = kept.trim() || randomBytes(24).toString('hex');
  const place = { cluster, password, binaries, user, log };
  if (await exists(join(cluster, 'PG_VERSION'))) return place;
  await diskErrors(dataDir, () => initialise(place, passwordFile));
  return place;
}

/** Makes the cluster in a side folder first, so that a kill in the middle leaves nothing half made. */
async function initialise(place: Place, passwordFile: string): Promise<void> {
  const { cluster, user } = place;
  place.log(`creating the embedded Postgres in ${cluster}`);
  await writeFile(passwordFile, `${place.password}\n`, { mode: 0o600 });
  await rm(cluster, { recursive: true, force: true });
  await mkdir(cluster, { mode: 0o700 });
  const secret = join(cluster, '..', 'postgres-password.init');
  await writeFile(secret, `${place.password}\n`, { mode: 0o600 });
  if (user !== undefined) {
    await chown(cluster, user.uid, user.gid);
    await chown(secret, user.uid, user.gid);
  }
  try {
    const args = ['-D', cluster, '-U', 'tocsin', `--pwfile=${secret}`, '--auth=scram-sha-256'];
    args.push('--encoding=UTF8', '--locale-provider=builtin', '--builtin-locale=C.UTF-8');
    args.push('--locale=C', '--data-checksums');
    const { code, output } = await run(place.binaries.initdb, args, user);
    if (code !== 0) {
      await rm(cluster, { recursive: true, force: true });
      throw startError(output, `initdb in ${cluster}`, undefined);
    }
  } finally {
    await rm(secret, { force: true });
  }
}

async function startServer(
  place: Place,
  port: number,
  settings: Readonly<Record<string, string>>,
): Promise<void> {
  const startLog = join(place.cluster, 'start.log');
  await rm(startLog, { force: true });
  const flags = Object.entries(settings).map(([key, value]) => `-c ${key}='${value}'`);
  const args = ['start', '-w', '-t', '120', '-D', place.cluster, '-l', startLog];
  const { code, output } = await run(
    place.binaries.pgCtl,
    [...args, '-o', `-p ${port} ${flags.join(' ')}`],
    place.user,
  );
  if (code === 0) return;
  const text = `${output}\n${await readFile(startLog, 'utf8').catch(() => '')}\n${await newestLog(place)}`;
  throw startError(text, `the embedded Postgres in ${place.cluster}`, port);
}

async function newestLog(place: Place): Promise<string> {
  const folder = join(place.cluster, 'log');
  const day = new Date().toUTCString().slice(0, 3);
  const names = await readdir(folder).catch(() => [] as string[]);
  const name = names.find((each) => each.includes(day));
  if (name === undefined) return '';
  return (await readFile(join(folder, name), 'utf8').catch(() => '')).slice(-4000);
}

function startError(text: string, what: string, port: number | undefined): TocsinError {
  if (/No space left on device|Disk quota exceeded/.test(text)) {
    return new TocsinError(
      'unavailable.disk',
      `no disk space left for ${what}: free some, or choose another data folder`,
    );
  }
  if (/could not bind|Address already in use/.test(text)) {
    return new TocsinError(
      'input.config',
      `port ${port} on 127.0.0.1 is in use: stop what uses it, give another port, or leave the port out to get a free one`,
    );
  }
  const lines = text
    .split('\n')
    .filter((line) => /FATAL|PANIC|ERROR|HINT|error:|could not/.test(line));
  const tail = lines.slice(-6).join(' | ') || text.trim().slice(-400);
  return new TocsinError('unavailable.postgres', `${what} does not start: ${tail}`);
}

async function diskErrors<T>(dataDir: string, body: () => Promise<T>): Promise<T> {
  try {
    return await body();
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    if (code === 'ENOSPC' || code === 'EDQUOT')
      throw startError('No space left on device', dataDir, 0);
    if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
      throw new TocsinError(
        'input.config',
        `the data folder ${dataDir} cannot be written (${messageOf(error)}): give one this user may write`,
      );
    }
    throw error;
  }
}

/** Reads postmaster.pid: line 1 is the process, line 4 the port (PostgreSQL manual, 66.1). */
async function readPostmaster(place: Place): Promise<{ pid: number; port: number } | undefined> {
  const text = await readFile(join(place.cluster, 'postmaster.pid'), 'utf8').catch(() => '');
  const lines = text.split('\n');
  const pid = Math.abs(Number.parseInt(lines[0] ?? '', 10));
  const port = Number.parseInt(lines[3] ?? '', 10);
  return pid > 0 && port > 0 && isAlive(pid) ? { pid, port } : undefined;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as { code?: unknown }).code === 'EPERM';
  }
}

async function adopt(place: Place, port?: number): Promise<EmbeddedPostgres | undefined> {
  for (let attempt = 0; attempt < 240; attempt++) {
    const found = await readPostmaster(place);
    if (found === undefined) return undefined;
    if (port !== undefined && found.port !== port) break;
    try {
      const held = await hold(place, found.port);
      place.log(`using the embedded Postgres that already runs (process ${found.pid})`);
      return held;
    } catch (error) {
      const code = (error as { cause?: { code?: unknown } }).cause?.code;
      // starting up or shutting down: it will be one or the other soon
      if (code !== '57P03') break;
      await new Promise((wake) => setTimeout(wake, 250));
    }
  }
  place.log('stopping an embedded Postgres that does not answer');
  await stopServer(place);
  return undefined;
}

async function stopServer(place: Place): Promise<void> {
  for (const mode of ['fast', 'immediate']) {
    const args = ['stop', '-w', '-t', '60', '-m', mode, '-D', place.cluster];
    const { code, output } = await run(place.binaries.pgCtl, args, place.user);
    if (code === 0 || /PID file .* does not exist|No such process/.test(output)) return;
  }
  throw new TocsinError(
    'unavailable.postgres',
    `the embedded Postgres in ${place.cluster} does not stop: end the process in its postmaster.pid`,
  );
}

/** Keeps one connection as the sign of use: it vanishes with the process, however that ends. */
async function hold(place: Place, port: number): Promise<EmbeddedPostgres> {
  const base = `postgres://tocsin:${place.password}@127.0.0.1:${port}`;
  const holder = await connectDirect(`${base}/postgres`, HOLDER);
  const present = await holder.query("select 1 from pg_database where datname = 'tocsin'");
  if (present.rowCount === 0) await createDatabase(holder);
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopping ??= release(place, holder);
    return stopping;
  };
  return { url: `${base}/tocsin`, stop };
}

async function createDatabase(holder: pg.Client): Promise<void> {
  await holder.query('create database tocsin').catch((error: { code?: string }) => {
    // another process was first
    if (error.code !== '42P04' && error.code !== '23505') throw error;
  });
}

async function release(place: Place, holder: pg.Client): Promise<void> {
  const others = await holder
    .query<{ count: number }>(
      'select count(*)::int as count from pg_stat_activity where application_name = $1 and pid <> pg_backend_pid()',
      [HOLDER],
    )
    .then((result) => result.rows[0]?.count ?? 0)
    .catch(() => 0);
  await holder.end().catch(() => undefined);
  if (others === 0) await stopServer(place);
}

async function exists(path: string): Promise<boolean> {
  return readFile(path).then(
    () => true,
    () => false,
  );
}

/** A port nobody listens on at this moment, on loopback. */
export function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const probe = createServer();
    probe.on('error', fail);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      const port = address !== null && typeof address === 'object' ? address.port : 0;
      probe.close(() => done(port));
    });
  });
}
