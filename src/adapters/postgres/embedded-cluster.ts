import { randomBytes } from 'node:crypto';
import {
  access,
  chown,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  statfs,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf, TocsinError } from '../../domain/errors.js';
import {
  blockedFolder,
  findBinaries,
  type PostgresBinaries,
  run,
  type ServerUser,
  serverUser,
} from './embedded-binaries.js';

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

const INITDB_FLAGS = [
  '--auth=scram-sha-256',
  '--encoding=UTF8',
  '--locale=C',
  '--locale-provider=builtin',
  '--builtin-locale=C.UTF-8',
  '--data-checksums',
];

/** In the cluster's own folder, so that the two come into being together. */
const PASSWORD_FILE = 'tocsin-password';

/** A cluster's folder, and what it takes to run it. */
export interface Cluster {
  readonly folder: string;
  readonly password: string;
  readonly binaries: PostgresBinaries;
  readonly user: ServerUser;
  readonly log: (line: string) => void;
}

/**
 * Makes the folder ready, creating the cluster when there is none.
 * @throws TocsinError `input.config` when it cannot be used, `unavailable.disk`
 */
export async function openCluster(dataDir: string, log: (line: string) => void): Promise<Cluster> {
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
  const folder = join(dataDir, 'postgres');
  if (!(await isCluster(folder))) {
    log(`creating the embedded Postgres in ${folder}`);
    await diskErrors(dataDir, () => createCluster(folder, binaries, user));
  }
  const password = (await readFile(join(folder, PASSWORD_FILE), 'utf8')).trim();
  return { folder, password, binaries, user, log };
}

/**
 * Makes the cluster beside its place and moves it there when it is whole, so that a kill in the
 * middle leaves nothing half made and of two processes one wins.
 */
async function createCluster(
  folder: string,
  binaries: PostgresBinaries,
  user: ServerUser,
): Promise<void> {
  const fresh = `${folder}.new.${process.pid}`;
  await rm(fresh, { recursive: true, force: true });
  try {
    await mkdir(fresh, { mode: 0o700 });
    const passwordFile = `${fresh}.password`;
    await writeFile(passwordFile, `${randomBytes(24).toString('hex')}\n`, { mode: 0o600 });
    if (user !== undefined) {
      await chown(fresh, user.uid, user.gid);
      await chown(passwordFile, user.uid, user.gid);
    }
    const args = ['-D', fresh, '-U', 'tocsin', `--pwfile=${passwordFile}`];
    const { code, output } = await run(binaries.initdb, [...args, ...INITDB_FLAGS], user);
    if (code !== 0) throw await failure(fresh, output, 'initdb');
    await rename(passwordFile, join(fresh, PASSWORD_FILE));
    await rename(fresh, folder).catch(async (error: unknown) => {
      if (!(await isCluster(folder))) throw error;
    });
  } finally {
    await rm(fresh, { recursive: true, force: true });
    await rm(`${fresh}.password`, { force: true });
  }
}

/** Runs the server until it accepts connections. @throws TocsinError as `startEmbeddedPostgres` */
export async function startServer(
  cluster: Cluster,
  port: number,
  settings: Readonly<Record<string, string>> = {},
): Promise<void> {
  const startLog = join(cluster.folder, 'start.log');
  await rm(startLog, { force: true });
  const flags = Object.entries({ ...SETTINGS, ...settings }).map(
    ([key, value]) => `-c ${key}='${value}'`,
  );
  const args = ['start', '-w', '-t', '600', '-D', cluster.folder, '-l', startLog];
  const { code, output } = await run(
    cluster.binaries.pgCtl,
    [...args, '-o', `-p ${port} ${flags.join(' ')}`],
    cluster.user,
  );
  if (code === 0) return;
  const text = `${output}\n${await readFile(startLog, 'utf8').catch(() => '')}\n${await newestLog(cluster)}`;
  throw await failure(cluster.folder, text, 'the embedded Postgres', port);
}

async function newestLog(cluster: Cluster): Promise<string> {
  const folder = join(cluster.folder, 'log');
  const day = new Date().toUTCString().slice(0, 3);
  const names = await readdir(folder).catch(() => [] as string[]);
  const name = names.find((each) => each.includes(day));
  if (name === undefined) return '';
  return (await readFile(join(folder, name), 'utf8').catch(() => '')).slice(-4000);
}

/** A full disk shows in many ways, a bus error among them: less than this left counts as full. */
const FULL_BYTES = 8 * 1024 * 1024;

async function failure(
  folder: string,
  text: string,
  what: string,
  port?: number,
): Promise<TocsinError> {
  const free = await statfs(folder).then(
    ({ bavail, bsize }) => bavail * bsize,
    () => Number.POSITIVE_INFINITY,
  );
  if (free < FULL_BYTES || /No space left|Disk quota exceeded|Check free disk space/.test(text)) {
    return diskFull(folder);
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
  return new TocsinError('unavailable.postgres', `${what} in ${folder} does not start: ${tail}`);
}

function diskFull(folder: string): TocsinError {
  return new TocsinError(
    'unavailable.disk',
    `no disk space left for ${folder}: free some, or choose another data folder`,
  );
}

async function diskErrors<T>(dataDir: string, body: () => Promise<T>): Promise<T> {
  try {
    return await body();
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    if (code === 'ENOSPC' || code === 'EDQUOT') {
      throw diskFull(dataDir);
    }
    if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
      throw new TocsinError(
        'input.config',
        `the data folder ${dataDir} cannot be written (${messageOf(error)}): give one this user may write`,
      );
    }
    throw error;
  }
}

/**
 * The server of this cluster that runs now, if any. postmaster.pid holds the process in line 1 and
 * the port in line 4 (PostgreSQL manual, 66.1). After a restart of the machine the number may be
 * somebody else's process, which must not be stopped: the file is then stale and removed.
 */
export async function runningServer(
  cluster: Cluster,
): Promise<{ pid: number; port: number } | undefined> {
  const file = join(cluster.folder, 'postmaster.pid');
  const lines = (await readFile(file, 'utf8').catch(() => '')).split('\n');
  const pid = Math.abs(Number.parseInt(lines[0] ?? '', 10));
  const port = Number.parseInt(lines[3] ?? '', 10);
  if (!(pid > 0)) return undefined;
  if (await isPostgres(pid)) return port > 0 ? { pid, port } : { pid, port: 0 };
  await rm(file, { force: true });
  return undefined;
}

async function isPostgres(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'EPERM') return false;
  }
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(async () => {
    const { output } = await run('ps', ['-p', String(pid), '-o', 'command=']).catch(() => ({
      output: 'postgres',
    }));
    return output;
  });
  return command.includes('postgres');
}

/** Stops the server, fast, or at once when that does not help. Idempotent. */
export async function stopServer(cluster: Cluster): Promise<void> {
  for (const mode of ['fast', 'immediate']) {
    const args = ['stop', '-w', '-t', '60', '-m', mode, '-D', cluster.folder];
    const { code, output } = await run(cluster.binaries.pgCtl, args, cluster.user);
    if (code === 0 || /PID file .* does not exist|No such process/.test(output)) return;
  }
  throw new TocsinError(
    'unavailable.postgres',
    `the embedded Postgres in ${cluster.folder} does not stop: end the process in its postmaster.pid`,
  );
}

async function isCluster(folder: string): Promise<boolean> {
  return access(join(folder, 'PG_VERSION')).then(
    () => true,
    () => false,
  );
}
