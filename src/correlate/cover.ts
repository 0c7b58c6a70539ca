import { ResourceSlots } from './resource-slots.js';

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
  /** their numbers are below it */
  readonly resourceCount: number;
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
  readonly members: Int32Array;
  /** log odds of the cause against chance */
  readonly gain: number;
  /** the best that more specific causes could do for the same failures */
  readonly apartGain: number;
}

/** What the failures say about every resource they depend on. */
export interface CoverResult {
  /** in order of their first member */
  readonly groups: readonly Group[];
  /** how many observed cells under the resource are failed or neutral */
  neutralUnder(resource: number): number;
}

/** What the failures say of every resource they depend on, by its slot. */
interface Tally {
  readonly slots: ResourceSlots;
  /** observed cells under it that are failed or neutral */
  readonly neutral: readonly number[];
  /** list `slot` of failures under it, in onset order, is `items[starts[slot]..starts[slot + 1])` */
  readonly starts: Int32Array;
  readonly items: Int32Array;
}

function tally(failures: readonly Failure[], model: CoverModel): Tally {
  const slots = new ResourceSlots(model.resourceCount);
  const neutral: number[] = [];
  const failed: number[] = [];
  const hasSpoken: boolean[] = [];
  const count = (slot: number, isFailed: boolean, isNeutral: boolean): void => {
    neutral[slot] = (neutral[slot] ?? 0) + (isNeutral ? 1 : 0);
    failed[slot] = (failed[slot] ?? 0) + (isFailed ? 1 : 0);
  };
  for (const { resource, nats } of failures) {
    const slot = slots.put(resource);
    const isFirst = hasSpoken[slot] !== true;
    const isNeutral = isFirst && model.isCell(resource) && model.isObserved(resource);
    hasSpoken[slot] = true;
    count(slot, nats > 0, isNeutral);
    for (const above of model.ancestorsOf(resource)) count(slots.put(above), nats > 0, isNeutral);
  }
  return { slots, neutral, ...listUnder(failures, model, slots, failed) };
}

/** @param failed slot → how many failures are under it */
function listUnder(
  failures: readonly Failure[],
  model: CoverModel,
  slots: ResourceSlots,
  failed: readonly number[],
): Pick<Tally, 'starts' | 'items'> {
  const starts = new Int32Array(slots.size + 1);
  for (let slot = 0; slot < slots.size; slot++)
    starts[slot + 1] = (starts[slot] ?? 0) + (failed[slot] ?? 0);
  const next = starts.slice();
  const items = new Int32Array(starts[slots.size] ?? 0);
  const put = (resource: number, index: number): void => {
    const slot = slots.of(resource);
    const at = next[slot] ?? 0;
    items[at] = index;
    next[slot] = at + 1;
  };
  failures.forEach(({ resource, nats }, index) => {
    if (nats <= 0) return;
    put(resource, index);
    for (const above of model.ancestorsOf(resource)) put(above, index);
  });
  return { starts, items };
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
  list: Int32Array,
  { nats, onsetMs, latestMs }: Columns,
  windowMs: number,
): Int32Array {
  let lastOnset = Number.NEGATIVE_INFINITY;
  let firstLatest = Number.POSITIVE_INFINITY;
  for (const index of list) {
    lastOnset = Math.max(lastOnset, onsetMs[index] ?? 0);
    firstLatest = Math.min(firstLatest, latestMs[index] ?? 0);
  }
  if (lastOnset - firstLatest <= windowMs) return list;
  const ends = list.slice().sort((a, b) => (latestMs[a] ?? 0) - (latestMs[b] ?? 0) || a - b);
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

/** What a coarser cause may take of a window. */
interface Takeable {
  /** failures in no group, and those of groups that the window holds whole */
  readonly members: Int32Array;
  readonly taken: readonly number[];
  /** what the groups taken were worth */
  readonly worth: number;
}

/** Groups being built: which group a failure is in, if any. */
class Grouping {
  readonly groupOf: Int32Array;
  readonly groups: (Group | undefined)[] = [];
  /** group → members in the window that is looked at; 0 in between */
  readonly #inWindow: number[] = [];

  constructor(count: number) {
    this.groupOf = new Int32Array(count).fill(-1);
  }

  takeable(window: Int32Array): Takeable {
    const touched = this.#countIn(window);
    if (touched.length === 0) return { members: window, taken: [], worth: 0 };
    const taken = touched.filter((group) => this.#isWhole(group));
    let worth = 0;
    for (const group of taken) worth += this.groups[group]?.gain ?? 0;
    const isTakeable = (index: number): boolean => {
      const group = this.groupOf[index] ?? -1;
      return group < 0 || this.#isWhole(group);
    };
    const members = taken.length === touched.length ? window : window.filter(isTakeable);
    for (const group of touched) this.#inWindow[group] = 0;
    return { members, taken, worth };
  }

  /** @returns the groups that have members in the window */
  #countIn(window: Int32Array): number[] {
    const touched: number[] = [];
    for (const index of window) {
      const group = this.groupOf[index] ?? -1;
      if (group < 0) continue;
      const count = this.#inWindow[group] ?? 0;
      if (count === 0) touched.push(group);
      this.#inWindow[group] = count + 1;
    }
    return touched;
  }

  #isWhole(group: number): boolean {
    return this.#inWindow[group] === this.groups[group]?.members.length;
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
  const all = tally(failures, model);
  const columns = {
    nats: Float64Array.from(failures, ({ nats }) => nats),
    onsetMs: Float64Array.from(failures, ({ onsetMs }) => onsetMs),
    latestMs: Float64Array.from(failures, ({ latestMs }) => latestMs),
  };
  const grouping = new Grouping(failures.length);
  for (const candidate of candidatesOf(all, model)) tryCause(grouping, candidate, columns, model);
  return {
    groups: grouping.finish(),
    neutralUnder: (resource) => {
      const slot = all.slots.of(resource);
      return slot < 0 ? 0 : (all.neutral[slot] ?? 0);
    },
  };
}

interface Candidate {
  readonly resource: number;
  readonly size: number;
  readonly prior: number;
  /** failures under it, in order of onset */
  readonly list: Int32Array;
  /** observed cells under it that are not healthy */
  readonly neutral: number;
}

/** What failures depend on, from the most specific to the least. */
function candidatesOf({ slots, neutral, starts, items }: Tally, model: CoverModel): Candidate[] {
  const candidates: Candidate[] = [];
  for (let slot = 0; slot < slots.size; slot++) {
    const list = items.subarray(starts[slot], starts[slot + 1]);
    if (list.length === 0) continue;
    const resource = slots.at(slot);
    const [size, prior] = [model.sizeOf(resource), model.priorNats(resource)];
    candidates.push({ resource, size, prior, list, neutral: neutral[slot] ?? 0 });
  }
  const first = ({ list }: Candidate): number => list[0] ?? 0;
  return candidates.sort(
    (a, b) =>
      a.size - b.size || b.prior - a.prior || first(a) - first(b) || a.resource - b.resource,
  );
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
