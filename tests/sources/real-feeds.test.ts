import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { countSamples } from '../../src/domain/report-block.js';
import { readFeedFile } from '../../src/sources/file-source.js';
import { blocks, recording, shippedFeed } from './decoding.js';

const data = fileURLToPath(new URL('../../../shared/data/', import.meta.url));
const isThere = existsSync(data);
if (!isThere) process.stderr.write(`skipped: real data sets are not at ${data}\n`);

describe.skipIf(!isThere)('shipped feeds on real data', () => {
  it.each([
    ['lte-cells-hourly', 26_448, 286_379, 38, '2021-08-27T16:00:00.000Z'],
    ['lte-kpis-hourly', 4_968, 54_525, 3, '2021-05-09T00:00:00.000Z'],
    ['lte-network-hourly', 26_174, 78_518, 1, '2015-12-31T23:00:00.000Z'],
  ])('%s: every row is read and nothing refused', async (name, rows, samples, objects, from) => {
    const context = recording();
    const found = {
      rows: 0,
      samples: 0,
      objects: new Set<string>(),
      from: Number.POSITIVE_INFINITY,
    };
    const feed = await shippedFeed(name);
    for await (const fact of readFeedFile(`${data}${name}/telemetry.csv`, feed, context)) {
      for (const block of blocks([fact])) {
        found.rows += block.rows;
        found.samples += countSamples(block);
        for (const id of block.objectIds) found.objects.add(id);
        found.from = Math.min(found.from, ...block.periodStartMs);
      }
    }
    expect(context.letters).toEqual([]);
    expect([found.rows, found.samples, found.objects.size]).toEqual([rows, samples, objects]);
    expect(new Date(found.from).toISOString()).toBe(from);
  });

  it('finds no hour missing where clocks of the network went forward', async () => {
    const feed = await shippedFeed('lte-network-hourly');
    const starts = new Set<number>();
    for await (const fact of readFeedFile(
      `${data}lte-network-hourly/telemetry.csv`,
      feed,
      recording(),
    )) {
      for (const block of blocks([fact])) {
        for (const start of block.periodStartMs) starts.add(start);
      }
    }
    for (const day of ['2016-03-27', '2017-03-26', '2018-03-25']) {
      for (const hour of ['00', '01', '02']) {
        expect(starts).toContain(Date.parse(`${day}T${hour}:00Z`));
      }
    }
  });

  it('keeps ids that look like numbers byte for byte', async () => {
    const feed = await shippedFeed('lte-kpis-hourly');
    const path = `${data}lte-kpis-hourly/telemetry.csv`;
    for await (const fact of readFeedFile(path, feed, recording())) {
      expect(blocks([fact])[0]?.objectIds[0]).toBe('2.2265366483183206e+17');
      break;
    }
  });

  it("maps a vendor's alarm export, acknowledgements left out", async () => {
    const context = recording();
    const feed = await shippedFeed('alarms-netact');
    const items: unknown[] = [];
    for await (const fact of readFeedFile(`${data}alarm-shape/alarms.json`, feed, context)) {
      if (fact.kind === 'alarms') items.push(...fact.items);
    }
    expect(context.letters).toEqual([]);
    expect(items).toHaveLength(10);
    expect(items).toContainEqual(
      expect.objectContaining({
        alarmId: '328226801',
        perceivedSeverity: 'critical',
        specificProblem: '7767',
        alarmRaisedTime: '2025-09-10T11:18:14.000Z',
      }),
    );
    expect(items).toContainEqual(
      expect.objectContaining({
        alarmId: '328226768',
        perceivedSeverity: 'cleared',
        specificProblem: '7116',
        alarmClearedTime: '2025-09-10T11:18:15.000Z',
      }),
    );
  });
});
