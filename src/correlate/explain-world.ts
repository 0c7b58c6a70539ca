import { type Belief, believe, kindPrior, windowMs } from './belief.js';
import { type CoverResult, coverFailures, type Failure } from './cover.js';
import { causeOf, type Episode, isRunning } from './episode.js';
import type { Finding, Findings } from './findings.js';
import { CauseRanking, type RankedCause } from './ranking.js';
import type { World } from './world.js';

/** Findings that one cause explains. */
export interface Explained {
  /** in order of onset */
  readonly findings: readonly Finding[];
  /** most probable first; of a settled incident as they were */
  readonly causes: readonly RankedCause[];
  /** probability that something has failed, as against chance */
  readonly probability: number;
  /** the settled incident whose cause this goes on explaining */
  readonly claimedBy?: Episode;
}

/** Weaker evidence begins no incident and keeps none going: many little things make no big one. */
const LEAST_NATS = 2;

/** Share of a resource's cells in trouble from which a further one is put down to the same. */
const WIDE_SHARE = 0.5;

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

/** Whether nothing has joined for so long that the cause is no longer up for discussion. */
function isSettled(world: World, episode: Episode, nowMs: number): boolean {
  const cause = causeOf(episode);
  return isRunning(episode) && cause >= 0 && nowMs - episode.lastJoinMs > windowMs(world, cause);
}

function mayJoin(world: World, episode: Episode, finding: Finding): boolean {
  if (episode.members.has(finding.resource)) return true;
  const cause = causeOf(episode);
  if (!world.space.isUnder(finding.resource, cause)) return false;
  if (['cell', 'sector', 'site'].includes(world.space.typeOf(cause))) return true;
  if (finding.onsetMs <= episode.lastJoinMs + windowMs(world, cause)) return true;
  return !finding.opensAlone && isWide(world, cause);
}

/** Whether most of what reports under the resource is in trouble: one more is no news. */
function isWide(world: World, resource: number): boolean {
  return world.badUnder(resource) > WIDE_SHARE * world.space.observedUnder(resource);
}

/**
 * Settled incidents, and those a person put together, keep what is theirs: their members, and what
 * fails under their cause soon after.
 * A recovering one takes evidence back only if it would open an incident by itself.
 */
function claim(
  world: World,
  episodes: readonly Episode[],
  failed: readonly Finding[],
  nowMs: number,
): Map<Finding, Episode> {
  const settled = episodes.filter(
    (episode) => episode.isPinned || isSettled(world, episode, nowMs),
  );
  const rank = ({ isPinned }: Episode): number => (isPinned ? 0 : 1);
  settled.sort(
    (a, b) => rank(a) - rank(b) || a.createdAtMs - b.createdAtMs || (a.id < b.id ? -1 : 1),
  );
  const claims = new Map<Finding, Episode>();
  if (settled.length === 0) return claims;
  const ownerOf = new Map<number, Episode>();
  const byCause = new Map<number, Episode>();
  for (const episode of settled) {
    for (const member of episode.members.keys())
      if (!ownerOf.has(member)) ownerOf.set(member, episode);
    const cause = causeOf(episode);
    if (cause >= 0 && !byCause.has(cause)) byCause.set(cause, episode);
  }
  for (const finding of failed) {
    if (finding.nats < LEAST_NATS) continue;
    const owner =
      ownerOf.get(finding.resource) ??
      mostSpecific(world, finding.resource, (cause) => {
        const episode = byCause.get(cause);
        return episode !== undefined && mayJoin(world, episode, finding) ? episode : undefined;
      });
    if (owner !== undefined) claims.set(finding, owner);
  }
  return claims;
}

/** What is known of the resource, or else of the smallest it depends on of which something is. */
function mostSpecific<T>(
  world: World,
  resource: number,
  knownOf: (resource: number) => T | undefined,
): T | undefined {
  let found = knownOf(resource);
  let size = found === undefined ? Number.POSITIVE_INFINITY : world.space.sizeOf(resource);
  for (const above of world.space.ancestorsOf(resource)) {
    if (world.space.sizeOf(above) >= size) continue;
    const known = knownOf(above);
    if (known === undefined) continue;
    found = known;
    size = world.space.sizeOf(above);
  }
  return found;
}

/** Log odds that something failed: further cells under one cause are not independent evidence. */
function damped(world: World, findings: readonly Finding[], rest: number): number {
  const share = world.rules.evidence.furtherCellShare;
  let sum = 0;
  let most = 0;
  for (const { nats } of findings) {
    sum += nats;
    most = Math.max(most, nats);
  }
  return share * sum + (1 - share) * most + rest;
}

/**
 * Causes of what an incident claims: as they were, or of what a person put together, as one failure.
 * What fails besides was said to be another one, so it speaks against causes that reach that far.
 */
function claimedCauses(
  { world, belief, nowMs }: Setting,
  [episode, findings]: readonly [Episode, readonly Finding[]],
): readonly RankedCause[] {
  if (episode.causeSetBy !== null || isSettled(world, episode, nowMs)) return episode.causes;
  const { neutralUnder } = coverFailures(findings, belief);
  const ranking = new CauseRanking(world, belief, neutralUnder);
  return ranking.rank({ findings, apartGain: Number.NEGATIVE_INFINITY });
}

function claimedGroups(setting: Setting, claims: ReadonlyMap<Finding, Episode>): Explained[] {
  const { world, belief } = setting;
  const byEpisode = new Map<Episode, Finding[]>();
  for (const [finding, episode] of claims) {
    const list = byEpisode.get(episode);
    if (list === undefined) byEpisode.set(episode, [finding]);
    else list.push(finding);
  }
  return [...byEpisode].map(([episode, findings]) => {
    const causes = claimedCauses(setting, [episode, findings]);
    const cause = causes[0]?.resource ?? -1;
    const prior = cause < 0 ? kindPrior(world, 'several') : belief.priorNats(cause);
    const probability = sigmoid(damped(world, findings, prior));
    return { findings, causes, probability, claimedBy: episode };
  });
}

/** What the search found, as explanations with their causes ranked. */
function foundGroups(
  { world, belief }: Setting,
  failed: readonly Finding[],
  { groups, neutralUnder }: CoverResult,
): Explained[] {
  const ranking = new CauseRanking(world, belief, neutralUnder);
  return groups.map(({ members, gain, apartGain }) => {
    const findings: Finding[] = [];
    let nats = 0;
    for (const index of members) {
      const finding = failed[index];
      if (finding === undefined) continue;
      findings.push(finding);
      nats += finding.nats;
    }
    return {
      findings,
      causes: ranking.rank({ findings, apartGain }),
      probability: sigmoid(damped(world, findings, gain - nats)),
    };
  });
}

/**
 * Explanations with one cause are one, however apart in time: it fails once more before it was
 * mended. What a settled incident claims comes first, so that it keeps its causes.
 */
function joinSameCause(world: World, explained: readonly Explained[]): Explained[] {
  const byCause = new Map<number, Explained>();
  const others: Explained[] = [];
  for (const each of explained) {
    const cause = each.causes[0]?.resource ?? -1;
    const leader = world.space.leaderOf(cause);
    const known = byCause.get(leader);
    if (cause < 0 || (known?.claimedBy !== undefined && each.claimedBy !== undefined))
      others.push(each);
    else byCause.set(leader, known === undefined ? each : joinExplained(known, each));
  }
  return [...byCause.values(), ...others];
}

/** Two explanations as one, with the first one's causes. Findings in order of onset. */
export function joinExplained(into: Explained, from: Explained): Explained {
  const findings = [...into.findings, ...from.findings];
  return {
    ...into,
    findings: findings.sort((a, b) => a.onsetMs - b.onsetMs),
    probability: Math.max(into.probability, from.probability),
  };
}

/**
 * What shows a little trouble, too little to be told of alone, is put down to the most specific cause
 * over it that has most of its cells in trouble.
 */
function joinWeak(
  world: World,
  explained: readonly Explained[],
  failed: readonly Finding[],
): Explained[] {
  const byCause = new Map<number, Explained>();
  for (const each of explained) {
    const cause = each.causes[0]?.resource ?? -1;
    if (cause >= 0 && isWide(world, cause) && !byCause.has(cause)) byCause.set(cause, each);
  }
  const joined = new Map<Explained, Finding[]>();
  for (const finding of byCause.size === 0 ? [] : failed) {
    if (finding.nats >= LEAST_NATS || finding.isUndecided) continue;
    const into = mostSpecific(world, finding.resource, (cause) =>
      cause === finding.resource ? undefined : byCause.get(cause),
    );
    if (into === undefined) continue;
    const list = joined.get(into);
    if (list === undefined) joined.set(into, [finding]);
    else list.push(finding);
  }
  return explained.map((each) => {
    const weak = joined.get(each);
    return weak === undefined ? each : joinExplained(each, { ...each, findings: weak });
  });
}

/** The settled and what is believed when decisions are made at `nowMs`. */
interface Setting {
  readonly world: World;
  readonly belief: Belief;
  readonly nowMs: number;
}

function settingOf(world: World, episodes: readonly Episode[], nowMs: number): Setting {
  const running = episodes.filter(isRunning).map((episode) => causeOf(episode));
  const believed = new Set(running.map((cause) => world.space.leaderOf(cause)));
  const worked = new Set(world.space.topology.worksAt(nowMs).map(({ resource }) => resource));
  return { world, belief: believe(world, { believed, worked }, nowMs), nowMs };
}

/** What there is to search causes for: what is claimed or weak only speaks for no resource. */
function openFailures(
  { failed, withNeutral }: Findings,
  claims: ReadonlyMap<Finding, Episode>,
): Failure[] {
  return withNeutral.map((failure, i) => {
    const finding = failed[i];
    if (finding !== undefined && finding.nats >= LEAST_NATS && !claims.has(finding)) return failure;
    const { resource, onsetMs, latestMs } = failure;
    return { resource, nats: 0, onsetMs, latestMs };
  });
}

/**
 * Explains everything that is wrong: what settled incidents go on explaining, and the most probable
 * causes of the rest. In order of the first finding.
 */
export function explainWorld(
  world: World,
  findings: Findings,
  episodes: readonly Episode[],
  nowMs: number,
): Explained[] {
  const { failed } = findings;
  const setting = settingOf(world, episodes, nowMs);
  const claims = claim(world, episodes, failed, nowMs);
  const cover = coverFailures(openFailures(findings, claims), setting.belief);
  const claimed = claimedGroups(setting, claims);
  const strong = joinSameCause(world, [...claimed, ...foundGroups(setting, failed, cover)]);
  const all = joinWeak(world, strong, failed);
  const order = new Map(failed.map((finding, i) => [finding, i]));
  const first = ({ findings: [finding] }: Explained): number =>
    finding === undefined ? 0 : (order.get(finding) ?? 0);
  return all.sort((a, b) => first(a) - first(b));
}
