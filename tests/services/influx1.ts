import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { available } from './require.js';

const BINARY = '/usr/bin/influxd';
const GIVEN = process.env.TOCSIN_TEST_INFLUX1_URL;
const START_TRIES = 300;

/** Whether tests on InfluxDB 1.x can run here; says how to enable them when not. */
export const hasInflux1 = available(
  'influxdb',
  GIVEN !== undefined || existsSync(BINARY),
  'apt-get install influxdb (its service need not run), or set TOCSIN_TEST_INFLUX1_URL',
);

/** A real InfluxDB 1.x. `stop` ends it when it is ours, and forgets its data. */
export interface Influx1 {
  readonly url: string;
  /** Runs InfluxQL such as CREATE DATABASE. @throws when it is refused */
  manage(query: string): Promise<void>;
  /** Writes line protocol. @throws when it is refused */
  write(database: string, lines: string): Promise<void>;
  /** Stops and starts our own server on the same port and data. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts Debian's influxd on free ports with its files in a folder of its own, or uses the server
 * of TOCSIN_TEST_INFLUX1_URL.
 * @param auth with it, queries need the user `root` and password `secret`
 */
export async function startInflux1(auth = false): Promise<Influx1> {
  if (GIVEN !== undefined && !auth) return client(GIVEN, undefined);
  const folder = await mkdtemp(join(tmpdir(), 'tocsin-influx-'));
  const [http, rpc] = [await freePort(), await freePort()];
  const config = join(folder, 'influxdb.conf');
  await writeFile(config, configOf(folder, http, rpc, auth));
  const server = new Server(config, `http://127.0.0.1:${http}`, folder);
  await server.start();
  return client(server.url, server);
}

function client(url: string, server: Server | undefined): Influx1 {
  const post = async (path: string, body: string, form: boolean): Promise<void> => {
    const answer = await fetch(`${url}${path}`, {
      method: 'POST',
      body,
      headers: form ? { 'content-type': 'application/x-www-form-urlencoded' } : {},
    });
    const text = await answer.text();
    if (!answer.ok || text.includes('"error"'))
      throw new Error(`influxd: ${answer.status} ${text}`);
  };
  const own = (): Server => {
    if (server === undefined) throw new Error('a server that is not ours is not stopped');
    return server;
  };
  return {
    url,
    manage: (query) => post('/query', new URLSearchParams({ q: query }).toString(), true),
    write: (database, lines) => post(`/write?db=${encodeURIComponent(database)}`, lines, false),
    pause: () => own().kill(),
    resume: () => own().start(),
    stop: async () => server?.destroy(),
  };
}

class Server {
  readonly url: string;
  readonly #config: string;
  readonly #folder: string;
  #process: ChildProcess | undefined;

  constructor(config: string, url: string, folder: string) {
    this.#config = config;
    this.url = url;
    this.#folder = folder;
  }

  async start(): Promise<void> {
    const child = spawn(BINARY, ['-config', this.#config], { stdio: 'ignore' });
    this.#process = child;
    for (let tries = 0; tries < START_TRIES; tries++) {
      if (child.exitCode !== null) throw new Error(`influxd ended with ${child.exitCode}`);
      const answer = await fetch(`${this.url}/ping`).catch(() => undefined);
      if (answer?.status === 204) return;
      await delay(100);
    }
    await this.destroy();
    throw new Error('influxd did not answer in time');
  }

  async kill(): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (child === undefined || child.exitCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
  }

  async destroy(): Promise<void> {
    await this.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

function configOf(folder: string, http: number, rpc: number, auth: boolean): string {
  return `
reporting-disabled = true
bind-address = "127.0.0.1:${rpc}"
[meta]
  dir = "${folder}/meta"
[data]
  dir = "${folder}/data"
  wal-dir = "${folder}/wal"
  query-log-enabled = false
[monitor]
  store-enabled = false
[http]
  bind-address = "127.0.0.1:${http}"
  auth-enabled = ${auth}
  log-enabled = false
[logging]
  level = "error"
  suppress-logo = true
`;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  return address.port;
}
