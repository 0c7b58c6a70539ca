/** One failed object and how strongly it is known to have failed. Neutral objects have 0 nats. */
export interface Failure {
  readonly resource: number;
  readonly nats: number;
  /** when it may have begun at the earliest … */
  readonly onsetMs: number;
  /** … and at the latest: counters that sink slowly do not say when */
  readonly latestMs: number;
}

/** What the search needs to know of resources. */
export interface CoverModel {
  /** what the resource depends on */
  ancestorsOf(resource: number): Int32Array;
  isCell(resource: number): boolean;
  /** cells under the resource; the fewer, the more specific */
  sizeOf(resource: number): number;
  /** log probability that the resource failed within a window, with what speaks for it alone */
  priorNats(resource: number): number;
  /** onsets this far apart may have the resource as their cause */
  windowMs(resource: number): number;
  /**
   * What healthy cells under the resource say against it, >= 0.
   * @param neutral observed cells under it that are not healthy
   * @param onsetMs earliest onset it would explain
   */
  contradiction(resource: number, neutral: number, onsetMs: number): number;
  isObserved(cell: number): boolean;
  /** a coarser cause must be better than more specific ones by this much */
  readonly marginNats: number;
}

/** Failures with one cause. */
export interface Group {
  readonly cause: number;
  /** indices into the failures given, ascending */
  readonly members: readonly number[];
  /** log odds of the cause against chance */
  readonly gain: number;
  /** the best that more specific causes could do for the same failures */
  readonly apartGain: number;
}

/** What the failures say about every resource they depend on. */
export interface CoverResult {
  /** in order of their first member */
  readonly groups: readonly Group[];
  /** per resource: observed cells under it that are failed or neutral */
  readonly neutralUnder: ReadonlyMap<number, number>;
}

interface Tally {
  readonly neutralUnder: Map<number, number>;
  /** candidate → failures under it, in onset order */
  readonly under: Map<number, number[]>;
}

function tally(failures: readonly Failure[], model: CoverModel): Tally {
  const neutralUnder = new Map<number, number>();
  const under = new Map<number, number[]>();
  const seen = new Set<number>();
  const note = (resource: number, index: number, failed: boolean, neutral: boolean): void => {
    if (neutral) neutralUnder.set(resource, (neutralUnder.get(resource) ?? 0) + 1);
    if (!failed) return;
    const list = under.get(resource);
    if (list === undefined) under.set(resource, [index]);
    else list.push(index);
  };
  failures.forEach(({ resource, nats }, index) => {
    const neutral = model.isCell(resource) && model.isObserved(resource) && !seen.has(resource);
    seen.add(resource);
    note(resource, index, nats > 0, neutral);
    for (const above of model.ancestorsOf(resource)) note(above, index, nats > 0, neutral);
  });
  return { neutralUnder, under };
}

/** The failures in columns. */
interface Columns {
  readonly nats: Float64Array;
  readonly onsetMs: Float64Array;
  readonly latestMs: Float64Array;
}

/**
 * Failures of `list` that may have begun within one window: all of them, or those around the moment
 * that has the most evidence (a sweep over the intervals in which each may have begun).
 */
function bestWindow(
  list: readonly number[],
  { nats, onsetMs, latestMs }: Columns,
  windowMs: number,
): readonly number[] {
  let lastOnset = Number.NEGATIVE_INFINITY;
  let firstLatest = Number.POSITIVE_INFINITY;
  for (const index of list) {
    lastOnset = Math.max(lastOnset, onsetMs[index] ?? 0);
    firstLatest = Math.min(firstLatest, latestMs[index] ?? 0);
  }
  if (lastOnset - firstLatest <= windowMs) return list;
  const ends = [...list].sort((a, b) => (latestMs[a] ?? 0) - (latestMs[b] ?? 0) || a - b);
  let bestNats = 0;
  let bestMs = 0;
  let sum = 0;
  let passed = 0;
  for (const index of list) {
    const atMs = onsetMs[index] ?? 0;
    sum += nats[index] ?? 0;
    for (let end = ends[passed]; end !== undefined; end = ends[++passed]) {
      if ((latestMs[end] ?? 0) + windowMs >= atMs) break;
      sum -= nats[end] ?? 0;
    }
    if (sum <= bestNats + 1e-9) continue;
    bestNats = sum;
    bestMs = atMs;
  }
  return list.filter(
    (index) => (onsetMs[index] ?? 0) <= bestMs && (latestMs[index] ?? 0) + windowMs >= bestMs,
  );
}

/** Groups being built: which group a failure is in, if any. */
class Grouping {
  readonly groupOf: Int32Array;
  readonly groups: (Group | undefined)[] = [];

  constructor(count: number) {
    this.groupOf = new Int32Array(count).fill(-1);
  }

  /**
   * Failures of a window that a coarser cause may take: those in no group, and groups it holds
   * whole. @returns them with the groups taken and what those were worth
   */
  takeable(window: readonly number[]): {
    members: readonly number[];
    taken: readonly number[];
    worth: number;
  } {
    if (window.every((index) => (this.groupOf[index] ?? -1) < 0))
      return { members: window, taken: [], worth: 0 };
    const inWindow = new Map<number, number>();
    for (const index of window) {
      const group = this.groupOf[index] ?? -1;
      if (group >= 0) inWindow.set(group, (inWindow.get(group) ?? 0) + 1);
    }
    const taken: number[] = [];
    let worth = 0;
    for (const [group, count] of inWindow) {
      const { members, gain } = this.groups[group] ?? { members: [], gain: 0 };
      if (count !== members.length) continue;
      taken.push(group);
      worth += gain;
    }
    const whole = new Set(taken);
    const members = window.filter((index) => {
      const group = this.groupOf[index] ?? -1;
      return group < 0 || whole.has(group);
    });
    return { members, taken, worth };
  }

  put(group: Group, taken: readonly number[]): void {
    for (const old of taken) this.groups[old] = undefined;
    const number = this.groups.length;
    this.groups.push(group);
    for (const index of group.members) this.groupOf[index] = number;
  }

  finish(): Group[] {
    return this.groups
      .filter((group) => group !== undefined)
      .sort((a, b) => (a.members[0] ?? 0) - (b.members[0] ?? 0));
  }
}

/**
 * The smallest set of causes that explains the failures and is least contradicted by the healthy: a
 * search for the most probable explanation in a noisy-or network (Pearl 1988, section 4.3.2; the
 * cover of Peng & Reggia 1990) where each failure is explained by one resource it depends on, or by
 * chance. An explanation is worth the evidence it covers, plus the cause's prior, less what healthy
 * cells under it say. Candidates are tried from the most specific to the least; one that beats the
 * explanations it would replace by `marginNats` replaces them. A greedy search from above would
 * take a large cause that explains several unrelated failures at once; this one doesn't.
 *
 * Assumes that each failure has one cause. Deterministic for a given order of failures. Time: the
 * number of failures times what each depends on, plus one sort of the candidates.
 *
 * @param failures in order of onset, ties in an order that does not depend on arrival
 */
export function coverFailures(failures: readonly Failure[], model: CoverModel): CoverResult {
  const { neutralUnder, under } = tally(failures, model);
  const candidates = [...under.keys()].map((resource) => ({
    resource,
    size: model.sizeOf(resource),
    prior: model.priorNats(resource),
    first: under.get(resource)?.[0] ?? 0,
  }));
  candidates.sort(
    (a, b) => a.size - b.size || b.prior - a.prior || a.first - b.first || a.resource - b.resource,
  );
  const columns = {
    nats: Float64Array.from(failures, ({ nats }) => nats),
    onsetMs: Float64Array.from(failures, ({ onsetMs }) => onsetMs),
    latestMs: Float64Array.from(failures, ({ latestMs }) => latestMs),
  };
  const grouping = new Grouping(failures.length);
  for (const { resource, prior } of candidates) {
    const list = under.get(resource) ?? [];
    const neutral = neutralUnder.get(resource) ?? 0;
    tryCause(grouping, { resource, prior, list, neutral }, columns, model);
  }
  return { groups: grouping.finish(), neutralUnder };
}

interface Candidate {
  readonly resource: number;
  readonly prior: number;
  /** failures under it, in order of onset */
  readonly list: readonly number[];
  /** observed cells under it that are not healthy */
  readonly neutral: number;
}

/** Makes the candidate a cause if that is better than what explains its failures so far. */
function tryCause(
  grouping: Grouping,
  { resource, prior, list, neutral }: Candidate,
  columns: Columns,
  model: CoverModel,
): void {
  const only =
    list.length === 1 ? grouping.groups[grouping.groupOf[list[0] ?? 0] ?? -1] : undefined;
  if (only !== undefined && (only.members.length > 1 || !beats(only, prior, model))) return;
  const window = bestWindow(list, columns, model.windowMs(resource));
  const { members, taken, worth } = grouping.takeable(window);
  if (members.length === 0) return;
  const whole = taken.length === 1 ? grouping.groups[taken[0] ?? -1] : undefined;
  if (whole?.members.length === members.length && !beats(whole, prior, model)) return;
  let nats = 0;
  for (const index of members) nats += columns.nats[index] ?? 0;
  const onsetMs = columns.onsetMs[members[0] ?? 0] ?? 0;
  const gain = nats + prior - model.contradiction(resource, neutral, onsetMs);
  const apartGain = Math.max(0, worth);
  const margin = taken.length > 0 ? model.marginNats : 0;
  if (gain > apartGain + margin) grouping.put({ cause: resource, members, gain, apartGain }, taken);
}

/** Whether a prior alone could make up for having no more to explain than the group has. */
function beats(group: Group, prior: number, model: CoverModel): boolean {
  return prior > model.priorNats(group.cause) + model.marginNats;
}
