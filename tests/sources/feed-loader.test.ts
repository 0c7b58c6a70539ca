import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { isHiddenKpi } from '../../src/sources/compiled-feed.js';
import { loadFeed, loadKpiRules } from '../../src/sources/feed-loader.js';
import { shippedFeed, smallFeed } from './decoding.js';

const folder = mkdtempSync(join(tmpdir(), 'tocsin-feeds-'));
afterAll(() => rmSync(folder, { recursive: true }));

function write(text: string): string {
  const path = join(folder, 'given.yaml');
  writeFileSync(path, text);
  return path;
}

const FEED = `
format: csv
kind: kpi
time: {column: t}
period: 15m
object: {column: cell, type: cell}
`;

describe('loadFeed', () => {
  it('compiles every feed that is shipped', async () => {
    const names = readdirSync(fileURLToPath(new URL('../../rules/feeds', import.meta.url)));
    expect(names.length).toBeGreaterThanOrEqual(8);
    for (const name of names) {
      const feed = await shippedFeed(name.replace('.yaml', ''));
      expect(feed.name).toBe(name.replace('.yaml', ''));
    }
  });

  it('gives detection the lane of a feed, definitions from the catalogue replaced key by key', async () => {
    const feed = await loadFeed(
      write(`${FEED}
lateness: 10m
kpis:
  availabilityRatio: {column: up, scale: 0.01, weight: 5}
  mine: {column: x, kind: gauge, unit: dB, bad: both}
`),
    );
    expect(feed.name).toBe('given');
    expect(feed.lane).toMatchObject({
      feed: 'given',
      collector: 'given',
      periodSeconds: 900,
      latenessSeconds: 600,
      zone: 'UTC',
      holidays: [],
    });
    expect(feed.lane?.kpis).toEqual([
      {
        name: 'availabilityRatio',
        definition: { ...loadKpiRules().kpis.availabilityRatio, weight: 5 },
      },
      { name: 'mine', definition: { kind: 'gauge', unit: 'dB', bad: 'both' } },
    ]);
    expect(feed.kpis[0]?.scale).toBe(0.01);
  });

  it('reads a column once however many KPIs use it', async () => {
    const feed = await shippedFeed('lte-cells-hourly');
    expect(feed.columns.filter((name) => name === 'erab_abnormal_rel')).toHaveLength(1);
    expect(new Set(feed.columns).size).toBe(feed.columns.length);
  });

  it.each([
    ['kpis: {mine: {column: x}}', /^\S+:\d+:\d+: kpis\.mine is not in rules\/kpis\.yaml/],
    ['kpis: {availabilityRatio: {}}', /kpis\.availabilityRatio must say either column, or both/],
    [
      'kpis: {rrcSetupSuccessRatio: {successes: a}}',
      /kpis\.rrcSetupSuccessRatio must say either column, or both/,
    ],
    [
      'kpis: {connectedUsers: {successes: a, attempts: b}}',
      /kpis\.connectedUsers has successes and attempts/,
    ],
    ['kpis: {latencyMs: {column: x, range: [5, 1]}}', /kpis\.latencyMs\.range/],
    ['kpis: {}', /:\d+:1: kpis is empty/],
    [
      'kpis: {latencyMs: {column: x}}\ntime: {column: t, zone: Mars/Base}',
      /:\d+:\d+: time\.zone is wrong: time zone "Mars\/Base"/,
    ],
    ['kpis: {latencyMs: {column: x}}\ntime: {column: t, format: hello}', /holds no year/],
    ['kpis: {latencyMs: {column: x}}\nperiod: 0m', /period is wrong: "0m" is no duration/],
    ['kpis: {latencyMs: {column: x}}\nobject: {type: cell}', /:\d+:1: object must say either/],
  ])('refuses %s', async (change, message) => {
    const keys = change.split('\n').map((line) => line.split(':')[0]);
    const base = FEED.split('\n').filter((line) => !keys.includes(line.split(':')[0]));
    await expect(loadFeed(write([...base, change].join('\n')))).rejects.toMatchObject({
      code: 'input.rules',
      message: expect.stringMatching(message) as string,
    });
  });

  it('says file, line and column of what the schema refuses', async () => {
    const path = write(`${FEED}kpis: {}\nperoid: 15m\n`);
    await expect(loadFeed(path)).rejects.toMatchObject({
      code: 'input.rules',
      message: expect.stringContaining(`${path}:8:1: key peroid is unknown`) as string,
    });
  });

  it('refuses a file that is not there', async () => {
    await expect(loadFeed(join(folder, 'absent.yaml'))).rejects.toMatchObject({
      code: 'input.file',
    });
  });
});

describe('isHiddenKpi', () => {
  it('knows a KPI by its name and by any column it is read from', () => {
    const feed = smallFeed();
    const setup = feed.kpis[0];
    if (setup === undefined) throw new Error('the feed has no KPI');
    expect(['setup', 'ok', 'tried'].every((name) => isHiddenKpi(feed, setup, name))).toBe(true);
    expect(isHiddenKpi(feed, setup, 'users')).toBe(false);
  });
});
