import type { ClusterCalls, ClusterExposure, ContrastCell } from './contrast.js';

/**
 * People whose order of sending is random among each other: one wave, one priority, queued in one go.
 * Person number k is the one whose place in that order is k.
 */
export interface SendingStratum {
  readonly people: number;
  /**
   * moments at which its messages left, rising, epoch ms. May be fewer than people, since some never
   * left; the k-th person's turn is at the same share of this list, whatever happened to them.
   */
  readonly turns: Float64Array;
}

/** A call of somebody in a stratum. */
export interface StratumCall {
  readonly stratum: number;
  /** the caller's place in the order, 0 to people - 1 */
  readonly place: number;
  readonly cluster: number;
  readonly atMs: number;
}

/** Both sides over time, and the calls in it. */
export interface OrderContrast {
  readonly cells: readonly ContrastCell[];
  readonly calls: readonly ClusterCalls[];
  /** calls of people whose turn had come, also after the last one's turn */
  readonly callsAfterTurn: number;
}

/** Stretches that the time of sending is cut into: within one the rate of calls may change little. */
const STRETCHES = 40;

/** When the turn of a place in the order comes, whatever became of that person's message. Epoch ms. */
export function turnOf({ people, turns }: SendingStratum, place: number): number {
  const at = Math.min(turns.length - 1, Math.floor((place / people) * turns.length));
  return turns[at] ?? Number.POSITIVE_INFINITY;
}

/**
 * Cuts the time between a stratum's first and last turn into stretches and counts, in each, the time
 * people had been told and not yet told. By turn and not by delivery: whether a message arrives
 * depends on coverage, which also decides who calls.
 * @param endMs calls after it do not count, epoch ms
 */
export function orderContrast(
  strata: readonly SendingStratum[],
  calls: Iterable<StratumCall>,
  endMs: number,
): OrderContrast {
  const bounds = strata.map(stretchBounds);
  const cells = strata.flatMap((stratum, n) => exposures(stratum, bounds[n] ?? NO_BOUNDS));
  const counted: ClusterCalls[] = [];
  let callsAfterTurn = 0;
  for (const call of calls) {
    const stratum = strata[call.stratum];
    const bound = bounds[call.stratum];
    if (!stratum || !bound || call.atMs > endMs) continue;
    const isTold = call.atMs >= turnOf(stratum, call.place);
    if (isTold) callsAfterTurn++;
    const stretch = stretchAt(bound, call.atMs);
    if (stretch === undefined) continue;
    const cell = call.stratum * STRETCHES + stretch;
    counted.push({ cell, cluster: call.cluster, isTold, calls: 1 });
  }
  return { cells, calls: counted, callsAfterTurn };
}

const NO_BOUNDS = new Float64Array(STRETCHES + 1);

/** Stretches of equally many turns each, so that a pause in sending is one stretch. */
function stretchBounds({ turns }: SendingStratum): Float64Array {
  const last = turns.length - 1;
  return Float64Array.from({ length: STRETCHES + 1 }, (_, n) => {
    return turns[Math.round((n / STRETCHES) * last)] ?? Number.NaN;
  });
}

function stretchAt(bounds: Float64Array, atMs: number): number | undefined {
  let lo = 0;
  let hi = STRETCHES;
  if (!(atMs >= (bounds[0] ?? 0) && atMs < (bounds[STRETCHES] ?? 0))) return undefined;
  while (hi - lo > 1) {
    const middle = (lo + hi) >> 1;
    if ((bounds[middle] ?? 0) <= atMs) lo = middle;
    else hi = middle;
  }
  return lo;
}

/** Person-minutes told and untold in each stretch of one stratum. */
function exposures(stratum: SendingStratum, bounds: Float64Array): ContrastCell[] {
  const { people, turns } = stratum;
  const perTurn = turns.length > 0 ? people / turns.length : 0;
  const cells: ContrastCell[] = [];
  let done = 0;
  for (let n = 0; n < STRETCHES; n++) {
    const from = bounds[n] ?? 0;
    const to = bounds[n + 1] ?? 0;
    const before = done;
    let toldMs = 0;
    for (; done < turns.length && (turns[done] ?? 0) < to; done++)
      toldMs += to - (turns[done] ?? 0);
    toldMs += before * (to - from);
    const told = (toldMs * perTurn) / 60_000;
    cells.push({
      toldExposure: told,
      untoldExposure: Math.max(0, (people * (to - from)) / 60_000 - told),
    });
  }
  return cells;
}

/**
 * The parts that large clusters such as areas have in a stratum's exposure.
 * @param index of the stratum in the list given to `orderContrast`
 * @param clusterOf the cluster of the person at a place
 */
export function clusterExposures(
  index: number,
  stratum: SendingStratum,
  clusterOf: (place: number) => number,
): ClusterExposure[] {
  const bounds = stretchBounds(stratum);
  const clusters = new Map<number, { people: number; turns: Float64Array; partMs: Float64Array }>();
  for (let place = 0; place < stratum.people; place++) {
    const cluster = clusterOf(place);
    const own = clusters.get(cluster) ?? {
      people: 0,
      turns: new Float64Array(STRETCHES),
      partMs: new Float64Array(STRETCHES),
    };
    clusters.set(cluster, own);
    own.people++;
    const turn = turnOf(stratum, place);
    const stretch = stretchAt(bounds, turn) ?? STRETCHES - 1;
    own.turns[stretch] = (own.turns[stretch] ?? 0) + 1;
    own.partMs[stretch] = (own.partMs[stretch] ?? 0) + (bounds[stretch + 1] ?? turn) - turn;
  }
  const exposures: ClusterExposure[] = [];
  for (const [cluster, { people, turns, partMs }] of clusters) {
    let told = 0;
    for (let n = 0; n < STRETCHES; n++) {
      const lengthMs = (bounds[n + 1] ?? 0) - (bounds[n] ?? 0);
      const toldMs = told * lengthMs + (partMs[n] ?? 0);
      told += turns[n] ?? 0;
      const cell = index * STRETCHES + n;
      const toldExposure = toldMs / 60_000;
      const untoldExposure = Math.max(0, (people * lengthMs) / 60_000 - toldExposure);
      exposures.push({ cell, cluster, toldExposure, untoldExposure });
    }
  }
  return exposures;
}
