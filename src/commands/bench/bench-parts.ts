import { TocsinError } from '../../domain/errors.js';
import type { CaseSet, PartOptions, PartResult } from './accuracy/part.js';
import type { Figures } from './figures.js';
import type { BenchResult } from './harness.js';

/**
 * Names of the parts of a bench that are asked for, in the bench's own order.
 * @param only names with commas between; all when undefined
 * @throws TocsinError `input.option` for a part that is not known
 */
export function chosenParts(known: readonly string[], only: string | undefined): string[] {
  if (only === undefined) return [...known];
  const wanted = only.split(',').map((name) => name.trim());
  for (const name of wanted) {
    if (known.includes(name)) continue;
    const allowed = known.join(', ');
    throw new TocsinError('input.option', `--only ${name}: no such part; allowed: ${allowed}`);
  }
  return known.filter((name) => wanted.includes(name));
}

/**
 * The result of a bench of several parts: each part's figures under its name, and what they are
 * compared with under the same name in `baseline`. The ratio is the first part's that compares.
 */
export function resultOfParts(
  about: Pick<BenchResult, 'name' | 'better' | 'aim'>,
  results: readonly (readonly [string, PartResult])[],
  cpuSeconds: number,
): BenchResult {
  const baseline: Record<string, Figures> = {};
  const ratios: Record<string, number> = {};
  for (const [name, part] of results) {
    if (part.baseline !== undefined) baseline[name] = part.baseline;
    for (const [what, ratio] of Object.entries(part.ratios ?? {})) {
      ratios[`${name}.${what}`] = ratio;
    }
  }
  const broken = results.flatMap(([name, part]) =>
    part.broken ? [`${name}: ${part.broken}`] : [],
  );
  return {
    ...about,
    ...(broken.length === 0 ? {} : { broken: broken.join('; ') }),
    unit: 'shares of 1, seconds',
    figures: Object.fromEntries(results.map(([name, { figures }]) => [name, figures])),
    baseline,
    ratio: Object.values(ratios)[0] ?? null,
    ratios,
    runs: 1,
    cpuSecondsOurs: cpuSeconds,
    cpuSecondsBaseline: 0,
    lines: results.flatMap(([name, { lines }]) => [name, ...lines, '']),
  };
}

/** What a bench of cases was asked for. */
export interface CaseBenchOptions {
  /** share of the full size, above 0 and at most 1 */
  readonly scale: number;
  /** names of parts, separated by commas; default all */
  readonly only?: string;
  /** which simulated cases; default those to be judged by */
  readonly set?: CaseSet;
}

/** What a part that needs nothing but its cases is given. */
export type CasePartOptions = Pick<PartOptions, 'scale' | 'set' | 'progress'>;

/** Such a part. */
export type CasePart = (options: CasePartOptions) => Promise<PartResult>;

/**
 * Runs the parts that are asked for, one after the other.
 * @param parts in the order they run, loaded when asked for
 * @throws TocsinError `input.option` for a part that is not known
 */
export async function benchCases(
  about: Pick<BenchResult, 'name' | 'better' | 'aim'>,
  parts: Readonly<Record<string, () => Promise<CasePart>>>,
  { only, scale, set = 'scoring' }: CaseBenchOptions,
): Promise<BenchResult> {
  const started = process.cpuUsage();
  const results: [string, PartResult][] = [];
  for (const name of chosenParts(Object.keys(parts), only)) {
    const part = await parts[name]?.();
    if (part === undefined) continue;
    const progress = (text: string): void => void process.stderr.write(`${name}: ${text}\n`);
    results.push([name, await part({ scale, set, progress })]);
  }
  const { user, system } = process.cpuUsage(started);
  return resultOfParts(about, results, (user + system) / 1e6);
}
