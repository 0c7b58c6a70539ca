import type { CaseSet, PartResult } from './accuracy/part.js';
import { chosenParts, resultOfParts } from './bench-parts.js';
import type { BenchResult } from './harness.js';
import type { ImpactPart } from './impact/part.js';

/** The parts in the order they run, loaded when asked for. A new part is one line here. */
const PARTS: Readonly<Record<string, () => Promise<ImpactPart>>> = {
  accuracy: async () => (await import('./impact/accuracy.js')).scoreWhereabouts,
  national: async () => (await import('./impact/national.js')).measureNational,
};

/** What `tocsin bench impact` was asked for. */
export interface ImpactBenchOptions {
  /** share of the full size, above 0 and at most 1 */
  readonly scale: number;
  /** names of parts, separated by commas; default all */
  readonly only?: string;
  /** which simulated cases; default those to be judged by */
  readonly set?: CaseSet;
}

const ABOUT = {
  name: 'impact',
  better: 'lower',
  aim: 'a smaller Brier score than either naive model, stated probabilities within 0.05 of the truth',
} as const;

/**
 * How right and how fast it is who is affected: every part's figures under its name, what it is
 * compared with under the same name in `baseline`. The ratio is the first part's that compares.
 * @throws TocsinError `input.option` for a part that is not known
 */
export async function benchImpact(options: ImpactBenchOptions): Promise<BenchResult> {
  const started = process.cpuUsage();
  const results: [string, PartResult][] = [];
  for (const name of chosenParts(Object.keys(PARTS), options.only)) {
    const part = await PARTS[name]?.();
    if (part === undefined) continue;
    const progress = (text: string): void => void process.stderr.write(`${name}: ${text}\n`);
    const set = options.set ?? 'scoring';
    results.push([name, await part({ scale: options.scale, set, progress })]);
  }
  const { user, system } = process.cpuUsage(started);
  return resultOfParts(ABOUT, results, (user + system) / 1e6);
}
