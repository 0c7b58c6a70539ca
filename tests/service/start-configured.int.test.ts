import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { stringify } from 'yaml';
import { freePort } from '../../src/adapters/postgres/embedded.js';
import type { Started } from '../../src/commands/start.js';
import { runConfigured } from '../../src/service/start-configured.js';
import { ServiceProcess } from '../e2e/service-process.js';
import { Door } from '../services/door.js';
import { type TestDatabase, testDatabase } from '../services/postgres.js';

const TOKEN = 'write-token-of-the-test';
const PATIENCE = { timeout: 50_000, interval: 50 };

let folder: string;
let database: TestDatabase;
let door: Door;
let started: Started | undefined;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tocsin-start-'));
  database = await testDatabase();
  door = await Door.before(database.url);
});

afterEach(async () => {
  vi.restoreAllMocks();
  await started?.stop();
  started = undefined;
  await door.shut();
});

afterAll(async () => {
  await database.close();
  await rm(folder, { recursive: true, force: true });
});

/** Writes a configuration. @returns its path and where the service will be */
async function configured(url: string, port?: number): Promise<{ file: string; base: string }> {
  const own = port ?? (await freePort());
  const file = join(folder, `tocsin-${own}.yaml`);
  const config = {
    database: { url },
    phoneSecret: '0'.repeat(64),
    server: { port: own, writeTokens: [TOKEN] },
    tick: '100ms',
    logLevel: 'error',
  };
  await writeFile(file, stringify(config));
  return { file, base: `http://127.0.0.1:${own}` };
}

interface HealthBody {
  components: { name: string; status: string; reason?: string }[];
}

async function postgresAt(base: string) {
  const response = await fetch(`${base}/health`);
  const { components } = (await response.json()) as HealthBody;
  return { code: response.status, ...components.find(({ name }) => name === 'postgres') };
}

const push = (base: string): Promise<Response> =>
  fetch(`${base}/api/v2/write?precision=s`, {
    method: 'POST',
    headers: { authorization: `Token ${TOKEN}` },
    body: `cell_kpi,cell=A1 rrcAttempts=100,rrcSuccesses=99 ${Math.floor(Date.now() / 1000)}`,
  });

describe('a service whose database is away at the start', () => {
  it('answers at once, says why it is down, and begins when the database does', async () => {
    const said: string[] = [];
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => said.push(String(text)) > 0);
    const { file, base } = await configured(door.url);
    started = await runConfigured(file);
    await vi.waitFor(async () => {
      const down = { code: 503, status: 'down', reason: 'away: ECONNREFUSED' };
      expect(await postgresAt(base)).toMatchObject(down);
    }, PATIENCE);
    expect((await fetch(`${base}/metrics`)).status).toBe(200);
    const refused = await push(base);
    expect(refused.status).toBe(503);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(said.join('')).not.toContain('To sign in');

    await door.open();

    await vi.waitFor(() => expect(said.join('')).toContain('To sign in'), PATIENCE);
    expect(await postgresAt(base)).toMatchObject({ status: 'up' });
    expect([204, 400]).toContain((await push(base)).status);
    await vi.waitFor(async () => {
      const { rows } = await database.pool.query('select 1 from shard_watermarks');
      expect(rows).not.toHaveLength(0);
    }, PATIENCE);
  });

  it('ends cleanly on a signal while it waits', async () => {
    const { file, base } = await configured(door.url);
    const service = new ServiceProcess(['--config', file]);
    service.begin();
    await service.until(async () => {
      expect(await postgresAt(base)).toMatchObject({ status: 'down' });
    }, PATIENCE);
    expect(await service.stop()).toBe(0);
    expect(service.said).toContain('stopped');
  });

  it('refuses what waiting cannot mend', async () => {
    const away = new URL(database.url);
    away.pathname = '/no_such_database';
    const { file } = await configured(away.href);
    started = await runConfigured(file);
    await expect(started.failed).rejects.toThrow('no_such_database');
  });
});

it('says that it is in shadow mode, and why, when no gateway is configured', async () => {
  const said: string[] = [];
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => said.push(String(text)) > 0);
  const { file, base } = await configured(database.url);
  started = await runConfigured(file);
  await vi.waitFor(() => expect(said.join('')).toContain('/sign-in?token='), PATIENCE);
  const link = /http\S+sign-in\?token=\S+/.exec(said.join(''))?.[0] ?? '';
  const signedIn = await fetch(link, { redirect: 'manual' });
  const cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? '';
  const switches = await fetch(`${base}/api/v1/switches`, { headers: { cookie } });
  expect(await switches.json()).toMatchObject({
    shadow: true,
    shadowWhy: 'no gateway is configured to send with',
  });
});

describe('a second service on one database', () => {
  it('stands by, says so, and takes over at once when the first is killed', async () => {
    const leaderAt = async (base: string) => {
      const { components } = (await (await fetch(`${base}/health`)).json()) as HealthBody;
      return components.find(({ name }) => name === 'leader');
    };
    const one = await configured(database.url);
    const first = new ServiceProcess(['--config', one.file]);
    first.begin();
    await first.until(async () => {
      expect(await leaderAt(one.base)).toMatchObject({ status: 'up' });
    }, PATIENCE);
    const two = await configured(database.url);
    const second = new ServiceProcess(['--config', two.file]);
    second.begin();
    try {
      await second.until(async () => {
        const standby = { status: 'degraded', reason: 'standing by' };
        expect(await leaderAt(two.base)).toMatchObject(standby);
      }, PATIENCE);
      expect((await push(two.base)).status).toBe(503);
      await first.kill();
      await second.until(async () => {
        expect(await leaderAt(two.base)).toMatchObject({ status: 'up' });
      }, PATIENCE);
      expect(await second.stop()).toBe(0);
    } finally {
      await first.kill();
      await second.kill();
    }
  });
});

it('names a port in use at once, before any database is asked', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  try {
    await new Promise((done) => taken.once('listening', done));
    const address = taken.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    const { file } = await configured(door.url, port);
    await expect(runConfigured(file)).rejects.toMatchObject({
      code: 'input.config',
      message: expect.stringContaining(`port ${port} on 127.0.0.1 is taken`),
    });
  } finally {
    taken.close();
  }
});
