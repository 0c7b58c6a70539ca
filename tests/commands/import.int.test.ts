import { spawn } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { databaseFromFlags, openDatabase } from '../../src/commands/database.js';
import { registerImport } from '../../src/commands/import.js';
import { type TestDatabase, testDatabase } from '../services/postgres.js';

let database: TestDatabase;
let folder: string;
beforeAll(async () => {
  database = await testDatabase();
  folder = await mkdtemp(join(tmpdir(), 'tocsin-command-'));
  await chmod(folder, 0o755);
});
afterAll(async () => {
  await database.close();
  await rm(folder, { recursive: true, force: true });
});

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Runs the command as a person in `folder` would. */
async function tocsin(args: string[], environment: Record<string, string> = {}) {
  const child = spawn(process.execPath, ['--import', 'tsx', join(root, 'src/main.ts'), ...args], {
    cwd: root,
    env: { ...process.env, INIT_CWD: folder, ...environment },
  });
  const text = { out: '', err: '' };
  child.stdout.on('data', (chunk: Buffer) => {
    text.out += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    text.err += chunk.toString();
  });
  const code = await new Promise((done) => child.once('close', done));
  return { code, ...text };
}

test('imports a file named from the folder of the caller, and prints one JSON document', async () => {
  await writeFile(join(folder, 'sites.csv'), 'site_id,lat,lon\nS1,48,-1\nS2,999,-1\n');
  const config = join(folder, 'tocsin.yaml');
  await writeFile(config, `phoneSecret: sixteen-characters\ndataDir: ${join(folder, 'd')}\n`);
  const args = ['import', 'sites', 'sites.csv', '--config', 'tocsin.yaml'];
  const first = await tocsin([...args, '--json', '--database', database.url]);
  expect(first).toMatchObject({ code: 0, err: '' });
  expect(JSON.parse(first.out)).toMatchObject({
    kind: 'sites',
    rows: 2,
    inserted: 1,
    rejected: 1,
    rejectsFile: join(folder, 'sites.rejects.csv'),
  });
  const again = await tocsin(args, { TOCSIN_DATABASE_URL: database.url });
  expect(again.out).toContain(
    'sites: 2 rows, 0 new, 0 updated, 1 unchanged, 1 rejected\n  line 3: lat',
  );
  expect(await readFile(join(folder, 'sites.rejects.csv'), 'utf8')).toContain('3,"lat was ""999""');
});

test('bad use ends with 2 and one line', async () => {
  const { code, err, out } = await tocsin(['import', 'towers', 'x.csv']);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toMatch(/^tocsin: cannot import "towers", allowed: sites, cells, links,.*\n$/);
});

test.each([
  [['sites', '/absent.csv'], 'input.file', '/absent.csv: cannot be read: ENOENT'],
  [['sites', 'x.csv', '--database', 'mysql://x'], 'input.option', 'allowed: postgres://user:pass'],
  [
    ['sites', 'x.csv', '--region', 'XX'],
    'input.option',
    'region "XX" is unknown, allowed: a country',
  ],
])('refuses %j', async (args, code, message) => {
  await writeFile(join(folder, 'x.csv'), 'site_id,lat,lon\nS1,48,-1\n');
  const program = new Command();
  registerImport(program);
  const paths = args.map((each) => (each === 'x.csv' ? join(folder, each) : each));
  const given = args.includes('--database') ? paths : [...paths, '--database', database.url];
  // a folder of its own, for the secret that is made when there is none
  const config = join(folder, 'own.yaml');
  await writeFile(config, 'dataDir: ./own\n');
  const running = program.parseAsync(['node', 'tocsin', 'import', ...given, '--config', config]);
  await expect(running).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
});

test('without any database it uses the embedded one and keeps its secret', async () => {
  const dataDir = join(folder, 'data');
  const first = await openDatabase({ dataDir });
  expect(first.dataDir).toBe(dataDir);
  const secretFile = join(dataDir, 'phone-secret');
  expect(first.phoneSecret).toMatch(/^[0-9a-f]{64}$/);
  expect((await stat(secretFile)).mode & 0o077).toBe(0);
  await first.close();
  const second = await openDatabase({ dataDir });
  expect(second.phoneSecret).toBe(first.phoneSecret);
  await second.close();
});

test('the flag wins over the environment, which wins over the file', async () => {
  const config = join(folder, 'c.yaml');
  await writeFile(config, 'database:\n  url: postgres://file/db\ndataDir: ./data\n');
  const before = process.env.TOCSIN_DATABASE_URL;
  process.env.TOCSIN_DATABASE_URL = 'postgres://environment/db';
  expect(databaseFromFlags({ database: 'postgres://flag/db', config }).url).toBe(
    'postgres://flag/db',
  );
  expect(databaseFromFlags({ config }).url).toBe('postgres://environment/db');
  delete process.env.TOCSIN_DATABASE_URL;
  expect(databaseFromFlags({ config })).toMatchObject({
    url: 'postgres://file/db',
    dataDir: join(folder, 'data'),
  });
  if (before !== undefined) process.env.TOCSIN_DATABASE_URL = before;
});
