import type { RosterOutlook, StaffingCost } from '../../domain/interval-forecast.js';
import type { QueueStaffing, StaffingRules } from '../rules.js';
import { agentsFor, rosteredFor } from './agents-for.js';
import { erlangA } from './erlang.js';

/** One queue in one interval, to be staffed. */
export interface IntervalLoad {
  readonly intervalSeconds: number;
  /** offered when the queue is staffed as needed */
  readonly neededCalls: number;
  /** offered with the roster as it stands; differs by redials */
  readonly rosterCalls: number;
  readonly ahtSeconds: number;
  /** people on the roster; null: there is none */
  readonly roster: number | null;
  /** agents at work beyond the roster; counted only with one */
  readonly calledIn?: number;
  /** agents that a like load needed, to begin from */
  readonly near?: number | undefined;
}

/** Agents needed, what the roster gives, and what both cost. */
export interface IntervalStaffing {
  readonly agents: number;
  readonly agentsErlangC: number;
  readonly rostered: number;
  readonly roster: RosterOutlook | null;
  readonly cost: StaffingCost;
  /** share that hangs up although there are agents as needed */
  readonly abandonment: number;
}

/** Agents at work of those on the roster; a part of an agent is none. @param shrinkage in [0,1) */
export function atWorkOf(roster: number, shrinkage: number): number {
  return Math.floor(roster * (1 - shrinkage) + 1e-9);
}

/**
 * Staffs one interval by Erlang A (Erlang C for comparison) and says what the roster as it stands
 * means. Assumes that an interval is long against handle times, so that the queue settles.
 */
export function staffInterval(
  load: IntervalLoad,
  staffing: QueueStaffing,
  cost: StaffingRules['cost'],
): IntervalStaffing {
  const { intervalSeconds, ahtSeconds, neededCalls, near, calledIn = 0 } = load;
  const queue = { callsPerSecond: neededCalls / intervalSeconds, ahtSeconds };
  const { patienceSeconds, shrinkage } = staffing;
  const needed = agentsFor({ ...queue, patienceSeconds }, staffing, near);
  const rostered = rosteredFor(needed.agents, shrinkage);
  const outlook =
    load.roster === null ? null : rosterOutlook(load, load.roster, staffing, rostered);
  const hours = intervalSeconds / 3600;
  const money = (people: number, abandoned: number): number =>
    people * hours * cost.agentHour + abandoned * cost.abandonedCall;
  return {
    agents: needed.agents,
    // Endless patience may allow no wait that the other targets are about, so begin from the same.
    agentsErlangC: agentsFor(queue, staffing, needed.agents + 1).agents,
    rostered,
    roster: outlook,
    cost: {
      needed: money(rostered, neededCalls * needed.abandonment),
      asRostered: outlook && money(outlook.agents + calledIn, outlook.abandonedCalls),
    },
    abandonment: needed.abandonment,
  };
}

function rosterOutlook(
  load: IntervalLoad,
  agents: number,
  staffing: QueueStaffing,
  rostered: number,
): RosterOutlook {
  const { intervalSeconds, ahtSeconds, rosterCalls, calledIn = 0 } = load;
  const { patienceSeconds, shrinkage, thresholdSeconds } = staffing;
  const atWork = atWorkOf(agents, shrinkage) + calledIn;
  const gapAgents = rostered - agents - rosteredFor(calledIn, shrinkage);
  const queue = { callsPerSecond: rosterCalls / intervalSeconds, ahtSeconds, patienceSeconds };
  const found = erlangA(queue, atWork, thresholdSeconds);
  return {
    agents,
    atWork,
    gapAgents,
    gapHours: (gapAgents * intervalSeconds) / 3600,
    serviceLevel: found.serviceLevel,
    asaSeconds: found.asaSeconds,
    occupancy: Math.min(1, found.occupancy),
    abandonment: found.abandonment,
    abandonedCalls: rosterCalls * found.abandonment,
  };
}
