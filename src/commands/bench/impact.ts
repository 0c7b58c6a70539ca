import { benchCases, type CaseBenchOptions, type CasePart } from './bench-parts.js';
import type { BenchResult } from './harness.js';

/** The parts in the order they run, loaded when asked for. A new part is one line here. */
const PARTS: Readonly<Record<string, () => Promise<CasePart>>> = {
  accuracy: async () => (await import('./impact/accuracy.js')).scoreWhereabouts,
  national: async () => (await import('./impact/national.js')).measureNational,
};

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
export function benchImpact(options: CaseBenchOptions): Promise<BenchResult> {
  return benchCases(ABOUT, PARTS, options);
}
