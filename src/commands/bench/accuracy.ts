import { runCases } from './accuracy/all-runs.js';
import { DEVELOPMENT_CASES } from './accuracy/development-cases.js';
import type { AccuracyPart, CaseSet, PartOptions, PartResult } from './accuracy/part.js';
import type { CaseRun } from './accuracy/run-case.js';
import { SCORING_CASES } from './accuracy/scoring-cases.js';
import { chosenParts, resultOfParts } from './bench-parts.js';
import type { BenchResult } from './harness.js';

/**
 * The parts in the order they run; each in a file of its own below `accuracy/`, loaded when asked
 * for. A new part is one line here.
 */
const PARTS: Readonly<Record<string, () => Promise<AccuracyPart>>> = {
  scenarios: async () => (await import('./accuracy/scenarios.js')).scoreScenarios,
  reliability: async () => (await import('./accuracy/reliability.js')).scoreReliability,
  peers: async () => (await import('./accuracy/peers.js')).scorePeers,
  repair: async () => (await import('./accuracy/repair.js')).measureRepair,
  falseRate: async () => (await import('./accuracy/false-rate.js')).measureFalseRate,
  customers: async () => (await import('./accuracy/customers.js')).measureCustomers,
  realSets: async () => (await import('./accuracy/real-sets.js')).measureRealSets,
  labelled: async () => (await import('./accuracy/labelled.js')).compareOnLabelled,
  hotLoop: async () => (await import('./accuracy/hot-loop.js')).timeHotLoop,
  groupingSpeed: async () => (await import('./accuracy/grouping-speed.js')).timeGrouping,
};

/** What `tocsin bench accuracy` was asked for. */
export interface AccuracyOptions {
  readonly scale: number;
  /** names of parts, separated by commas; default all */
  readonly only?: string;
  /** which cases; default those to be judged by */
  readonly set?: CaseSet;
  /** only simulated cases whose name holds this text */
  readonly case?: string;
}

const ABOUT = {
  name: 'accuracy',
  better: 'higher',
  aim: 'precision and recall at least 0.98, ARI 0.95, right cause first 0.9, no wrong text',
} as const;

/**
 * How often Tocsin is right: every part's figures under its name, what it is compared with under
 * the same name in `baseline`. The ratio is the first part's that compares.
 * @throws TocsinError `input.option` for a part that is not known
 */
export async function benchAccuracy(options: AccuracyOptions): Promise<BenchResult> {
  const names = chosenParts(Object.keys(PARTS), options.only);
  const started = process.cpuUsage();
  const results: [string, PartResult][] = [];
  const set = options.set ?? 'scoring';
  const runs = sharedRuns(options, set);
  for (const name of names) {
    const part = await PARTS[name]?.();
    if (part === undefined) continue;
    const progress = (text: string): void => tell(`${name}: ${text}`);
    results.push([name, await part({ scale: options.scale, set, progress, runs })]);
  }
  const { user, system } = process.cpuUsage(started);
  return resultOfParts(ABOUT, results, (user + system) / 1e6);
}

function tell(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** The simulated cases, run when first asked for. */
function sharedRuns(options: AccuracyOptions, set: CaseSet): PartOptions['runs'] {
  const settings = set === 'scoring' ? SCORING_CASES : DEVELOPMENT_CASES;
  const { scale, case: named } = options;
  let runs: Promise<readonly CaseRun[]> | undefined;
  return () => {
    runs ??= runCases(settings, { scale, ...(named === undefined ? {} : { named }) }, tell);
    return runs;
  };
}
