import { simulateQueue } from '../../../../simulators/calls/queue-simulation.js';
import { Random } from '../../../../simulators/random.js';
import { agentsFor, rosteredFor } from '../../../forecast/staffing/agents-for.js';
import { erlangA } from '../../../forecast/staffing/erlang.js';
import type { PartResult } from '../accuracy/part.js';
import type { CasePartOptions } from '../bench-parts.js';
import { type Figures, rounded } from '../figures.js';

const TARGET = { serviceLevel: 0.8, thresholdSeconds: 20, maxOccupancy: 0.85 };
const REGIONS = 24;
/** Calls of one simulated run, after a tenth of them to warm up. */
const CALLS = 150_000;
/** Runs go on until the simulation itself is known so well, in points of service level … */
const WANTED_ERROR = 0.2;
/** … or so many were made. */
const MOST_RUNS = 80;
const LEAST_RUNS = 4;

/** Figures of published examples, to be met to their last digit. */
const PUBLISHED: Figures = {
  erlangCAgents: 14,
  erlangCRostered: 20,
  erlangCServiceLevel: 0.888,
  erlangCOccupancy: 0.714,
  erlangCWaitProbability: 0.174,
  erlangAAbandonment: 0.172,
  erlangAServiceLevel: 0.431,
  erlangAAgents: 12,
};

function ours(): Figures {
  const office = { callsPerSecond: 100 / 1800, ahtSeconds: 180 };
  const c = agentsFor(office, TARGET);
  const busy = { callsPerSecond: 300 / 900, ahtSeconds: 360, patienceSeconds: 120 };
  const a = erlangA(busy, 100, 20);
  return {
    erlangCAgents: c.agents,
    erlangCRostered: rosteredFor(c.agents, 0.3),
    erlangCServiceLevel: rounded(c.serviceLevel, 3),
    erlangCOccupancy: rounded(c.occupancy, 3),
    erlangCWaitProbability: rounded(c.waitProbability, 3),
    erlangAAbandonment: rounded(a.abandonment, 3),
    erlangAServiceLevel: rounded(a.serviceLevel, 3),
    erlangAAgents: agentsFor({ ...office, patienceSeconds: 120 }, TARGET).agents,
  };
}

interface SimulatedRegion {
  readonly load: { callsPerSecond: number; ahtSeconds: number; patienceSeconds: number };
  readonly agents: number;
  readonly threshold: number;
}

function drawQueue(random: Random): SimulatedRegion {
  const ahtSeconds = random.between(60, 600);
  const erlangs = Math.exp(random.between(0, Math.log(3000)));
  const patienceSeconds = Math.exp(random.between(Math.log(10), Math.log(600)));
  return {
    load: { callsPerSecond: erlangs / ahtSeconds, ahtSeconds, patienceSeconds },
    agents: Math.max(1, Math.round(erlangs * random.between(0.5, 1.3))),
    threshold: random.between(5, 60),
  };
}

/** Means over independent runs, and the standard error of the service level's. */
function simulateRegion({ load, agents, threshold }: SimulatedRegion, region: number) {
  let [runs, level, square, abandonment, levelError] = [0, 0, 0, 0, Number.POSITIVE_INFINITY];
  while (runs < LEAST_RUNS || (100 * levelError > WANTED_ERROR && runs < MOST_RUNS)) {
    const seed = 1000 * region + runs;
    const seen = simulateQueue(load, agents, threshold, { calls: CALLS, seed });
    runs++;
    level += seen.serviceLevel;
    square += seen.serviceLevel ** 2;
    abandonment += seen.abandonment;
    const spread = Math.max(0, square / runs - (level / runs) ** 2);
    levelError = Math.sqrt(spread / Math.max(1, runs - 1));
  }
  return { runs, serviceLevel: level / runs, abandonment: abandonment / runs, levelError };
}

/** Staffing beside published values, and beside a simulated queue in regions that no table covers. */
export async function checkStaffing(options: CasePartOptions): Promise<PartResult> {
  const random = new Random(options.set === 'scoring' ? 907 : 17, 'staffing');
  const regions = Math.max(3, Math.round(REGIONS * options.scale));
  let [worstLevel, worstAbandonment, worstError, runs] = [0, 0, 0, 0];
  for (let region = 0; region < regions; region++) {
    options.progress(`region ${region + 1} of ${regions}`);
    const queue = drawQueue(random);
    const said = erlangA(queue.load, queue.agents, queue.threshold);
    const seen = simulateRegion(queue, region);
    worstLevel = Math.max(worstLevel, Math.abs(said.serviceLevel - seen.serviceLevel));
    worstAbandonment = Math.max(worstAbandonment, Math.abs(said.abandonment - seen.abandonment));
    worstError = Math.max(worstError, seen.levelError);
    runs += seen.runs;
  }
  const found = ours();
  const isExact = Object.entries(PUBLISHED).every(([name, value]) => found[name] === value);
  const figures: Figures = {
    ...found,
    publishedMet: isExact,
    simulatedRegions: regions,
    simulatedRuns: runs,
    worstStandardErrorPoints: rounded(100 * worstError, 2),
    worstServiceLevelPoints: rounded(100 * worstLevel, 2),
    worstAbandonmentPoints: rounded(100 * worstAbandonment, 2),
  };
  const lines = Object.entries(figures).map(([what, value]) => `  ${what.padEnd(28)} ${value}`);
  return { figures, baseline: PUBLISHED, lines };
}
