import type { PartResult } from './accuracy/part.js';
import { chosenParts, resultOfParts } from './bench-parts.js';
import { scoreEffects } from './effect/score-effects.js';
import { type EffectScenario, simulateEffect } from './effect/simulated-incident.js';
import type { BenchResult } from './harness.js';

/** What `tocsin bench effect` was asked for. */
export interface EffectBenchOptions {
  /** share of the 2,000 simulated incidents of each part, above 0 and at most 1 */
  readonly scale: number;
  /** names of parts, separated by commas; default all */
  readonly only?: string;
  /** which simulated incidents; default those to be judged by */
  readonly set?: 'development' | 'scoring';
}

const INCIDENTS = 2_000;
const FIRST_SEED = { development: 1_000_000, scoring: 7_000_000 };

/** The simulated worlds, each with the design that is to measure it. */
const PARTS: Readonly<Record<string, EffectScenario>> = {
  controlGroup: { design: 'controlGroup', uncovered: 0, spillOver: 0 },
  controlGroupPartDelivered: { design: 'controlGroup', uncovered: 0.3, spillOver: 0 },
  sendingOrder: { design: 'sendingOrder', uncovered: 0, spillOver: 0 },
  sendingOrderPartDelivered: { design: 'sendingOrder', uncovered: 0.3, spillOver: 0 },
  controlGroupSpillOver: { design: 'controlGroup', uncovered: 0.3, spillOver: 0.15 },
  sendingOrderSpillOver: { design: 'sendingOrder', uncovered: 0.3, spillOver: 0.15 },
  areaOrderSpillOver: { design: 'areaOrder', uncovered: 0.3, spillOver: 0.15 },
};

/**
 * How right the measured effect of telling people is: incidents with a known true effect, its bias and
 * how often the 95 % interval holds the truth, for each design, also where only part of the messages
 * arrives and where word gets round. The ratio is the first part's coverage ÷ 0.95.
 * @throws TocsinError `input.option` for a part that is not known
 */
export async function benchEffect(options: EffectBenchOptions): Promise<BenchResult> {
  const started = process.cpuUsage();
  const count = Math.max(40, Math.round(INCIDENTS * options.scale));
  const results: [string, PartResult][] = [];
  for (const name of chosenParts(Object.keys(PARTS), options.only)) {
    const scenario = PARTS[name];
    if (!scenario) continue;
    process.stderr.write(`${name}: ${count} incidents\n`);
    const first = FIRST_SEED[options.set ?? 'scoring'] + Object.keys(PARTS).indexOf(name) * 100_000;
    const incidents = Array.from({ length: count }, (_, n) => simulateEffect(first + n, scenario));
    results.push([name, scoreEffects(incidents)]);
  }
  const { user, system } = process.cpuUsage(started);
  const about = {
    name: 'effect',
    better: 'higher',
    aim: '95 % intervals hold the truth in 95 ± 1 % of incidents',
  } as const;
  return resultOfParts(about, results, (user + system) / 1e6);
}
