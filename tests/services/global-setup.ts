import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import {
  type EmbeddedPostgres,
  startEmbeddedPostgres,
} from '../../src/adapters/postgres/embedded.js';
import { migrate } from '../../src/adapters/postgres/migrate.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** asked for the test server's URLs; the server starts with the first question */
    testPostgresDoor: string;
  }
}

/** A migrated database to clone, and the URL of another one to clone it from. */
export interface TestServer {
  readonly url: string;
  readonly template: string;
}

const PREFIX = 'tocsin-test-postgres-';
/** Test data may be lost: no waiting for the disk. */
const FAST = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };

let embedded: EmbeddedPostgres | undefined;
let folder: string | undefined;
let running: Promise<TestServer> | undefined;

function withDatabase(url: string, database: string): string {
  const changed = new URL(url);
  changed.pathname = `/${database}`;
  return changed.href;
}

async function serverUrl(): Promise<string> {
  const given = process.env.TOCSIN_TEST_POSTGRES_URL;
  if (given !== undefined && given !== '') return given;
  folder = await mkdtemp(join(tmpdir(), `${PREFIX}${process.pid}-`));
  await chmod(folder, 0o755);
  embedded = await startEmbeddedPostgres({
    dataDir: join(folder, 'data'),
    settings: { ...FAST, max_connections: '300', shared_buffers: '128MB' },
  });
  return embedded.url;
}

async function start(): Promise<TestServer> {
  const url = await serverUrl();
  const template = `tocsin_template_${randomBytes(4).toString('hex')}`;
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(`create database ${template}`);
  await client.end();
  await migrate(withDatabase(url, template));
  return { url, template };
}

/** Removes what a test run that was killed left behind. */
async function sweep(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const pid = Number(name.startsWith(PREFIX) ? name.slice(PREFIX.length).split('-')[0] : '');
    if (pid > 0 && !isAlive(pid)) await removeServer(join(tmpdir(), name));
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function removeServer(path: string): Promise<void> {
  const left = await startEmbeddedPostgres({ dataDir: join(path, 'data') }).catch(() => undefined);
  await left?.stop();
  await rm(path, { recursive: true, force: true });
}

function openDoor(): Promise<{ server: Server; url: string }> {
  const server = createServer((_request, response) => {
    running ??= start();
    running.then(
      (found) => response.end(JSON.stringify(found)),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  return new Promise((done) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = address !== null && typeof address === 'object' ? address.port : 0;
      done({ server, url: `http://127.0.0.1:${port}/` });
    });
  });
}

async function dropTemplate({ url, template }: TestServer): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(`drop database if exists ${template} with (force)`);
  await client.end();
}

/** One Postgres server for the whole test run, started with the first test that asks for it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await sweep();
  const door = await openDoor();
  project.provide('testPostgresDoor', door.url);
  return async () => {
    door.server.closeAllConnections();
    door.server.close();
    const server = await running?.catch(() => undefined);
    if (server !== undefined && embedded === undefined) await dropTemplate(server);
    await embedded?.stop();
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  };
}
