import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const dir = mkdtempSync(join(tmpdir(), 'tocsin-bad-use-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

interface Outcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The command line as a person gives it; HOME lies in a folder of the test. */
function tocsin(...args: string[]): Promise<Outcome> {
  const env = { ...process.env, HOME: dir, INIT_CWD: dir };
  return new Promise((resolve) => {
    const argv = ['--import', 'tsx', 'src/main.ts', ...args];
    execFile(process.execPath, argv, { cwd: root, env }, (error, stdout, stderr) => {
      resolve({ exitCode: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
    });
  });
}

describe('bad use of the command line', { timeout: 60_000 }, () => {
  it.each([
    ['a value out of range', ['staff', '--calls', '-1'], /'-1' is invalid\. allowed: 0 or more$/],
    [
      'an operand that is missing',
      ['import', 'sites'],
      /argument 'file'; import <kind> <file> takes --database <url>, /,
    ],
    ['an unknown option', ['doctor', '--nosuch'], /'--nosuch'; doctor takes --config <file>, /],
    ['an unknown command', ['nosuch'], /'nosuch'; commands: start, doctor, /],
  ])('is one line and exit code 2 for %s', async (_what, args, said) => {
    const { exitCode, stdout, stderr } = await tocsin(...args);
    expect(exitCode).toBe(2);
    expect(stdout).toBe('');
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(stderr.trimEnd()).toMatch(said);
  });

  it('does not let the bytes of a binary file act on the terminal', async () => {
    const file = join(dir, 'binary.csv');
    writeFileSync(file, Buffer.from([0x1b, 0x5b, 0x33, 0x31, 0x6d, 0x07, 0xff, 0x00, 0x2c, 0x41]));
    const { exitCode, stderr } = await tocsin('detect', file, '--time', 'a', '--value', 'b');
    expect(exitCode).toBe(2);
    expect(stderr).toContain('--time a: no such column');
    expect([...stderr.trimEnd()].every((letter) => letter >= ' ')).toBe(true);
  });

  it('is a folder of rules that is not there', async () => {
    const file = join(dir, 'typo.yaml');
    writeFileSync(file, `dataDir: ${join(dir, 'none')}\nrules: ruels\nlogLevel: error\n`);
    const { exitCode, stderr } = await tocsin('start', '--config', file);
    expect(exitCode).toBe(2);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(stderr).toContain(`rules: ${join(dir, 'ruels')} is no folder: allowed is one with `);
    expect(existsSync(join(dir, 'none'))).toBe(false);
  });

  it('is no command at all', async () => {
    const { exitCode, stdout, stderr } = await tocsin();
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(
      /^tocsin: a command is needed: start, doctor, .*; --help explains them\n$/,
    );
  });

  it('is not --help, which prints what was asked for and ends well', async () => {
    const { exitCode, stdout, stderr } = await tocsin('--help');
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^Usage: tocsin/);
  });

  it('makes no database for an import of a file that is not there', async () => {
    const data = join(dir, 'data');
    writeFileSync(join(dir, 'tocsin.yaml'), `dataDir: ${data}\n`);
    const flags = ['--config', join(dir, 'tocsin.yaml')];
    const { exitCode, stderr } = await tocsin('import', 'sites', 'none.csv', ...flags);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(`${join(dir, 'none.csv')}: cannot be read`);
    expect(existsSync(data)).toBe(false);
  });

  it('tells of a port in use before the demo makes a database', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const data = join(dir, 'never-made');
    const { exitCode, stderr } = await tocsin('start', '--port', `${port}`, '--data-dir', data);
    server.close();
    expect(exitCode).toBe(2);
    expect(stderr).toContain(`port ${port} on 127.0.0.1`);
    expect(existsSync(data)).toBe(false);
  });
});
