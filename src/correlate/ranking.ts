import { kindPrior, ownAlarmNats } from './belief.js';
import type { CoverModel, Group } from './cover.js';
import type { Finding } from './findings.js';
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
  readonly nats: number;
  readonly explained: number;
  readonly healthy: number;
}

/** Resources that too few of the members depend on to explain them: they are not weighed. */
const LEAST_SHARE = 0.05;

function plausible(model: CoverModel, members: readonly Finding[]): Map<number, Sum> {
  const counts = new Map<number, number>();
  for (const { resource } of members) {
    counts.set(resource, (counts.get(resource) ?? 0) + 1);
    for (const above of model.ancestorsOf(resource))
      counts.set(above, (counts.get(above) ?? 0) + 1);
  }
  const least = LEAST_SHARE * members.length;
  const sums = new Map<number, Sum>();
  for (const [resource, count] of counts)
    if (count >= least) sums.set(resource, { nats: 0, alone: 0, count });
  return sums;
}

interface Sum {
  nats: number;
  /** what the covered would be worth as failures of their own */
  alone: number;
  readonly count: number;
}

function weigh(
  world: World,
  model: CoverModel,
  members: readonly Finding[],
  neutralUnder: ReadonlyMap<number, number>,
): Weighed[] {
  const covered = plausible(model, members);
  let allAlone = 0;
  for (const { resource, nats } of members) {
    const alone = Math.max(0, nats + kindPrior(world, world.space.kindOf(resource)));
    allAlone += alone;
    const add = (candidate: number): void => {
      const sum = covered.get(candidate);
      if (sum === undefined) return;
      sum.nats += nats;
      sum.alone += alone;
    };
    add(resource);
    for (const above of model.ancestorsOf(resource)) add(above);
  }
  const onsetMs = members[0]?.onsetMs ?? 0;
  return [...covered].map(([resource, { nats, alone, count }]) => {
    const neutral = neutralUnder.get(resource) ?? 0;
    const against = model.contradiction(resource, neutral, onsetMs);
    return {
      resource,
      nats: nats + model.priorNats(resource) - against + allAlone - alone,
      explained: count,
      healthy: Math.max(0, world.space.observedUnder(resource) - neutral),
    };
  });
}

/** Most probable first; then the more specific, then by key. */
function byProbability(world: World): (a: RankedCause, b: RankedCause) => number {
  const size = ({ resource }: RankedCause): number =>
    resource < 0 ? Number.MAX_SAFE_INTEGER : world.space.sizeOf(resource);
  const key = ({ resource }: RankedCause): string =>
    resource < 0 ? '' : world.space.keyOf(resource);
  return (a, b) => b.probability - a.probability || size(a) - size(b) || (key(a) < key(b) ? -1 : 1);
}

/**
 * Splits a class's probability: to the member that an alarm has told apart, or to the likeliest kind
 * (among equals the first, which is the farthest from the core) with the others named beside it.
 */
function settleClass(same: readonly Weighed[], shares: readonly number[]): RankedCause[] {
  const total = shares.reduce((sum, share) => sum + share, 0);
  const asCause = (
    { resource, explained, healthy }: Weighed,
    probability: number,
  ): RankedCause => ({
    resource,
    probability,
    alike: [],
    explained,
    failed: 0,
    healthy,
  });
  const best = shares.indexOf(Math.max(...shares));
  const first = same[best];
  if (first === undefined) return [];
  if ((shares[best] ?? 0) >= DISCRIMINATED * total)
    return same.map((each, i) => asCause(each, shares[i] ?? 0));
  const alike = same.filter((each) => each !== first).map(({ resource }) => resource);
  return [{ ...asCause(first, total), alike }];
}

/**
 * Causes of a group, most probable first: the posterior over one cause for all of it, where what a
 * cause does not cover must have failed by itself, and over several at once. At most five.
 */
export function rankCauses(
  world: World,
  model: CoverModel,
  group: Group & { readonly findings: readonly Finding[] },
  neutralUnder: ReadonlyMap<number, number>,
): RankedCause[] {
  const { findings } = group;
  const weighed = weigh(world, model, findings, neutralUnder);
  weighed.sort((a, b) => (world.space.keyOf(a.resource) < world.space.keyOf(b.resource) ? -1 : 1));
  const most = weighed.reduce((max, { nats }) => Math.max(max, nats), group.apartGain);
  const several = findings.length > 1 ? Math.exp(group.apartGain - most) : 0;
  const shares = weighed.map(({ nats }) => Math.exp(nats - most));
  const total = shares.reduce((sum, share) => sum + share, several);
  const depthOf = (i: number): number => world.space.depthOf(weighed[i]?.resource ?? 0);
  const classes = new Map<number, number[]>();
  weighed.forEach(({ resource }, i) => {
    const leader = world.space.sameCellsAs(resource)[0] ?? resource;
    const list = classes.get(leader);
    if (list === undefined) classes.set(leader, [i]);
    else list.push(i);
  });
  const causes: RankedCause[] = [];
  for (const list of classes.values()) {
    list.sort((a, b) => depthOf(b) - depthOf(a));
    const same = list.flatMap((i) => weighed[i] ?? []);
    const whole = list.reduce((sum, i) => sum + (shares[i] ?? 0), 0) / total;
    const own = same.map(({ resource, nats }) =>
      Math.exp(nats - most + ownAlarmNats(world, resource)),
    );
    const all = own.reduce((sum, each) => sum + each, 0);
    const part = own.map((each) => (all > 0 ? (whole * each) / all : 0));
    causes.push(...settleClass(same, part));
  }
  const none = { resource: -1, alike: [], explained: findings.length, healthy: 0, failed: 0 };
  causes.push({ ...none, probability: several / total });
  return causes
    .sort(byProbability(world))
    .filter(({ probability }, i) => i === 0 || probability >= LEAST_PROBABILITY)
    .slice(0, MOST_CAUSES)
    .map((cause) => ({ ...cause, failed: findings.length }));
}
