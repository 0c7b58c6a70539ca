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

/** A queue that nobody calls and nobody serves. */
export const IDLE: QueuePerformance = {
  agents: 0,
  serviceLevel: 1,
  asaSeconds: 0,
  occupancy: 0,
  abandonment: 0,
  waitProbability: 0,
};

/** Terms below this share of their sum are left out. */
const NEGLIGIBLE = 1e-16;
/** Numbers beyond this are scaled down before they leave the range of a double. */
const HUGE = 1e250;

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
  if (erlangs === 0) return { ...IDLE, agents };
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

/**
 * Share lost by M/M/n/n. Its inverse is the sum over k = 0…n of n!/((n−k)! a^k) (Gans et al. 2003,
 * section 4.1, divided through by its last term); only terms that count are added, about
 * n − a + 9 √a of them, so that thousands of Erlangs take microseconds.
 */
function erlangB(erlangs: number, agents: number): number {
  let sum = 1;
  let term = 1;
  for (let left = agents; left > 0; left--) {
    term *= left / erlangs;
    sum += term;
    if (sum > HUGE) return 0;
    if (term < NEGLIGIBLE * sum && left < erlangs) break;
  }
  return 1 / sum;
}

/** Logarithm below which a number is taken to be 0. */
const VANISHING = -700;

/**
 * I_x(c + 1, j + 1) for j = 0, 1, …, by the recurrence in its second argument (NIST Digital Library of
 * Mathematical Functions, 8.17.21). Its first terms are below any double where thousands of agents
 * serve, so they are kept as logarithms until they are not.
 */
class IncompleteBetas {
  value: number;
  readonly #c: number;
  readonly #rest: number;
  #logStep: number;
  #step = 0;
  #j = 0;

  constructor(c: number, x: number) {
    this.#c = c;
    this.#rest = 1 - x;
    const log = (c + 1) * Math.log(x);
    this.value = Math.exp(log);
    this.#logStep = log + Math.log((c + 1) * this.#rest);
    if (this.#logStep > VANISHING) this.#step = Math.exp(this.#logStep);
  }

  next(): void {
    const ratio = ((this.#c + 2 + this.#j) * this.#rest) / (this.#j + 2);
    this.value = Math.min(1, this.value + this.#step);
    if (this.#step > 0) this.#step *= ratio;
    else {
      this.#logStep += Math.log(ratio);
      if (this.#logStep > VANISHING) this.#step = Math.exp(this.#logStep);
    }
    this.#j++;
  }
}

/**
 * Erlang A (M/M/n+M, Palm 1957): as Erlang C with exponential patience, so it has an answer in
 * overload. Source: Mandelbaum & Zeltyn, "The Palm/Erlang-A Queue" (2007), section 2. The wait of
 * a caller with j ahead is a sum of exponentials with rates nμ + iθ, i = 0…j, hence e^(−θV) is
 * Beta(nμ/θ, j + 1) by Rényi's representation, and the share answered within T of those is
 * c/(c+j+1) · (1 − I_x(c+1, j+1)) with c = nμ/θ and x = e^(−θT). Up to n in the system the chain is
 * that of Erlang B, which gives P(n) against all below it.
 */
export function erlangA(
  load: QueueLoad & { readonly patienceSeconds: number },
  agents: number,
  thresholdSeconds: number,
): QueuePerformance {
  const { callsPerSecond, ahtSeconds, patienceSeconds } = load;
  if (callsPerSecond === 0) return { ...IDLE, agents };
  const rate = 1 / patienceSeconds;
  const serviceRate = agents / ahtSeconds;
  const c = serviceRate * patienceSeconds;
  const tooLate = new IncompleteBetas(c, Math.exp(-rate * thresholdSeconds));
  // Of n + j in the system, j = 0, 1, …, all against P(n): sums that are scaled together.
  let term = erlangB(offeredErlangs(load), agents);
  let [total, waiting, queued, inTime] = [1, 0, 0, 1 - term];
  for (let j = 0; ; j++) {
    waiting += term;
    queued += term * j;
    inTime += term * (c / (c + j + 1)) * (1 - tooLate.value);
    tooLate.next();
    const outRate = serviceRate + (j + 1) * rate;
    term *= callsPerSecond / outRate;
    if (term <= NEGLIGIBLE * total && (term === 0 || outRate > callsPerSecond)) break;
    total += term;
    if (total < HUGE) continue;
    // Deep overload: e^(λ/θ) would leave the range of a double.
    [term, waiting, queued, inTime] = [
      term / total,
      waiting / total,
      queued / total,
      inTime / total,
    ];
    total = 1;
  }
  const abandonment = Math.min(1, (queued / total) * (rate / callsPerSecond));
  return {
    agents,
    serviceLevel: Math.min(1, inTime / total),
    asaSeconds: queued / total / callsPerSecond,
    occupancy: agents === 0 ? 0 : (offeredErlangs(load) * (1 - abandonment)) / agents,
    abandonment,
    waitProbability: Math.min(1, waiting / total),
  };
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
