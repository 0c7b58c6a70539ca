import type { Figures } from '../figures.js';
import type { CaseRun } from './run-case.js';

/** Cases to tune on, or cases to be judged by; they never share seeds or parameters. */
export type CaseSet = 'development' | 'scoring';

/** What every part is given. */
export interface PartOptions {
  /** share of the full size, above 0 and at most 1 */
  readonly scale: number;
  readonly set: CaseSet;
  /** tells people how far it is; goes to standard error */
  readonly progress: (text: string) => void;
  /** every simulated case of the set, run and scored; run once for all parts that ask */
  readonly runs: () => Promise<readonly CaseRun[]>;
}

/** What a part has found. */
export interface PartResult {
  /** plain JSON, under the part's name in the result */
  readonly figures: Figures;
  /** the same of what it is compared with, if anything */
  readonly baseline?: Figures;
  /** ours ÷ theirs, by what is compared */
  readonly ratios?: Readonly<Record<string, number>>;
  /** the figures as a table for people, without line ends */
  readonly lines: readonly string[];
  /** says that what must never be has been seen; the command then ends with 1 */
  readonly broken?: string;
}

/** One part of `tocsin bench accuracy`. */
export type AccuracyPart = (options: PartOptions) => Promise<PartResult>;
