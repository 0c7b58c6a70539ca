import {
  IDLE,
  offeredErlangs,
  performance,
  type QueueLoad,
  type QueuePerformance,
} from './erlang.js';

/** What is wanted of a queue; every part that is given must hold. */
export interface StaffingTarget {
  /** share answered within `thresholdSeconds`, in (0,1) */
  readonly serviceLevel: number;
  readonly thresholdSeconds: number;
  /** greatest share of time an agent may be busy, in (0,1] */
  readonly maxOccupancy: number;
  /** greatest mean wait of all offered calls, above 0 */
  readonly asaSeconds?: number | null | undefined;
  /** greatest share that hangs up, in (0,1] */
  readonly abandonment?: number | null | undefined;
}

/** Greatest load that is worked out, in Erlangs, and greatest number of callers that may wait. */
const MOST_ERLANGS = 1e6;
const MOST_WAITING = 1e7;

/** Why a load cannot be worked out, undefined when it can. */
export function loadProblem(load: QueueLoad): string | undefined {
  const erlangs = offeredErlangs(load);
  if (!(erlangs >= 0 && erlangs <= MOST_ERLANGS))
    return `${erlangs} Erlangs (calls per second × handle time): allowed are 0 to ${MOST_ERLANGS}`;
  const waiting = load.callsPerSecond * (load.patienceSeconds ?? 0);
  if (waiting <= MOST_WAITING) return undefined;
  return `${waiting} callers waiting (calls per second × patience): allowed are 0 to ${MOST_WAITING}`;
}

function isMet(found: QueuePerformance, target: StaffingTarget): boolean {
  return (
    found.serviceLevel >= target.serviceLevel &&
    found.occupancy <= target.maxOccupancy &&
    found.asaSeconds <= (target.asaSeconds ?? Number.POSITIVE_INFINITY) &&
    found.abandonment <= (target.abandonment ?? 1)
  );
}

/**
 * Fewest agents that meet the target, as more never serve worse: from a guess up or down in steps
 * that double, then by bisection.
 *
 * @param near where to begin; default the square-root rule of Halfin & Whitt (Op. Res. 1981)
 * @throws RangeError for a load that `loadProblem` names
 */
export function agentsFor(
  load: QueueLoad,
  target: StaffingTarget,
  near?: number,
): QueuePerformance {
  const problem = loadProblem(load);
  if (problem !== undefined) throw new RangeError(problem);
  if (load.callsPerSecond === 0) return IDLE;
  const erlangs = offeredErlangs(load);
  const first = Math.max(1, Math.round(near ?? erlangs + 0.7 * Math.sqrt(erlangs)));
  let { low, best } = bracket(load, target, first);
  while (best.agents - low > 1) {
    const middle = (low + best.agents) >> 1;
    const found = ifMet(load, target, middle);
    if (found) best = found;
    else low = middle;
  }
  return best;
}

function ifMet(
  load: QueueLoad,
  target: StaffingTarget,
  agents: number,
): QueuePerformance | undefined {
  const found = performance(load, agents, target.thresholdSeconds);
  return found && isMet(found, target) ? found : undefined;
}

/** A number of agents that is too few (0 always is, as somebody calls) and one that is enough. */
function bracket(
  load: QueueLoad,
  target: StaffingTarget,
  first: number,
): { low: number; best: QueuePerformance } {
  let best = ifMet(load, target, first);
  if (!best) {
    let low = first;
    for (let step = 1; ; step *= 2) {
      best = ifMet(load, target, low + step);
      if (best) return { low, best };
      low += step;
    }
  }
  for (let step = 1; best.agents - step > 0; step *= 2) {
    const fewer = ifMet(load, target, best.agents - step);
    if (!fewer) return { low: best.agents - step, best };
    best = fewer;
  }
  return { low: 0, best };
}

/** Agents to put on the roster so that `agents` are at work. @param shrinkage in [0,1) */
export function rosteredFor(agents: number, shrinkage: number): number {
  return Math.ceil(agents / (1 - shrinkage) - 1e-9);
}
