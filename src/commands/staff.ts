import { type Command, InvalidArgumentError } from 'commander';
import { TocsinError } from '../domain/errors.js';
import { agentsFor, loadProblem, rosteredFor } from '../forecast/staffing/agents-for.js';
import {
  offeredErlangs,
  performance,
  type QueueLoad,
  type QueuePerformance,
} from '../forecast/staffing/erlang.js';
import { durationOption, numberOption } from './option-values.js';

interface StaffOptions {
  calls: number;
  interval: number;
  aht: number;
  target: { serviceLevel: number; thresholdSeconds: number };
  patience?: number;
  shrinkage: number;
  maxOccupancy: number;
  maxWait?: number;
  maxAbandonment?: number;
  agents?: number;
  json?: boolean;
}

const DEFAULT_TARGET = { serviceLevel: 0.8, thresholdSeconds: 20 };

function readTarget(text: string): StaffOptions['target'] {
  const [, percent, seconds] = /^(\d+(?:\.\d+)?)\/(\d+(?:\.\d+)?)$/.exec(text) ?? [];
  const serviceLevel = Number(percent) / 100;
  if (seconds === undefined || !(serviceLevel > 0 && serviceLevel < 1)) {
    throw new InvalidArgumentError(
      'allowed: percent/seconds, such as 80/20; percent above 0, below 100',
    );
  }
  return { serviceLevel, thresholdSeconds: Number(seconds) };
}

function evaluate(load: QueueLoad, agents: number, thresholdSeconds: number): QueuePerformance {
  const found = performance(load, agents, thresholdSeconds);
  if (found) return found;
  const least = Math.floor(offeredErlangs(load)) + 1;
  throw new TocsinError(
    'input.option',
    `${agents} agents cannot carry ${offeredErlangs(load).toFixed(2)} Erlangs when nobody hangs up: ` +
      `at least ${least} are needed, or give --patience`,
  );
}

interface Staffed extends QueuePerformance {
  readonly rostered: number;
  /** agents that the same target takes when nobody hangs up; undefined when none was sought */
  readonly withoutPatience?: number;
}

function staff(options: StaffOptions): Staffed {
  const { calls, interval, aht, target, patience, shrinkage } = options;
  const endless: QueueLoad = { callsPerSecond: calls / interval, ahtSeconds: aht };
  const load = patience === undefined ? endless : { ...endless, patienceSeconds: patience };
  const problem = loadProblem(load);
  if (problem !== undefined) throw new TocsinError('input.option', `--calls, --aht: ${problem}`);
  if (options.agents !== undefined) {
    const found = evaluate(load, options.agents, target.thresholdSeconds);
    return { ...found, rostered: rosteredFor(found.agents, shrinkage) };
  }
  const wanted = {
    ...target,
    maxOccupancy: options.maxOccupancy,
    asaSeconds: options.maxWait,
    abandonment: options.maxAbandonment,
  };
  const found = agentsFor(load, wanted);
  const rostered = rosteredFor(found.agents, shrinkage);
  if (patience === undefined) return { ...found, rostered };
  return { ...found, rostered, withoutPatience: agentsFor(endless, wanted).agents };
}

function asJson(result: Staffed) {
  const { agents, rostered, serviceLevel, asaSeconds, occupancy, abandonment, waitProbability } =
    result;
  return { agents, rostered, serviceLevel, asaSeconds, occupancy, abandonment, waitProbability };
}

function forPeople(result: Staffed, target: StaffOptions['target']): string {
  const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
  const { withoutPatience } = result;
  return [
    `agents at work      ${result.agents}`,
    `agents on roster    ${result.rostered}`,
    `answered in ${target.thresholdSeconds} s    ${percent(result.serviceLevel)}`,
    `mean wait           ${result.asaSeconds.toFixed(1)} s`,
    `agents busy         ${percent(result.occupancy)}`,
    `hang up             ${percent(result.abandonment)}`,
    `have to wait        ${percent(result.waitProbability)}`,
    ...(withoutPatience === undefined
      ? []
      : [`if nobody hung up   ${withoutPatience} agents (Erlang C)`]),
    '',
  ].join('\n');
}

/** `tocsin staff`: agents needed for a load, or what a number of agents gives. */
export function registerStaff(program: Command): void {
  const share = numberOption('0 up to, but not including, 1', (x) => x >= 0 && x < 1);
  const above0 = numberOption('a number above 0', (x) => x > 0);
  program
    .command('staff')
    .description('agents needed for a load (Erlang A with --patience, else Erlang C)')
    .requiredOption(
      '--calls <n>',
      'calls in the interval',
      numberOption('0 or more', (x) => x >= 0),
    )
    .option('--interval <duration>', 'length of the interval', durationOption, 1800)
    .requiredOption('--aht <seconds>', 'mean handle time: talk, hold and wrap-up', above0)
    .option('--target <percent/seconds>', 'service level wanted', readTarget, DEFAULT_TARGET)
    .option('--patience <seconds>', 'mean time until a waiting caller hangs up', above0)
    .option('--shrinkage <share>', 'paid time an agent is not available', share, 0)
    .option(
      '--max-occupancy <share>',
      'greatest share of time an agent may be busy',
      numberOption('above 0, at most 1', (x) => x > 0 && x <= 1),
      1,
    )
    .option('--max-wait <seconds>', 'greatest mean wait of all calls', above0)
    .option(
      '--max-abandonment <share>',
      'greatest share that hangs up',
      numberOption('above 0, at most 1', (x) => x > 0 && x <= 1),
    )
    .option(
      '--agents <n>',
      'instead: what this many give',
      numberOption(
        'a whole number from 0 to 10,000,000',
        (x) => Number.isInteger(x) && x >= 0 && x <= 1e7,
      ),
    )
    .option('--json', 'print one JSON document')
    .action((options: StaffOptions) => {
      const result = staff(options);
      process.stdout.write(
        options.json ? `${JSON.stringify(asJson(result))}\n` : forPeople(result, options.target),
      );
    });
}
