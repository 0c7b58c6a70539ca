import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const dir = mkdtempSync(join(tmpdir(), 'tocsin-backtest-'));
afterAll(() => rmSync(dir, { recursive: true }));

interface Outcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

function backtest(lines: readonly string[]): Promise<Outcome> {
  writeFileSync(join(dir, 'calls.csv'), lines.join('\n'));
  const args = ['backtest', 'calls.csv', '--interval', '2h', '--horizon', '1d', '--json'];
  const env = { ...process.env, INIT_CWD: dir };
  return new Promise((resolve) => {
    const argv = ['--import', 'tsx', 'src/main.ts', ...args];
    execFile(process.execPath, argv, { cwd: root, env }, (error, stdout, stderr) => {
      resolve({ exitCode: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
    });
  });
}

/** Rows of an hour each; 40 calls by day, 4 at night. */
function rows(days: number, minutes = 60, of?: (n: number) => number): string[] {
  const start = Date.parse('2026-03-02T00:00Z');
  return Array.from({ length: (days * 1440) / minutes }, (_, n) => {
    const time = new Date(start + n * minutes * 60_000).toISOString().slice(0, 16);
    const hour = Number(time.slice(11, 13));
    return `${time},${of ? of(n) : hour < 7 ? 4 : 40 + ((n * 7) % 11)}`;
  });
}

/** Every figure of the model is null or a number of 0 or more. */
function figuresOf({ stdout, exitCode, stderr }: Outcome) {
  expect(exitCode, stderr).toBe(0);
  const { model, ...rest } = JSON.parse(stdout);
  const { weights, ...figures } = model;
  for (const each of [...Object.values(figures), ...Object.values(weights)]) {
    if (each !== null) expect(each).toBeGreaterThanOrEqual(0);
  }
  return { ...rest, model };
}

describe('a backtest of bad input', { timeout: 60_000 }, () => {
  it('leaves out what is no count, names each by file and line, and says which repeat stands', async () => {
    // gaps of an hour and of four days
    const good = rows(35).filter((_, n) => n % 17 > 0 && !(n > 400 && n < 500));
    const bad = [
      '2026-03-03T10:00,-4',
      '2026-03-03T11:00,NaN',
      'yesterday,7',
      '2026-03-04T10:00,',
      '2026-03-05T10:00,3.5',
      '2026-03-06T10:00,900000',
    ];
    const outcome = await backtest(['time,calls', ...good, ...bad]);
    const first = good.length + 2;
    const said = outcome.stderr.trimEnd().split('\n');
    expect(said.slice(0, 4)).toEqual([
      `left out: ${join(dir, 'calls.csv')}:${first}: calls "-4" is not a number of 0 or more`,
      `left out: ${join(dir, 'calls.csv')}:${first + 1}: calls "NaN" is not a number of 0 or more`,
      `left out: ${join(dir, 'calls.csv')}:${first + 2}: time "yesterday" is not local ISO 8601`,
      `left out: ${join(dir, 'calls.csv')}:${first + 3}: calls "" is not a number of 0 or more`,
    ]);
    expect(said[4]).toMatch(
      /^the last one stands: .*:\d+: 2026-03-05T10:00 had \d+ calls.*has 3\.5/,
    );
    // a spike of a thousand times is not learnt
    expect(figuresOf(outcome).model.wape).toBeLessThan(0.2);
  });

  it.each([
    ['two weeks only', rows(14), (wape: number | null) => expect(wape).toBeLessThan(0.2)],
    ['all zeros', rows(28, 60, () => 0), (wape: number | null) => expect(wape).toBeNull()],
  ])('forecasts from %s', async (_, lines, check) => {
    check(figuresOf(await backtest(['time,calls', ...lines])).model.wape);
  });

  it.each([
    ['rows that do not divide a day', rows(14, 7), /calls\.csv: rows are 420 s apart, .*allowed/],
    ['one row', rows(1).slice(0, 1), /calls\.csv: 1 row is no history/],
  ])('is refused in one line for %s', async (_, lines, said) => {
    const { exitCode, stderr } = await backtest(['time,calls', ...lines]);
    expect(exitCode).toBe(2);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(stderr).toMatch(said);
  });
});
