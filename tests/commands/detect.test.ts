import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { registerDetect } from '../../src/commands/detect.js';

let folder = '';
const file = (text: string): string => {
  const path = join(folder, 'series.csv');
  writeFileSync(path, text);
  return path;
};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'detect-'));
});
afterEach(() => vi.restoreAllMocks());
afterAll(() => rmSync(folder, { recursive: true }));

async function detect(...args: string[]): Promise<string> {
  let printed = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += String(text);
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const program = new Command().exitOverride();
  registerDetect(program);
  await program.parseAsync(['node', 'tocsin', 'detect', ...args]);
  return printed;
}

const columns = ['--time', 'at', '--value', 'kpi'];
const value = (i: number): number => 50 + ((i * 7919) % 13) - (i === 90 ? 45 : 0);
const rows = (n: number, time: (i: number) => string): string =>
  `at,cell,kpi\n${Array.from({ length: n }, (_, i) => `${time(i)},x,${value(i)}\n`).join('')}`;
const epoch = (i: number): string => String(1_770_000_000 + i * 900);

describe('tocsin detect', () => {
  it('prints one row per data row, time and value as given, worst where it fell', async () => {
    const lines = (await detect(file(rows(120, epoch)), ...columns)).trimEnd().split('\n');
    expect(lines[0]).toBe('time,value,score');
    expect(lines).toHaveLength(121);
    expect(lines[1]).toBe(`${epoch(0)},${value(0)},0`);
    const scores = lines.slice(1).map((line) => Number(line.split(',')[2]));
    expect(scores.indexOf(Math.max(...scores))).toBe(90);
    expect(scores.every((score) => Number(score.toPrecision(9)) === score)).toBe(true);
  });

  it('reads every spelling of the same times alike', async () => {
    const ms = (i: number): number => Number(epoch(i)) * 1000;
    const iso = (i: number): string => new Date(ms(i)).toISOString();
    const scores = async (time: (i: number) => string): Promise<unknown[]> =>
      (await detect(file(rows(100, time)), ...columns))
        .split('\n')
        .map((line) => line.split(',')[2]);
    const plain = await scores(epoch);
    expect(await scores((i) => String(ms(i)))).toEqual(plain);
    expect(await scores(iso)).toEqual(plain);
    expect(await scores((i) => iso(i).slice(0, 19).replace('T', ' '))).toEqual(plain);
    expect(await scores((i) => iso(i).replace('Z', '+00:00'))).toEqual(plain);
  });

  it('gives the rows of a cut file the same scores', async () => {
    const whole = await detect(file(rows(200, epoch)), ...columns);
    const cut = await detect(file(rows(77, epoch)), ...columns);
    expect(whole.startsWith(cut)).toBe(true);
  });

  it('leaves the score empty where time or value cannot be read, and goes on', async () => {
    const text =
      'at,kpi\nnever,1\n1770000000,\n1770000900,1e400\n1770001800,NaN\n1770002700,n/a\n1770003600\n1770004500," 1.5"\n';
    expect(await detect(file(text), ...columns)).toBe(
      'time,value,score\nnever,1,\n1770000000,,\n1770000900,1e400,\n1770001800,NaN,\n1770002700,n/a,\n1770003600,,\n1770004500, 1.5,0\n',
    );
  });

  it('reads other delimiters and quotes what needs it', async () => {
    const text = 'at;kpi\n2026-03-02 10:00;"1,5"\n2026-03-02 11:00;2\n2026-02-30 11:00;2\n';
    expect(await detect(file(text), ...columns)).toBe(
      'time,value,score\n2026-03-02 10:00,"1,5",\n2026-03-02 11:00,2,0\n2026-02-30 11:00,2,\n',
    );
  });

  it('prints a JSON document of rows', async () => {
    const text = 'at,kpi\n1770000000,3\n1770000900,\n';
    expect(JSON.parse(await detect(file(text), ...columns, '--json'))).toEqual({
      rows: [
        { time: '1770000000', value: '3', score: 0 },
        { time: '1770000900', value: '', score: null },
      ],
    });
  });

  it('prints the header alone for a file without rows', async () => {
    expect(await detect(file('at,kpi\n'), ...columns)).toBe('time,value,score\n');
  });

  it('refuses a missing file, an empty one, a folder and a missing column', async () => {
    const missing = join(folder, 'none.csv');
    await expect(detect(missing, ...columns)).rejects.toMatchObject({ code: 'input.file' });
    await expect(detect(folder, ...columns)).rejects.toMatchObject({ code: 'input.file' });
    await expect(detect(file(''), ...columns)).rejects.toMatchObject({ code: 'input.file' });
    await expect(detect(file('a,b\n1,2\n'), ...columns)).rejects.toMatchObject({
      code: 'input.option',
      message: '--time at: no such column; the file has a, b',
    });
  });
});
