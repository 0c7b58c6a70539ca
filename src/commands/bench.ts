import { type Command, InvalidArgumentError } from 'commander';
import { TocsinError } from '../domain/errors.js';
import type { CaseSet } from './bench/accuracy/part.js';
import type { Figures } from './bench/figures.js';
import type { BenchResult } from './bench/harness.js';

interface BenchOptions {
  scale: number;
  broker?: string;
  only?: string;
  set?: CaseSet;
  case?: string;
}

type Bench = (options: BenchOptions) => Promise<BenchResult>;

const BENCHES: Record<string, () => Promise<Bench>> = {
  ingest: async () => (await import('./bench/ingest.js')).benchIngest,
  state: async () => (await import('./bench/state.js')).benchState,
  push: async () => (await import('./bench/push.js')).benchPush,
  accuracy: async () => (await import('./bench/accuracy.js')).benchAccuracy,
  forecast: async () => (await import('./bench/forecast.js')).benchForecast,
  impact: async () => (await import('./bench/impact.js')).benchImpact,
  notify: async () => (await import('./bench/notify.js')).benchNotify,
  effect: async () => (await import('./bench/effect.js')).benchEffect,
};

function readScale(text: string): number {
  const scale = Number(text);
  if (!(scale > 0 && scale <= 1)) throw new InvalidArgumentError('allowed: above 0, at most 1');
  return scale;
}

function readBroker(text: string): string {
  if (!/^.+:\d+$/.test(text)) throw new InvalidArgumentError('allowed: host:port');
  return text;
}

function readSet(text: string): CaseSet {
  if (text === 'development' || text === 'scoring') return text;
  throw new InvalidArgumentError('allowed: development or scoring');
}

function print(result: BenchResult): void {
  if (result.lines !== undefined) {
    process.stdout.write(`${result.lines.join('\n')}\n`);
    return;
  }
  const rows = (values: Figures): string =>
    Object.entries(values)
      .map(([name, value]) => `  ${name.padEnd(28)} ${value?.toLocaleString('en-GB')}`)
      .join('\n');
  process.stdout.write(
    `${result.name} (${result.unit}, ${result.runs} runs, median)\n${rows(result.figures)}\n` +
      `beside\n${rows(result.baseline)}\n` +
      `ratio ${result.ratio?.toFixed(3)} (${result.better} is better; aim ${result.aim})\n`,
  );
}

/** `tocsin bench NAME`: one measured figure beside its limit or peer, in one run. */
export function registerBench(program: Command): void {
  const names = Object.keys(BENCHES).join(', ');
  program
    .command('bench')
    .argument('<name>', `one of: ${names}`)
    .description('measure one figure beside its limit or peer, in one run')
    .option('--scale <share>', 'share of the full size', readScale, 1)
    .option(
      '--broker <host:port>',
      'ingest: Kafka to measure with; else one is started',
      readBroker,
    )
    .option(
      '--only <parts>',
      'accuracy, forecast, impact, notify: parts to run, separated by commas; default all',
    )
    .option(
      '--set <cases>',
      'accuracy, forecast, impact: development or scoring cases; default scoring',
      readSet,
    )
    .option('--case <text>', 'accuracy: only simulated cases whose name holds the text')
    .option('--json', 'print one JSON document')
    .action(async (name: string, options: BenchOptions & { json?: boolean }) => {
      const load = BENCHES[name];
      if (!load)
        throw new TocsinError('input.option', `bench "${name}" is unknown: allowed are ${names}`);
      const { json, ...given } = options;
      const result = await (await load())(given);
      const { lines: _lines, ...document } = result;
      if (json) process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
      else print(result);
      if (result.broken === undefined) return;
      process.stderr.write(`${result.broken}\n`);
      process.exitCode = 1;
    });
}
