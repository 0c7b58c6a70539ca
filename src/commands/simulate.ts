import { SingleBar } from 'cli-progress';
import type { Command } from 'commander';
import { loadScenario } from '../../simulators/scenario.js';
import { type SimulationSummary, simulate } from '../../simulators/simulate.js';
import { callerPath } from '../config.js';
import { numberOption } from './option-values.js';
import { writableFolder } from './output-folder.js';

interface SimulateOptions {
  seed: number;
  out: string;
  json?: boolean;
}

/** Adds `simulate`: writes a whole labelled world from a scenario file. */
export function registerSimulate(program: Command): void {
  program
    .command('simulate')
    .description('writes a whole labelled world: telemetry, alarms, presence, calls, truth')
    .argument('<scenario.yaml>', 'what happens; examples stand in simulators/scenarios')
    .requiredOption(
      '--seed <n>',
      'the same seed writes the same bytes',
      numberOption('a whole number of at least 0', (n) => Number.isSafeInteger(n) && n >= 0),
    )
    .requiredOption('--out <dir>', 'folder to write to')
    .option('--json', 'print one JSON document')
    .action(run);
}

async function run(file: string, options: SimulateOptions): Promise<void> {
  const scenario = loadScenario(callerPath(file));
  const out = writableFolder('--out', callerPath(options.out));
  const bar = new SingleBar({
    format: 'simulating [{bar}] {value}/{total} periods, {eta_formatted} left',
    stream: process.stderr,
    noTTYOutput: false,
  });
  let isStarted = false;
  const summary = await simulate({
    scenario,
    seed: options.seed,
    out,
    onProgress: (done, of) => {
      if (!process.stderr.isTTY) return;
      if (!isStarted) bar.start(of, 0);
      isStarted = true;
      bar.update(done);
    },
  }).finally(() => bar.stop());
  process.stdout.write(options.json === true ? `${JSON.stringify(summary)}\n` : describe(summary));
}

function describe(summary: SimulationSummary): string {
  const { out, sites, cells, subscribers, faults, incidents, reports, alarms } = summary;
  return [
    `Wrote ${out}`,
    `  network      ${sites} sites, ${cells} cells, ${subscribers} subscribers`,
    `  time         ${summary.from} to ${summary.to}`,
    `  happened     ${faults} faults, ${incidents} of them true incidents`,
    `  people hit   ${summary.affected} spells of somebody truly affected, in affected.csv`,
    `  input        ${reports} reports, ${alarms} alarms, ${summary.sightings} sightings, ${summary.calls} calls`,
    '',
  ].join('\n');
}
