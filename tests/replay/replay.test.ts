import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadYaml } from '../../src/adapters/rules/load-yaml.js';
import { createCorrelate } from '../../src/correlate/correlate.js';
import { CorrelationRules } from '../../src/correlate/rules.js';
import { createDetect } from '../../src/detect/detect.js';
import type { Alarm } from '../../src/domain/alarm.js';
import type { Fact } from '../../src/domain/facts.js';
import { replay } from '../../src/replay.js';
import { findReplayInput, sitesFromFeeds } from '../../src/replay-input.js';
import { ReplayReporter } from '../../src/replay-report.js';
import { readTopologyFiles } from '../../src/replay-topology.js';
import { loadKpiRules } from '../../src/sources/feed-loader.js';
import {
  blockOf,
  DAY_MS,
  HOUR_MS,
  laneOf,
  randomOf,
  rulesWith,
  START_MS,
} from '../detect/world.js';

const LANE = laneOf(
  {
    availability: { kind: 'gauge', unit: 'ratio', range: [0, 1], bad: 'low', role: 'availability' },
  },
  { latenessSeconds: 0 },
);
const CELLS = ['a', 'b', 'c'];
const DAYS = 12;
const OUTAGE_MS = START_MS + 10 * DAY_MS;

function facts(): Fact[] {
  const rows = CELLS.flatMap((id) =>
    Array.from({ length: DAYS * 24 }, (_, hour) => {
      const startMs = START_MS + hour * HOUR_MS;
      const isOut = id === 'b' && startMs >= OUTAGE_MS && startMs < OUTAGE_MS + 3 * HOUR_MS;
      return { id, startMs, report: { availability: isOut ? 0 : 1 } };
    }),
  );
  return [{ kind: 'reports', block: blockOf(LANE, rows) }];
}

async function run(input: readonly Fact[], isSorted = false) {
  const reporter = new ReplayReporter();
  const rules = loadYaml(
    new URL('../../rules/correlation.yaml', import.meta.url).pathname,
    CorrelationRules,
  );
  const rows = { sites: [], links: [], neighbours: [], works: [] };
  const cells = CELLS.map((cellId) => ({ cellId, siteId: 's' }));
  const totals = await replay(
    input,
    {
      detect: createDetect([LANE], rulesWith()),
      correlate: createCorrelate({ ...rows, cells }, rules, [LANE]),
    },
    { lanes: [LANE], isSorted, onStep: (step) => reporter.add(step) },
  );
  return reporter.report(totals);
}

describe('replay', () => {
  it('finds the outage in files sorted by cell, at the end of its first period', async () => {
    const report = await run(facts());
    expect(report).toMatchObject({ samples: 3 * DAYS * 24, objects: 3, cells: 3 });
    expect(report.from).toBe(new Date(START_MS).toISOString());
    expect(report.to).toBe(new Date(START_MS + DAYS * DAY_MS).toISOString());
    expect(report.anomalies).toHaveLength(1);
    expect(report.anomalies[0]).toMatchObject({
      objectId: 'b',
      startedAt: new Date(OUTAGE_MS).toISOString(),
      detectedAt: new Date(OUTAGE_MS + HOUR_MS).toISOString(),
      endedAt: new Date(OUTAGE_MS + 3 * HOUR_MS).toISOString(),
      observed: 0,
    });
    expect(report.incidents).toHaveLength(1);
    expect(report.incidents[0]).toMatchObject({
      detectedAt: new Date(OUTAGE_MS + HOUR_MS).toISOString(),
      cells: ['b'],
      sites: ['s'],
    });
  });

  it('says the same whatever the order of rows and blocks', async () => {
    const expected = JSON.stringify(await run(facts()));
    const random = randomOf(4);
    const rows = facts().flatMap((fact) =>
      fact.kind === 'reports'
        ? fact.block.objectIds.map((id, row) => ({
            id,
            startMs: fact.block.periodStartMs[row] ?? 0,
            report: { availability: fact.block.values[row] ?? 0 },
          }))
        : [],
    );
    const shuffled = rows.map((row) => ({ row, at: random() })).sort((x, y) => x.at - y.at);
    const blocks: Fact[] = [];
    for (let from = 0; from < shuffled.length; from += 100) {
      const part = shuffled.slice(from, from + 100).map(({ row }) => row);
      blocks.push({ kind: 'reports', block: blockOf(LANE, part) });
    }
    expect(JSON.stringify(await run(blocks))).toBe(expected);
  });

  it('judges as it goes when facts come in order, with the same outcome', async () => {
    const rows = facts().flatMap((fact) => (fact.kind === 'reports' ? [fact.block] : []));
    const byHour = Array.from({ length: DAYS * 24 }, (_, hour): Fact => {
      const startMs = START_MS + hour * HOUR_MS;
      const own = rows.flatMap((block) =>
        block.objectIds.flatMap((id, row) =>
          block.periodStartMs[row] === startMs
            ? [{ id, startMs, report: { availability: block.values[row] ?? 0 } }]
            : [],
        ),
      );
      return { kind: 'reports', block: blockOf(LANE, own) };
    });
    expect(await run(byHour, true)).toEqual(await run(facts()));
  });

  it('knows an alarm when it is raised, and clears one that holds both of its times', async () => {
    const alarm: Alarm = {
      alarmId: 'A1',
      objectType: 'site',
      objectId: 's',
      perceivedSeverity: 'critical',
      probableCause: 'site down',
      alarmRaisedTime: new Date(OUTAGE_MS - DAY_MS).toISOString(),
      alarmClearedTime: new Date(OUTAGE_MS - DAY_MS + HOUR_MS).toISOString(),
    };
    const { incidents } = await run([...facts(), { kind: 'alarms', items: [alarm] }]);
    const byAlarm = incidents.find(({ startedAt }) => startedAt === alarm.alarmRaisedTime);
    const delayMs = Date.parse(byAlarm?.detectedAt ?? '') - Date.parse(alarm.alarmRaisedTime);
    expect(delayMs).toBeLessThan(120_000);
    expect(byAlarm?.endedAt).not.toBeNull();
  });

  it('reports nothing of nothing', async () => {
    expect(await run([])).toMatchObject({ samples: 0, from: null, to: null, incidents: [] });
  });
});

describe('what a replay reads', () => {
  let folder = '';
  const kpis = loadKpiRules();
  const feedText = readFileSync(
    new URL('../../rules/feeds/lte-cells-hourly.yaml', import.meta.url),
    'utf8',
  );

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'replay-'));
    mkdirSync(join(folder, 'world', 'feeds'), { recursive: true });
    writeFileSync(join(folder, 'feed.yaml'), feedText);
    writeFileSync(join(folder, 'world/feeds/telemetry.yaml'), feedText);
    writeFileSync(join(folder, 'world/feeds/calls.yaml'), 'format: csv\nkind: calls\n');
    writeFileSync(join(folder, 'world/feeds/complaints.yaml'), 'format: csv\nkind: counts\n');
    writeFileSync(join(folder, 'world/complaints.csv'), 'name,area,start,intervalSeconds,count\n');
    writeFileSync(join(folder, 'world/telemetry.csv'), 'time,site_id,cell_id\n');
    writeFileSync(join(folder, 'world/cells.csv'), 'cell_id,site_id,azimuth\nc1,s1,120\n');
    writeFileSync(join(folder, 'data.csv'), 'time,site_id,cell_id\nx,s9,c1\n');
    writeFileSync(join(folder, 'bad.csv'), 'site_id,lat,lon\ns1,91,0\n');
    writeFileSync(join(folder, 'odd.csv'), 'one,two\n1,2\n');
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const at = (name: string): string => join(folder, name);

  it('is a simulated folder with its feeds and topology, presence left out, calls where there are any', async () => {
    const input = await findReplayInput([at('world')], [], kpis);
    const paths = input.files.map(({ path }) => path);
    expect(paths).toEqual([at('world/complaints.csv'), at('world/telemetry.csv')]);
    expect(input.topologyFiles).toEqual([at('world/cells.csv')]);
    const { cells } = await readTopologyFiles(input.topologyFiles);
    expect(cells).toEqual([{ cellId: 'c1', siteId: 's1', azimuth: 120 }]);
  });

  it('takes sites from the feed, and a cell for its own site where the feed has none', async () => {
    const { files } = await findReplayInput([at('data.csv')], [at('feed.yaml')], kpis);
    const { cells } = await sitesFromFeeds(files, ['c2', 'c1']);
    expect(cells).toEqual([
      { cellId: 'c1', siteId: 's9' },
      { cellId: 'c2', siteId: 'c2' },
    ]);
  });

  it.each([
    ['a file that is not there', ['gone.csv'], ['feed.yaml'], /gone\.csv: no such file/],
    ['a file without feed', ['data.csv'], [], /data\.csv: which feed reads it/],
    ['a feed without file', [], ['feed.yaml'], /no file for it/],
    ['a folder without feeds', ['.'], [], /feeds\/NAME\.yaml/],
  ])('refuses %s', async (_, paths, feeds, message) => {
    await expect(findReplayInput(paths.map(at), feeds.map(at), kpis)).rejects.toThrow(message);
  });

  it('refuses topology that it does not know, or that cannot be true, with the place', async () => {
    await expect(readTopologyFiles([at('bad.csv')])).rejects.toThrow(
      /bad\.csv row 1: lat is "91"; allowed: a number from -90 to 90/,
    );
    await expect(readTopologyFiles([at('odd.csv')])).rejects.toThrow(/header one,two .*allowed/);
  });
});
