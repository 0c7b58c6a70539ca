import { median } from 'simple-statistics';
import { PERIOD_MS } from '../../../../simulators/telemetry/calendar.js';
import { ORDINARY_DELIVERY } from '../../../../simulators/telemetry/delivery.js';
import { createDetect } from '../../../detect/detect.js';
import type { ReportBlock } from '../../../domain/kpi.js';
import { countSamples } from '../../../domain/report-block.js';
import type { DetectStage } from '../../../pipeline.js';
import { rounded } from '../figures.js';
import { alternate, type Measured } from '../harness.js';
import { TiledReports } from './hot-loop/tiled-reports.js';
import type { PartOptions, PartResult } from './part.js';
import { laneOf, loadShippedRules } from './warm-world.js';

const CELLS = 20_000;
const RUNS = 5;
const PERIODS_PER_RUN = 8;
const SEED = 77;
const DAY_MS = 86_400_000;
const FROM_MS = Date.UTC(2026, 1, 2);
/** Weight of a new value in the running mean of the baseline. */
const WEIGHT = 0.1;

/** Detection as the service runs it: blocks in, periods judged. */
function detectAll(detect: DetectStage, blocks: readonly ReportBlock[], latenessMs: number): void {
  for (const block of blocks) {
    detect.ingest(block);
    detect.advance((block.periodStartMs[0] ?? 0) + PERIOD_MS + latenessMs);
  }
}

/** Blocks of one timed run, and the samples in them. */
interface Batch {
  readonly blocks: readonly ReportBlock[];
  readonly samples: number;
}

/**
 * The least a detector could do: one running mean per series.
 * @param means one per sample of a block
 * @returns samples taken in
 */
export function updateMeans(means: Float32Array, blocks: readonly ReportBlock[]): number {
  let samples = 0;
  for (const { values } of blocks) {
    for (let at = 0; at < values.length; at++) {
      const value = values[at] ?? Number.NaN;
      if (value !== value) continue;
      const mean = means[at] ?? 0;
      means[at] = mean + WEIGHT * (value - mean);
      samples++;
    }
  }
  return samples;
}

const nanoseconds = (runs: readonly Measured[]): number =>
  median(runs.map(({ cpuSeconds, work }) => (cpuSeconds * 1e9) / work));

/** What is warmed up: both loops, so that both are compiled when they are timed. */
interface Loops {
  readonly reports: TiledReports;
  readonly detect: DetectStage;
  readonly means: Float32Array;
}

/** Feeds history until models give verdicts. @returns start of the first period that is left */
function warmUp(
  { reports, detect, means }: Loops,
  { latenessMs, days }: { readonly latenessMs: number; readonly days: number },
  progress: (text: string) => void,
): number {
  const untilMs = FROM_MS + days * DAY_MS;
  for (let startMs = FROM_MS; startMs < untilMs; startMs += PERIOD_MS) {
    if (startMs % DAY_MS === 0) progress(`day ${(startMs - FROM_MS) / DAY_MS} of ${days}`);
    const blocks = [reports.period(startMs)];
    detectAll(detect, blocks, latenessMs);
    updateMeans(means, blocks);
  }
  return untilMs;
}

function drawBatches(reports: TiledReports, firstMs: number): Batch[] {
  return Array.from({ length: RUNS }, (_, run) => {
    const blocks = Array.from({ length: PERIODS_PER_RUN }, (_, at) =>
      reports.period(firstMs + (run * PERIODS_PER_RUN + at) * PERIOD_MS),
    );
    return { blocks, samples: blocks.reduce((sum, block) => sum + countSamples(block), 0) };
  });
}

/**
 * CPU time per sample of detection in 20,000 cells with 8 KPIs whose models are warm, beside a loop
 * over the same blocks that only updates one float per sample; in alternating runs, the median of
 * each. Shapes of the week are not refitted meanwhile: that is off the hot path.
 */
export async function timeHotLoop({ scale, progress }: PartOptions): Promise<PartResult> {
  const { detection } = loadShippedRules();
  const cells = Math.max(100, Math.round(CELLS * scale));
  const days = detection.warmupDays + 1;
  const plan = { seed: SEED, sites: 0, cells, noise: 1, delivery: ORDINARY_DELIVERY };
  const lane = laneOf({ ...plan, fromMs: FROM_MS, branchMs: FROM_MS + days * DAY_MS });
  const latenessMs = lane.latenessSeconds * 1000;
  const reports = new TiledReports(cells, lane.feed, SEED);
  const detect = createDetect([lane], detection);
  const means = new Float32Array(cells * lane.kpis.length);
  const firstMs = warmUp({ reports, detect, means }, { latenessMs, days }, progress);
  const batches = drawBatches(reports, firstMs);
  const oursLeft = [...batches];
  const theirsLeft = [...batches];
  const runs = await alternate(
    RUNS,
    () => {
      const { blocks, samples } = oursLeft.shift() ?? { blocks: [], samples: 0 };
      detectAll(detect, blocks, latenessMs);
      return samples;
    },
    () => updateMeans(means, theirsLeft.shift()?.blocks ?? []),
  );
  const [ours, theirs] = [nanoseconds(runs.ours), nanoseconds(runs.baseline)];
  const perSecond = 1e9 / ours;
  return {
    figures: {
      cells,
      kpis: lane.kpis.length,
      samples: batches.reduce((sum, { samples }) => sum + samples, 0),
      nsPerSample: rounded(ours, 1),
      samplesPerCpuSecond: Math.round(perSecond),
    },
    baseline: { nsPerSample: rounded(theirs, 2) },
    ratios: { nsOursToOneFloat: rounded(ours / theirs, 1) ?? 0 },
    lines: [
      `${ours.toFixed(0)} ns per sample in ${cells} cells with ${lane.kpis.length} KPIs ` +
        `(${(perSecond / 1e6).toFixed(1)} million a second of one core); one float per sample: ` +
        `${theirs.toFixed(1)} ns; ${(ours / theirs).toFixed(0)} times`,
    ],
  };
}
