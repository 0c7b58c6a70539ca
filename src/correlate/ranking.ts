import { type Belief, ownAlarmNats } from './belief.js';
import type { Finding } from './findings.js';
import { ResourceSlots } from './resource-slots.js';
import type { World } from './world.js';

/** A cause that may explain a group, with how probable it is among all that may. */
export interface RankedCause {
  /** -1: no one resource, several failures at once */
  readonly resource: number;
  readonly probability: number;
  /** resources over the very same cells that evidence can't tell from it */
  readonly alike: readonly number[];
  /** failed objects it explains, of how many */
  readonly explained: number;
  readonly failed: number;
  /** cells under it that report and are well */
  readonly healthy: number;
}

const MOST_CAUSES = 5;
const LEAST_PROBABILITY = 0.01;
/** One member of a class this probable within it has been told apart by an alarm. */
const DISCRIMINATED = 0.8;

interface Weighed {
  readonly resource: number;
  readonly key: string;
  readonly nats: number;
  readonly explained: number;
  readonly healthy: number;
}

/** Resources that too few of the members depend on to explain them: they are not weighed. */
const LEAST_SHARE = 0.05;

/** Sums over the members of a group for every resource that any of them depends on. */
class Sums {
  readonly slots: ResourceSlots;
  /** by slot: how many members, what they are worth together, and as failures of their own */
  readonly counts: number[] = [];
  readonly nats: number[] = [];
  readonly alone: number[] = [];

  constructor(resourceCount: number) {
    this.slots = new ResourceSlots(resourceCount);
  }

  clear(): void {
    this.slots.clear();
  }

  add(resource: number, nats: number, alone: number): void {
    const { slots, counts } = this;
    const { size } = slots;
    const slot = slots.put(resource);
    const isNew = slot === size;
    counts[slot] = (isNew ? 0 : (counts[slot] ?? 0)) + 1;
    this.nats[slot] = (isNew ? 0 : (this.nats[slot] ?? 0)) + nats;
    this.alone[slot] = (isNew ? 0 : (this.alone[slot] ?? 0)) + alone;
  }
}

/** Most probable first; then the more specific, then by key. */
function byProbability(world: World): (a: RankedCause, b: RankedCause) => number {
  const size = ({ resource }: RankedCause): number =>
    resource < 0 ? Number.MAX_SAFE_INTEGER : world.space.sizeOf(resource);
  const key = ({ resource }: RankedCause): string =>
    resource < 0 ? '' : world.space.keyOf(resource);
  return (a, b) => b.probability - a.probability || size(a) - size(b) || (key(a) < key(b) ? -1 : 1);
}

function asCause({ resource, explained, healthy }: Weighed, probability: number): RankedCause {
  return { resource, probability, alike: [], explained, failed: 0, healthy };
}

/**
 * Splits a class's probability: to the member that an alarm has told apart, or to the likeliest kind
 * (among equals the first, which is the farthest from the core) with the others named beside it.
 */
function settleClass(same: readonly Weighed[], shares: readonly number[]): RankedCause[] {
  const total = shares.reduce((sum, share) => sum + share, 0);
  const best = shares.indexOf(Math.max(...shares));
  const first = same[best];
  if (first === undefined) return [];
  if ((shares[best] ?? 0) >= DISCRIMINATED * total)
    return same.map((each, i) => asCause(each, shares[i] ?? 0));
  const alike = same.filter((each) => each !== first).map(({ resource }) => resource);
  return [{ ...asCause(first, total), alike }];
}

/** Failures that are to be explained by one cause, or by several. */
interface ToExplain {
  readonly findings: readonly Finding[];
  /** the best that more specific causes could do for the same failures, in nats */
  readonly apartGain: number;
}

/** Ranks the causes of groups, all of one decision. */
export class CauseRanking {
  readonly #world: World;
  readonly #belief: Belief;
  readonly #neutralUnder: (resource: number) => number;
  readonly #sums: Sums;

  /** @param neutralUnder how many observed cells under a resource are failed or neutral */
  constructor(world: World, belief: Belief, neutralUnder: (resource: number) => number) {
    this.#world = world;
    this.#belief = belief;
    this.#neutralUnder = neutralUnder;
    this.#sums = new Sums(belief.resourceCount);
  }

  /**
   * Causes of a group, most probable first: the posterior over one cause for all of it, where what
   * a cause does not cover must have failed by itself, and over several at once. At most five.
   */
  rank({ findings, apartGain }: ToExplain): RankedCause[] {
    const weighed = this.#weigh(findings);
    const most = weighed.reduce((max, { nats }) => Math.max(max, nats), apartGain);
    const several = findings.length > 1 ? Math.exp(apartGain - most) : 0;
    const share = ({ nats }: Weighed): number => Math.exp(nats - most);
    const total = weighed.reduce((sum, each) => sum + share(each), several);
    const causes: RankedCause[] = [];
    // One cause has at least 1 / total: where that is enough, no improbable class can come first.
    const least = total <= 1 / (2 * LEAST_PROBABILITY) ? LEAST_PROBABILITY : 0;
    for (const same of this.#classes(weighed)) {
      const whole = same.reduce((sum, each) => sum + share(each), 0) / total;
      if (whole < least) continue;
      const own = same.map(({ resource, nats }) =>
        Math.exp(nats - most + ownAlarmNats(this.#world, resource)),
      );
      const all = own.reduce((sum, each) => sum + each, 0);
      const part = own.map((each) => (all > 0 ? (whole * each) / all : 0));
      causes.push(...settleClass(same, part));
    }
    const none = { resource: -1, alike: [], explained: findings.length, healthy: 0, failed: 0 };
    causes.push({ ...none, probability: several / total });
    return causes
      .sort(byProbability(this.#world))
      .filter(({ probability }, i) => i === 0 || probability >= LEAST_PROBABILITY)
      .slice(0, MOST_CAUSES)
      .map((cause) => ({ ...cause, failed: findings.length }));
  }

  /** What speaks for every resource that may explain the members, by key. */
  #weigh(members: readonly Finding[]): Weighed[] {
    const belief = this.#belief;
    const { slots, counts, nats, alone } = this.#sums;
    const allAlone = this.#addUp(members);
    const onsetMs = members[0]?.onsetMs ?? 0;
    const weighed: Weighed[] = [];
    for (let slot = 0; slot < slots.size; slot++) {
      const explained = counts[slot] ?? 0;
      if (explained < LEAST_SHARE * members.length) continue;
      const resource = slots.at(slot);
      const neutral = this.#neutralUnder(resource);
      const against = belief.contradiction(resource, neutral, onsetMs);
      const own = (nats[slot] ?? 0) + belief.priorNats(resource) - against;
      weighed.push({
        resource,
        key: this.#world.space.keyOf(resource),
        nats: own + allAlone - (alone[slot] ?? 0),
        explained,
        healthy: Math.max(0, this.#world.space.observedUnder(resource) - neutral),
      });
    }
    return weighed.sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  /** @returns what all members would be worth as failures of their own */
  #addUp(members: readonly Finding[]): number {
    const belief = this.#belief;
    const sums = this.#sums;
    sums.clear();
    let allAlone = 0;
    for (const { resource, nats } of members) {
      const alone = Math.max(0, nats + belief.kindNats(resource));
      allAlone += alone;
      sums.add(resource, nats, alone);
      for (const above of belief.ancestorsOf(resource)) sums.add(above, nats, alone);
    }
    return allAlone;
  }

  /** Those over the very same cells together, farthest from the core first. */
  #classes(weighed: readonly Weighed[]): Iterable<Weighed[]> {
    const { space } = this.#world;
    const classes = new Map<number, Weighed[]>();
    for (const each of weighed) {
      const leader = space.leaderOf(each.resource);
      const same = classes.get(leader);
      if (same === undefined) classes.set(leader, [each]);
      else same.push(each);
    }
    for (const same of classes.values())
      if (same.length > 1)
        same.sort((a, b) => space.depthOf(b.resource) - space.depthOf(a.resource));
    return classes.values();
  }
}
