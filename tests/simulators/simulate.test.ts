import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FAULT_KINDS } from '../../simulators/faults/types.js';
import { faultSpecs, loadScenario, scenarioDurationMs } from '../../simulators/scenario.js';
import { type SimulationSummary, simulate } from '../../simulators/simulate.js';
import { loadFeed } from '../../src/sources/feed-loader.js';
import { readFeedFile } from '../../src/sources/file-source.js';

const SCENARIOS = new URL('../../simulators/scenarios/', import.meta.url).pathname;
const TEXT = `version: 1
start: 2026-03-02
days: 1.5
sites: 12
subscribers: 400
faults:
  - {kind: transportCut, at: 1d2h7m, duration: 90m}
  - {kind: telemetryGap, at: 8h, duration: 1h}
`;

let folder = '';
let summary: SimulationSummary;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tocsin-simulate-'));
  await writeFile(join(folder, 's.yaml'), TEXT);
  summary = await write('a', 1);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function write(out: string, seed: number): Promise<SimulationSummary> {
  const scenario = loadScenario(join(folder, 's.yaml'));
  return simulate({ scenario, seed, out: join(folder, out) });
}

async function hashes(out: string): Promise<Record<string, string>> {
  const files = await readdir(join(folder, out), { recursive: true, withFileTypes: true });
  const found: Record<string, string> = {};
  for (const file of files.filter((each) => each.isFile())) {
    const bytes = await readFile(join(file.parentPath, file.name));
    found[file.name] = createHash('sha256').update(bytes).digest('hex');
  }
  return found;
}

async function lines(name: string): Promise<string[]> {
  return (await readFile(join(folder, 'a', name), 'utf8')).trim().split('\n');
}

describe('simulate', () => {
  it('writes every file of the contract, the same bytes for the same seed', async () => {
    const first = await hashes('a');
    expect(Object.keys(first).sort()).toEqual(
      [
        ...['telemetry.csv', 'alarms.ndjson', 'presence.csv', 'calls.csv', 'subscribers.csv'],
        ...['sites.csv', 'cells.csv', 'links.csv', 'neighbours.csv', 'works.csv', 'truth.csv'],
        ...['affected.csv', 'complaints.csv'],
        ...['alarms.yaml', 'calls.yaml', 'complaints.yaml', 'presence.yaml', 'telemetry.yaml'],
      ].sort(),
    );
    await write('b', 1);
    expect(await hashes('b')).toEqual(first);
    await write('c', 2);
    expect((await hashes('c'))['telemetry.csv']).not.toBe(first['telemetry.csv']);
  });

  it('writes truth whose cells are silent in the telemetry while it lasts', async () => {
    const truth = (await lines('truth.csv')).slice(1).map((line) => line.split(','));
    expect(truth.length).toBeGreaterThan(2);
    expect(new Set(truth.map(([incident]) => incident))).toEqual(new Set(['I1']));
    expect(truth[0]?.slice(2, 5)).toEqual([
      '2026-03-03T02:07:00Z',
      '2026-03-03T03:37:00Z',
      'transport',
    ]);
    const dead = new Set(truth.map(([, cell]) => cell));
    const telemetry = (await lines('telemetry.csv')).map((line) => line.split(','));
    const during = telemetry.filter(([time]) => time === '2026-03-03T02:30:00Z');
    expect(during.length).toBeGreaterThan(20);
    expect(during.filter(([, cell]) => dead.has(cell))).toEqual([]);
  });

  it('writes nothing during a telemetry gap', async () => {
    const telemetry = await lines('telemetry.csv');
    expect(telemetry.filter((line) => line.startsWith('2026-03-02T08:30:00Z'))).toEqual([]);
  });

  it.each(['telemetry', 'alarms', 'presence', 'calls'])(
    'writes %s so that its feed reads it without a reject',
    async (name) => {
      const feed = await loadFeed(join(folder, 'a', 'feeds', `${name}.yaml`));
      const letters: unknown[] = [];
      const file = join(folder, 'a', name === 'alarms' ? 'alarms.ndjson' : `${name}.csv`);
      let records = 0;
      for await (const fact of readFeedFile(file, feed, {
        source: 'file',
        deadLetters: { record: (letter) => void letters.push(letter) },
        aliases: { resolve: () => undefined, isKnown: () => true },
      })) {
        records +=
          fact.kind === 'reports' ? fact.block.rows : 'items' in fact ? fact.items.length : 0;
      }
      expect(letters).toEqual([]);
      const counts = {
        telemetry: summary.reports,
        alarms: summary.alarms,
        presence: summary.sightings,
        calls: records,
      };
      expect(records).toBe(counts[name as keyof typeof counts]);
      expect(records).toBeGreaterThan(0);
    },
  );

  it('refuses a scenario that is wrong with file, line, column and what is allowed', async () => {
    const bad = join(folder, 'bad.yaml');
    const refusal = async (text: string): Promise<string> => {
      await writeFile(bad, text);
      try {
        loadScenario(bad);
      } catch (error) {
        return String(error);
      }
      return 'taken';
    };
    expect(await refusal('version: 1\nfaults:\n  - {kind: fire, at: 1d, duration: 1h}\n')).toMatch(
      /bad\.yaml:3:\d+: key faults.* was "fire", allowed: .*sitePower/,
    );
    expect(
      await refusal('version: 1\nfaults:\n  - {kind: storm, at: soon, duration: 1h}\n'),
    ).toMatch(/bad\.yaml:3:\d+: .*"soon"/);
    expect(await refusal('version: 1\nsites: 2\nfaults: []\n')).toMatch(/bad\.yaml:2:\d+: .*4/);
    expect(await refusal('version: 1\nfaults: []\ncolour: red\n')).toMatch(
      /bad\.yaml:3:\d+: .*colour/,
    );
  });

  it('ships a scenario for every kind of fault, all of which load', async () => {
    const files = (await readdir(SCENARIOS)).filter((name) => name.endsWith('.yaml'));
    const kinds = new Set(
      files.flatMap((name) => faultSpecs(loadScenario(join(SCENARIOS, name))).map((f) => f.kind)),
    );
    expect(kinds).toEqual(new Set(FAULT_KINDS));
  });

  it('reads durations of several units', () => {
    expect(scenarioDurationMs('1d2h3m4s')).toBe((((24 + 2) * 60 + 3) * 60 + 4) * 1000);
    expect(scenarioDurationMs('90m')).toBe(5_400_000);
  });
});
