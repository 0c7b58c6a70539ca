import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { registerScore } from '../../src/commands/score.js';

const HEADER = 'incident_id,cell_id,started_at,ended_at,cause_kind,cause_id';
const REPLAY = {
  samples: 1,
  objects: 1,
  cells: 1000,
  from: '2026-03-02T00:00:00Z',
  to: '2026-03-03T00:00:00Z',
  anomalies: [],
  incidents: [
    {
      id: 'R1',
      state: 'closed',
      startedAt: '2026-03-02T10:00:00Z',
      detectedAt: '2026-03-02T10:10:00Z',
      endedAt: '2026-03-02T11:00:00Z',
      cells: ['a'],
      cause: { kind: 'cell', id: 'a', probability: 1, candidates: [] },
    },
  ],
};

let folder = '';
const file = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'score-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function score(...args: string[]): Promise<string> {
  const program = new Command().exitOverride();
  registerScore(program);
  let text = '';
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    text += String(chunk);
    return true;
  });
  try {
    await program.parseAsync(['node', 'tocsin', 'score', ...args]);
  } finally {
    write.mockRestore();
  }
  return text;
}

describe('tocsin score', () => {
  const truthRow = 'I1,a,2026-03-02T10:05:00Z,2026-03-02T11:00:00Z,cell,a';

  it('prints the documented JSON', async () => {
    const replay = file('ok.json', JSON.stringify(REPLAY));
    const truth = file('ok.csv', `${HEADER}\n${truthRow}\n`);
    expect(JSON.parse(await score(replay, truth, '--json'))).toEqual({
      precision: 1,
      recall: 1,
      f1: 1,
      medianDelaySeconds: 300,
      adjustedRandIndex: 1,
      rightCauseFirst: 1,
      falseIncidentsPer1000CellDays: 0,
    });
  });

  it('names what was found, missed and false for people', async () => {
    const replay = file('people.json', JSON.stringify(REPLAY));
    const row = 'I2,b,2026-03-02T10:05:00Z,,,';
    const truth = file('people.csv', `${HEADER}\n${row}\n`);
    const text = await score(replay, truth);
    expect(text).toContain('missed  I2');
    expect(text).toContain('false   R1');
  });

  it('reads a truth without causes', async () => {
    const replay = file('plain.json', JSON.stringify(REPLAY));
    const truth = file(
      'plain.csv',
      'incident_id,cell_id,started_at,ended_at\nI1,a,2026-03-02T10:05:00Z,2026-03-02T11:00:00Z\n',
    );
    expect(JSON.parse(await score(replay, truth, '--json')).rightCauseFirst).toBeNull();
  });

  it.each([
    ['a column is missing', 'incident_id,cell_id,started_at\n', /column ended_at is missing/],
    ['a time is none', `${HEADER}\nI1,a,soon,,,\n`, /row 1: started_at was "soon", allowed: ISO/],
    [
      'it ends before it begins',
      `${HEADER}\nI1,a,2026-03-02T10:00:00Z,2026-03-01T10:00:00Z,,\n`,
      /row 1: ended_at .* is before started_at/,
    ],
    ['an incident has no id', `${HEADER}\n,a,2026-03-02T10:00:00Z,,,\n`, /incident_id is empty/],
  ])('refuses a truth where %s', async (_, text, message) => {
    const replay = file('good.json', JSON.stringify(REPLAY));
    await expect(score(replay, file('bad.csv', text))).rejects.toThrow(message);
  });

  it('refuses a replay that is none', async () => {
    const truth = file('t.csv', `${HEADER}\n${truthRow}\n`);
    await expect(score(file('x.json', '{"cells":'), truth)).rejects.toThrow(/cannot be read/);
    await expect(score(file('y.json', '{"cells":1}'), truth)).rejects.toThrow(/tocsin replay/);
  });
});
