import { type Command, InvalidArgumentError } from 'commander';
import { TocsinError } from '../domain/errors.js';
import type { BenchResult } from './bench/harness.js';

type Bench = (options: { scale: number; broker?: string }) => Promise<BenchResult>;

const BENCHES: Record<string, () => Promise<Bench>> = {
  ingest: async () => (await import('./bench/ingest.js')).benchIngest,
  state: async () => (await import('./bench/state.js')).benchState,
  push: async () => (await import('./bench/push.js')).benchPush,
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

function print(result: BenchResult): void {
  const rows = (values: Record<string, number>): string =>
    Object.entries(values)
      .map(([name, value]) => `  ${name.padEnd(28)} ${value.toLocaleString('en-GB')}`)
      .join('\n');
  process.stdout.write(
    `${result.name} (${result.unit}, ${result.runs} runs, median)\n${rows(result.figures)}\n` +
      `beside\n${rows(result.baseline)}\n` +
      `ratio ${result.ratio.toFixed(3)} (${result.better} is better; aim ${result.aim})\n`,
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
    .option('--json', 'print one JSON document')
    .action(async (name: string, options: { scale: number; broker?: string; json?: boolean }) => {
      const load = BENCHES[name];
      if (!load)
        throw new TocsinError('input.option', `bench "${name}" is unknown: allowed are ${names}`);
      const { json, ...given } = options;
      const result = await (await load())(given);
      if (json) process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
      else print(result);
    });
}
