import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { median } from 'simple-statistics';
import { TocsinError } from '../../domain/errors.js';
import type { BenchResult } from './harness.js';
import type { StateRun } from './state-worker.js';

const FULL_CELLS = 500_000;
const KPIS = 8;
const RUNS = 5;

function runOnce(cells: number): Promise<StateRun> {
  const own = fileURLToPath(import.meta.url);
  const worker = own.replace(/state\.(ts|js)$/, 'state-worker.$1');
  return new Promise((resolve, reject) => {
    const child = fork(worker, [String(cells)], { execArgv: [...process.execArgv, '--expose-gc'] });
    let result: StateRun | undefined;
    child.on('message', (message) => {
      result = message as StateRun;
    });
    child.on('error', reject);
    child.on('exit', (code) => {
      if (result) resolve(result);
      else reject(new TocsinError('internal', `the measured process ended with code ${code}`));
    });
  });
}

/**
 * Memory of detection at 500,000 cells × 8 KPIs: resident bytes of the whole process, with two
 * periods of reports waiting, beside the bytes of the numbers in its state.
 */
export async function benchState({ scale }: { scale: number }): Promise<BenchResult> {
  const cells = Math.max(1, Math.round(FULL_CELLS * scale));
  const runs: StateRun[] = [];
  for (let run = 0; run < RUNS; run++) runs.push(await runOnce(cells));
  const residentBytes = median(runs.map((run) => run.residentBytes));
  const snapshotBytes = median(runs.map((run) => run.snapshotBytes));
  return {
    name: 'state',
    unit: 'bytes',
    figures: { residentBytes, bytesPerSeries: residentBytes / (cells * KPIS), cells, kpis: KPIS },
    baseline: { snapshotBytes, bytesPerSeries: snapshotBytes / (cells * KPIS) },
    ratio: residentBytes / snapshotBytes,
    better: 'lower',
    aim: 'at most 1.5 GB resident at full size',
    runs: RUNS,
    cpuSecondsOurs: runs.reduce((sum, run) => sum + run.cpuSeconds, 0),
    cpuSecondsBaseline: 0,
  };
}
