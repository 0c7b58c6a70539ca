import { TocsinError } from '../../domain/errors.js';
import type { PartResult } from './accuracy/part.js';
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
