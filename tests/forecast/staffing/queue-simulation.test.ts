import { expect, it } from 'vitest';
import { simulateQueue } from '../../../simulators/calls/queue-simulation.js';
import { erlangA } from '../../../src/forecast/staffing/erlang.js';

/** Calls a second, handle time, patience, agents: light, balanced, overloaded, large, impatient. */
const REGIONS = [
  [0.02, 200, 90, 6],
  [0.1, 300, 120, 30],
  [0.1, 300, 120, 18],
  [0.5, 240, 180, 60],
  [3, 300, 100, 880],
  [12, 260, 150, 3050],
  [0.3, 180, 8, 50],
  [0.05, 400, 2000, 21],
] as const;

it.each(REGIONS)(
  'is within a point of a simulated queue: %d calls/s of %d s, patience %d s, %d agents',
  (callsPerSecond, ahtSeconds, patienceSeconds, agents) => {
    const load = { callsPerSecond, ahtSeconds, patienceSeconds };
    const said = erlangA(load, agents, 20);
    // a busy system forgets slowly, so large ones are watched for more calls
    const calls = agents > 500 ? 500_000 : 250_000;
    const seen = simulateQueue(load, agents, 20, { calls, seed: 3 });
    expect(Math.abs(said.serviceLevel - seen.serviceLevel)).toBeLessThan(0.01);
    expect(Math.abs(said.abandonment - seen.abandonment)).toBeLessThan(0.01);
    expect(Math.abs(said.asaSeconds - seen.asaSeconds)).toBeLessThan(0.02 * patienceSeconds);
  },
);
