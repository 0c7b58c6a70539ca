// Entry of the processes that `bench state` forks: residency is only clean in a process of its own.
import { loadYaml } from '../../adapters/rules/load-yaml.js';
import { createDetect } from '../../detect/detect.js';
import { DetectionRules } from '../../detect/rules.js';
import { ReportBlockBuilder } from '../../domain/report-block.js';
import { shippedRules } from '../../service/rules.js';
import { benchFeed, cellName, FIRST_PERIOD_MS, PERIOD_MS } from './ingest-reports.js';

/** What a run found. Bytes; CPU in seconds. */
export interface StateRun {
  readonly residentBytes: number;
  /** of the state as a checkpoint holds it: the numbers themselves */
  readonly snapshotBytes: number;
  readonly cpuSeconds: number;
}

const ROWS_PER_BLOCK = 4096;
const PERIODS = 4;
const MINUTE_MS = 60_000;

/**
 * Four periods of every cell through detection, two of them waiting at a time. Between them the
 * state goes through a checkpoint and back, which writes every number of it once: after a week in
 * service all of it has been touched, and only what was touched is resident.
 */
function run(cells: number): StateRun {
  const { lane } = benchFeed();
  if (!lane) throw new Error('the bench feed carries KPIs');
  const rules = loadYaml(`${shippedRules}/detection.yaml`, DetectionRules);
  let detect = createDetect([lane], rules);
  const kpis = lane.kpis.map(({ name }) => name);
  const shape = {
    feed: lane.feed,
    objectType: lane.objectType,
    periodSeconds: lane.periodSeconds,
    kpis,
  };
  const builder = new ReportBlockBuilder(shape, ROWS_PER_BLOCK);
  for (let period = 0; period < PERIODS; period++) {
    const startMs = FIRST_PERIOD_MS + period * PERIOD_MS;
    for (let cell = 0; cell < cells; cell++) {
      const row = builder.addRow(cellName(cell), startMs);
      for (const [k, { definition }] of lane.kpis.entries()) {
        const isShare = definition.kind !== 'count' && (definition.range?.[1] ?? 2) <= 1;
        builder.set(
          row,
          k,
          isShare ? 0.9 : 20 + (cell % 50),
          definition.kind === 'ratio' ? 500 : Number.NaN,
        );
      }
      if (builder.rows === ROWS_PER_BLOCK) detect.ingest(builder.finish());
    }
    detect.ingest(builder.finish());
    detect.advance(startMs + 10 * MINUTE_MS);
    if (period === 1) {
      const restored = createDetect([lane], rules);
      restored.restore(detect.snapshot());
      detect = restored;
      globalThis.gc?.();
    }
  }
  globalThis.gc?.();
  const residentBytes = process.memoryUsage.rss();
  const { user, system } = process.cpuUsage();
  const snapshotBytes = detect.snapshot().byteLength;
  return { residentBytes, snapshotBytes, cpuSeconds: (user + system) / 1e6 };
}

process.send?.(run(Number(process.argv[2])));
process.disconnect?.();
