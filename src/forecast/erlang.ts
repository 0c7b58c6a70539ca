/** Load on a queue: calls per second, mean handle time, mean patience (absent: nobody hangs up). */
export interface QueueLoad {
  readonly callsPerSecond: number;
  readonly ahtSeconds: number;
  readonly patienceSeconds?: number;
}

/** What a number of agents gives in the long run. Shares are fractions of 1. */
export interface QueuePerformance {
  readonly agents: number;
  /** answered within the threshold ÷ offered */
  readonly serviceLevel: number;
  /** mean wait of all offered calls, in seconds */
  readonly asaSeconds: number;
  /** share of time an agent is busy */
  readonly occupancy: number;
  /** hung up ÷ offered; 0 without patience */
  readonly abandonment: number;
  /** share that does not find a free agent */
  readonly waitProbability: number;
}

/** Offered load in Erlangs: calls per second × mean handle time. */
export function offeredErlangs(load: QueueLoad): number {
  return load.callsPerSecond * load.ahtSeconds;
}

const IDLE = { serviceLevel: 1, asaSeconds: 0, occupancy: 0, abandonment: 0, waitProbability: 0 };

/**
 * Erlang C (M/M/n). Assumes Poisson arrivals, exponential handle times, endless patience.
 * Source: Gans, Koole & Mandelbaum, "Telephone Call Centers", M&SOM 2003, section 4.1.
 * @returns undefined when the agents cannot carry the load: the queue would grow without end
 */
export function erlangC(
  load: QueueLoad,
  agents: number,
  thresholdSeconds: number,
): QueuePerformance | undefined {
  const erlangs = offeredErlangs(load);
  if (erlangs === 0) return { agents, ...IDLE };
  if (agents <= erlangs) return undefined;
  const blocking = erlangB(erlangs, agents);
  const occupancy = erlangs / agents;
  const waitProbability = blocking / (1 - occupancy * (1 - blocking));
  const spare = agents - erlangs;
  return {
    agents,
    serviceLevel: 1 - waitProbability * Math.exp((-spare * thresholdSeconds) / load.ahtSeconds),
    asaSeconds: (waitProbability * load.ahtSeconds) / spare,
    occupancy,
    abandonment: 0,
    waitProbability,
  };
}

/** Share lost by M/M/n/n: the numerically stable recursion (Gans et al. 2003, section 4.1). */
function erlangB(erlangs: number, agents: number): number {
  let blocking = 1;
  for (let n = 1; n <= agents; n++) blocking = (erlangs * blocking) / (n + erlangs * blocking);
  return blocking;
}

/** Stationary queue of M/M/n+M: P(fewer than n in system), and P(n + j in system) for j = 0, 1, …. */
function stationary(
  load: QueueLoad,
  agents: number,
  abandonRate: number,
): { free: number; waiting: number[] } {
  // Up to n in system the chain is that of Erlang B, which gives P(n) against all below it.
  const full = erlangB(offeredErlangs(load), agents);
  let waiting = [full];
  let free = 1 - full;
  let total = 1;
  for (let j = 1, term = full; term > 1e-16 * total; j++) {
    term *= load.callsPerSecond / (agents / load.ahtSeconds + j * abandonRate);
    waiting.push(term);
    total += term;
    if (total > 1e250) {
      // Deep overload: e^(λ/θ) would leave the range of a double.
      waiting = waiting.map((each) => each / total);
      [term, free, total] = [term / total, free / total, 1];
    }
  }
  return { free: free / total, waiting: waiting.map((term) => term / total) };
}

/**
 * Erlang A (M/M/n+M, Palm 1957): as Erlang C with exponential patience, so it has an answer in
 * overload. Source: Mandelbaum & Zeltyn, "The Palm/Erlang-A Queue" (2007), section 2. The wait of
 * a caller with j ahead is a sum of exponentials with rates nμ + iθ, i = 0…j, hence e^(−θV) is
 * Beta(nμ/θ, j + 1) by Rényi's representation, and the share answered within T of those is
 * c/(c+j+1) · (1 − I_x(c+1, j+1)) with c = nμ/θ and x = e^(−θT).
 */
export function erlangA(
  load: QueueLoad & { readonly patienceSeconds: number },
  agents: number,
  thresholdSeconds: number,
): QueuePerformance {
  if (load.callsPerSecond === 0) return { agents, ...IDLE };
  const rate = 1 / load.patienceSeconds;
  const { free, waiting } = stationary(load, agents, rate);
  const c = agents / (load.ahtSeconds * rate);
  const x = Math.exp(-rate * thresholdSeconds);
  let incomplete = x ** (c + 1); // I_x(c + 1, 1)
  let step = incomplete * (c + 1) * (1 - x); // x^a (1−x)^b / (b·B(a, b)) for b = 1
  let serviceLevel = free;
  let queueLength = 0;
  let waitProbability = 0;
  for (const [j, p] of waiting.entries()) {
    serviceLevel += p * (c / (c + j + 1)) * Math.max(0, 1 - incomplete);
    queueLength += p * j;
    waitProbability += p;
    incomplete += step;
    step *= ((c + 2 + j) * (1 - x)) / (j + 2);
  }
  const abandonment = (queueLength * rate) / load.callsPerSecond;
  return {
    agents,
    serviceLevel,
    asaSeconds: queueLength / load.callsPerSecond,
    occupancy: agents === 0 ? 0 : (offeredErlangs(load) * (1 - abandonment)) / agents,
    abandonment,
    waitProbability,
  };
}

/** What is wanted of a queue. */
export interface StaffingTarget {
  /** share answered within `thresholdSeconds`, in (0,1) */
  readonly serviceLevel: number;
  readonly thresholdSeconds: number;
  /** greatest share of time an agent may be busy, in (0,1] */
  readonly maxOccupancy: number;
}

/** Erlang A where patience is given, else Erlang C. @returns undefined in overload without patience */
export function performance(
  load: QueueLoad,
  agents: number,
  thresholdSeconds: number,
): QueuePerformance | undefined {
  const { patienceSeconds } = load;
  if (patienceSeconds === undefined) return erlangC(load, agents, thresholdSeconds);
  return erlangA({ ...load, patienceSeconds }, agents, thresholdSeconds);
}

/** Fewest agents that meet the target; found by doubling and bisection, as more never serve worse. */
export function agentsFor(load: QueueLoad, target: StaffingTarget): QueuePerformance {
  const meets = (agents: number): QueuePerformance | undefined => {
    const found = performance(load, agents, target.thresholdSeconds);
    const isMet =
      found !== undefined &&
      found.serviceLevel >= target.serviceLevel &&
      found.occupancy <= target.maxOccupancy;
    return isMet ? found : undefined;
  };
  if (load.callsPerSecond === 0) return { agents: 0, ...IDLE };
  if (!(offeredErlangs(load) < 1e6)) {
    throw new RangeError(`${offeredErlangs(load)} Erlangs: allowed are 0 to 1,000,000`);
  }
  let low = 0;
  let high = Math.max(1, Math.ceil(offeredErlangs(load)));
  let best = meets(high);
  while (best === undefined) {
    low = high;
    high *= 2;
    best = meets(high);
  }
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    const found = meets(middle);
    if (found) [high, best] = [middle, found];
    else low = middle;
  }
  return best;
}

/** Agents to put on the roster so that `agents` are at work. @param shrinkage in [0,1) */
export function rosteredFor(agents: number, shrinkage: number): number {
  return Math.ceil(agents / (1 - shrinkage) - 1e-9);
}
