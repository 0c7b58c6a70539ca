import { simulateQueue } from '../../../../simulators/calls/queue-simulation.js';
import { Random } from '../../../../simulators/random.js';
import { agentsFor, rosteredFor } from '../../../forecast/staffing/agents-for.js';
import { erlangA } from '../../../forecast/staffing/erlang.js';
import type { PartResult } from '../accuracy/part.js';
import { type Figures, rounded } from '../figures.js';
import type { ForecastPartOptions } from './part.js';

const TARGET = { serviceLevel: 0.8, thresholdSeconds: 20, maxOccupancy: 0.85 };
const REGIONS = 24;
const CALLS = 300_000;

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

/** Staffing beside published values, and beside a simulated queue in regions that no table covers. */
export async function checkStaffing(options: ForecastPartOptions): Promise<PartResult> {
  const random = new Random(options.set === 'scoring' ? 907 : 17, 'staffing');
  const regions = Math.max(3, Math.round(REGIONS * options.scale));
  let [worstLevel, worstAbandonment] = [0, 0];
  for (let region = 0; region < regions; region++) {
    options.progress(`region ${region + 1} of ${regions}`);
    const ahtSeconds = random.between(60, 600);
    const erlangs = Math.exp(random.between(0, Math.log(3000)));
    const patienceSeconds = Math.exp(random.between(Math.log(10), Math.log(600)));
    const load = { callsPerSecond: erlangs / ahtSeconds, ahtSeconds, patienceSeconds };
    const agents = Math.max(1, Math.round(erlangs * random.between(0.5, 1.3)));
    const threshold = random.between(5, 60);
    const said = erlangA(load, agents, threshold);
    const seen = simulateQueue(load, agents, threshold, { calls: CALLS, seed: region });
    worstLevel = Math.max(worstLevel, Math.abs(said.serviceLevel - seen.serviceLevel));
    worstAbandonment = Math.max(worstAbandonment, Math.abs(said.abandonment - seen.abandonment));
  }
  const found = ours();
  const isExact = Object.entries(PUBLISHED).every(([name, value]) => found[name] === value);
  const figures: Figures = {
    ...found,
    publishedMet: isExact,
    simulatedRegions: regions,
    worstServiceLevelPoints: rounded(100 * worstLevel, 2),
    worstAbandonmentPoints: rounded(100 * worstAbandonment, 2),
  };
  const lines = Object.entries(figures).map(([what, value]) => `  ${what.padEnd(28)} ${value}`);
  return { figures, baseline: PUBLISHED, lines };
}
