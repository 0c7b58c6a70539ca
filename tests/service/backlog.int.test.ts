import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { stringify } from 'yaml';
import { freePort } from '../../src/adapters/postgres/embedded.js';
import { PostgresJournal } from '../../src/adapters/postgres/journal.js';
import { runConfigured } from '../../src/service/start-configured.js';
import { hasInflux1, type Influx1, startInflux1 } from '../services/influx1.js';
import { type TestDatabase, testDatabase } from '../services/postgres.js';

const PERIOD_MS = 900_000;
const PERIODS = 100;
const FEED = resolve(import.meta.dirname, '../../rules/feeds/telemetry-line-protocol.yaml');
const PLACE = 'backlog';

describe.skipIf(!hasInflux1)('a service that starts with a day of reports waiting', () => {
  let folder: string;
  let influx: Influx1;
  let database: TestDatabase;

  beforeAll(async () => {
    [folder, influx, database] = await Promise.all([
      mkdtemp(join(tmpdir(), 'tocsin-backlog-')),
      startInflux1(),
      testDatabase(),
    ]);
    await influx.manage(`CREATE DATABASE ${PLACE}`);
  });

  afterAll(async () => {
    await influx.stop();
    await database.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('moves time only when InfluxDB has been read to the present, so that none is late', async () => {
    vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    const firstMs = Math.floor(Date.now() / PERIOD_MS - PERIODS) * PERIOD_MS;
    const line = (_: unknown, i: number): string =>
      `cell_kpi,cell=A users_avg=${20 + (i % 7)} ${firstMs + i * PERIOD_MS}000000`;
    await influx.write(PLACE, Array.from({ length: PERIODS }, line).join('\n'));
    const port = await freePort();
    const file = join(folder, 'tocsin.yaml');
    const source = {
      name: 'cells',
      dialect: 'influxql',
      url: influx.url,
      database: PLACE,
      measurement: 'cell_kpi',
      feed: FEED,
      page: '30m',
      from: new Date(firstMs).toISOString(),
    };
    const config = {
      database: { url: database.url },
      phoneSecret: '0'.repeat(64),
      server: { port },
      tick: '50ms',
      sources: { influx: [source] },
      logLevel: 'error',
    };
    await writeFile(file, stringify(config));
    const started = await runConfigured(file);
    try {
      await vi.waitFor(
        async () => {
          const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
          expect(metrics).toContain(`tocsin_reports_total{outcome="accepted"} ${PERIODS}`);
          expect(metrics).not.toContain('outcome="late"');
        },
        { timeout: 30_000, interval: 50 },
      );
      await vi.waitFor(async () => expect(await kinds()).toContain('tick'), { timeout: 10_000 });
    } finally {
      await started.stop();
      vi.restoreAllMocks();
    }
    const order = await kinds();
    expect(order.lastIndexOf('reports')).toBeLessThan(order.indexOf('tick'));
  });

  async function kinds(): Promise<string[]> {
    const entries = await new PostgresJournal(database.pool).read('telemetry/0', -1, 10_000);
    return entries.map(({ fact }) => fact.kind);
  }
});
