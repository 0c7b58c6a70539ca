// Entry of the process that `bench impact` forks: detection under the burst that Tocsin is built for.
import { setTimeout as delay } from 'node:timers/promises';
import { loadYaml } from '../../../adapters/rules/load-yaml.js';
import { createDetect } from '../../../detect/detect.js';
import { DetectionRules } from '../../../detect/rules.js';
import { ReportBlockBuilder } from '../../../domain/report-block.js';
import { shippedRules } from '../../../service/rules.js';
import { benchFeed, cellName, FIRST_PERIOD_MS, PERIOD_MS } from '../ingest-reports.js';

/** 500,000 cells × 8 KPIs within two minutes. */
const SAMPLES_PER_SECOND = 33_333;
const ROWS_PER_BLOCK = 1000;

async function run(cells: number): Promise<void> {
  const { lane } = benchFeed();
  if (!lane) throw new Error('the bench feed carries KPIs');
  const detect = createDetect([lane], loadYaml(`${shippedRules}/detection.yaml`, DetectionRules));
  const shape = {
    feed: lane.feed,
    objectType: lane.objectType,
    periodSeconds: lane.periodSeconds,
    kpis: lane.kpis.map(({ name }) => name),
  };
  const builder = new ReportBlockBuilder(shape, ROWS_PER_BLOCK);
  const started = performance.now();
  let samples = 0;
  process.on('message', () => {
    const { user, system } = process.cpuUsage();
    const seconds = (performance.now() - started) / 1000;
    process.send?.({ samples, seconds, cpuSeconds: (user + system) / 1e6 });
  });
  for (let period = 0; ; period++) {
    const startMs = FIRST_PERIOD_MS + period * PERIOD_MS;
    for (let cell = 0; cell < cells; cell++) {
      const row = builder.addRow(cellName(cell), startMs);
      for (const [k, { definition }] of lane.kpis.entries()) {
        const isShare = definition.kind !== 'count' && (definition.range?.[1] ?? 2) <= 1;
        const attempts = definition.kind === 'ratio' ? 500 : Number.NaN;
        builder.set(row, k, isShare ? 0.9 : 20 + (cell % 50), attempts);
      }
      if (builder.rows === ROWS_PER_BLOCK || cell === cells - 1) {
        samples += builder.rows * lane.kpis.length;
        detect.ingest(builder.finish());
        const aheadMs = (samples / SAMPLES_PER_SECOND) * 1000 - (performance.now() - started);
        await delay(Math.max(0, aheadMs));
      }
    }
    detect.advance(startMs + PERIOD_MS + 600_000);
  }
}

process.on('disconnect', () => process.exit(0));
await run(Number(process.argv[2]));
