import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  type EmbeddedPostgres,
  freePort,
  startEmbeddedPostgres,
} from '../../../src/adapters/postgres/embedded.js';
import { JournalIntake } from '../../../src/adapters/postgres/intake.js';
import { PostgresJournal } from '../../../src/adapters/postgres/journal.js';
import { migrate } from '../../../src/adapters/postgres/migrate.js';
import { connectDirect, createPool } from '../../../src/adapters/postgres/pool.js';
import type { Fact } from '../../../src/domain/facts.js';

const isRoot = process.getuid?.() === 0;
const FAST = { fsync: 'off', shared_buffers: '16MB', max_wal_size: '64MB' };

let folder: string;
let dataDir: string;
let running: EmbeddedPostgres[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tocsin-embedded-'));
  await chmod(folder, 0o755);
  dataDir = join(folder, 'data');
});
afterEach(async () => {
  for (const server of running) await server.stop();
  running = [];
  await rm(folder, { recursive: true, force: true });
});

async function start(more: object = {}): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres({ dataDir, settings: FAST, ...more });
  running.push(server);
  return server;
}

async function ask(url: string, sql: string): Promise<unknown[]> {
  const client = await connectDirect(url, 'test');
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

const postmaster = async (): Promise<number> =>
  Number.parseInt(await readFile(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8'), 10);

test('keeps its data over a stop, asks for a password, listens on loopback alone', async () => {
  const first = await start();
  await ask(first.url, 'create table kept as select 42 as answer');
  await first.stop();
  await first.stop();
  await expect(ask(first.url, 'select 1')).rejects.toMatchObject({ code: 'unavailable.postgres' });
  const second = await start();
  expect(await ask(second.url, 'select answer from kept')).toEqual([{ answer: 42 }]);
  expect(await ask(second.url, 'show listen_addresses')).toEqual([
    { listen_addresses: '127.0.0.1' },
  ]);
  const wrong = second.url.replace(/:[0-9a-f]{48}@/, ':wrong@');
  await expect(ask(wrong, 'select 1')).rejects.toMatchObject({ code: '28P01' });
  expect((await stat(join(dataDir, 'postgres', 'tocsin-password'))).mode & 0o077).toBe(0);
});

test('adopts the server that a killed process left behind, with its data', async () => {
  const script = fileURLToPath(new URL('./hold-server.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', script, dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const url = line.toString().trim();
  await ask(url, 'create table kept as select 42 as answer');
  const pid = await postmaster();
  child.kill('SIGKILL');
  await once(child, 'exit');
  const said: string[] = [];
  const server = await start({ log: (text: string) => said.push(text) });
  expect(await postmaster()).toBe(pid);
  expect(said).toEqual([`using the embedded Postgres that already runs (process ${pid})`]);
  expect(await ask(server.url, 'select answer from kept')).toEqual([{ answer: 42 }]);
  await server.stop();
  await expect(postmaster()).rejects.toThrow('ENOENT');
});

test('starts the server again, on its port, when it dies', async () => {
  const first = await start();
  await ask(first.url, 'create table kept as select 42 as answer');
  const pid = await postmaster();
  const watch = await connectDirect(first.url, 'watch');
  const gone = new Promise((resolve) => watch.once('end', resolve));
  process.kill(pid, 'SIGKILL');
  await gone;
  await expect
    .poll(() => ask(first.url, 'select answer from kept').catch(() => undefined), {
      timeout: 30_000,
    })
    .toEqual([{ answer: 42 }]);
  expect(await postmaster()).not.toBe(pid);
});

test('takes a pid file that names a process of somebody else for stale', async () => {
  const first = await start();
  const { port } = new URL(first.url);
  await first.stop();
  const other = spawn('sleep', ['600']);
  const lines = [other.pid, join(dataDir, 'postgres'), 1, port, '', '127.0.0.1', '', 'ready'];
  await writeFile(join(dataDir, 'postgres', 'postmaster.pid'), `${lines.join('\n')}\n`);
  await start();
  expect(await postmaster()).not.toBe(other.pid);
  expect(other.exitCode).toBeNull();
  other.kill();
  await once(other, 'exit');
});

test('is shared by two users of the folder and stopped by the last', async () => {
  const first = await start();
  const second = await start();
  expect(second.url).toBe(first.url);
  await first.stop();
  expect(await ask(second.url, 'select 1 as one')).toEqual([{ one: 1 }]);
  await second.stop();
  await expect(ask(second.url, 'select 1')).rejects.toMatchObject({ retryable: true });
});

test('names a port that is in use', async () => {
  const blocker = createServer().listen(0, '127.0.0.1');
  await once(blocker, 'listening');
  const { port } = blocker.address() as { port: number };
  await expect(start({ port })).rejects.toMatchObject({
    code: 'input.config',
    message: expect.stringContaining(`port ${port} on 127.0.0.1 is in use: stop what uses it`),
  });
  blocker.close();
});

test('says why it does not start', async () => {
  await expect(start({ settings: { shared_buffers: 'plenty' } })).rejects.toMatchObject({
    code: 'unavailable.postgres',
    message: expect.stringMatching(/does not start: .*shared_buffers/),
  });
});

test.runIf(isRoot)('names the folder that user postgres may not enter', async () => {
  await chmod(folder, 0o700);
  await expect(start()).rejects.toMatchObject({
    code: 'input.config',
    message: expect.stringContaining(`who may not enter ${folder}: choose a folder such as`),
  });
});

test.runIf(isRoot)('says so when the disk is full', async (context) => {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=20m,mode=755', 'tmpfs', folder], {
      stdio: 'ignore',
    });
  } catch {
    return context.skip('a small file system cannot be mounted here');
  }
  try {
    await expect(start()).rejects.toMatchObject({
      code: 'unavailable.disk',
      message: expect.stringContaining('no disk space left'),
    });
  } finally {
    execFileSync('umount', [folder]);
  }
});

test('the intake refuses retryably while the server is away and goes on when it is back', async () => {
  const port = await freePort();
  const first = await start({ port });
  await migrate(first.url);
  const pool = createPool(first.url);
  const journal = new PostgresJournal(pool);
  const intake = new JournalIntake(journal, { shards: 1 });
  const tick = (nowMs: number): Fact => ({ kind: 'tick', nowMs });
  await intake.accept([tick(1)], { source: 's', position: 1 });
  await first.stop();
  for (let attempt = 2; attempt < 5; attempt++) {
    await expect(
      intake.accept([tick(attempt)], { source: 's', position: attempt }),
    ).rejects.toMatchObject({ code: 'unavailable.postgres', retryable: true });
  }
  await expect(journal.read('control', -1, 10)).rejects.toMatchObject({ retryable: true });
  expect(intake.queuedBytes).toBe(0);
  await start({ port });
  await intake.accept([tick(5)], { source: 's', position: 5 });
  expect((await journal.read('control', -1, 10)).map(({ fact }) => fact)).toEqual([
    tick(1),
    tick(5),
  ]);
  expect(await intake.position('s')).toBe(5);
  await pool.end();
});
