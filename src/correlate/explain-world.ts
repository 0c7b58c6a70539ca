import { believe, kindPrior, type Leaning, windowMs } from './belief.js';
import { type CoverModel, coverFailures, type Failure } from './cover.js';
import { causeOf, type Episode, isRunning } from './episode.js';
import type { Finding, Findings } from './findings.js';
import { type RankedCause, rankCauses } from './ranking.js';
import type { World } from './world.js';

/** Findings that one cause explains. */
export interface Explained {
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
    const { resource } = finding;
    const above = [resource, ...world.space.ancestorsOf(resource)];
    above.sort((a, b) => world.space.sizeOf(a) - world.space.sizeOf(b));
    const owner =
      ownerOf.get(resource) ??
      above
        .flatMap((cause) => byCause.get(cause) ?? [])
        .find((episode) => mayJoin(world, episode, finding));
    if (owner !== undefined) claims.set(finding, owner);
  }
  return claims;
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
  world: World,
  model: CoverModel,
  [episode, findings]: readonly [Episode, readonly Finding[]],
  nowMs: number,
): readonly RankedCause[] {
  if (episode.causeSetBy !== null || isSettled(world, episode, nowMs)) return episode.causes;
  const { neutralUnder } = coverFailures(findings, model);
  const together = { cause: -1, members: [], gain: 0, apartGain: Number.NEGATIVE_INFINITY };
  return rankCauses(world, model, { ...together, findings }, neutralUnder);
}

function claimedGroups(
  world: World,
  model: CoverModel,
  claims: ReadonlyMap<Finding, Episode>,
  nowMs: number,
): Explained[] {
  const byEpisode = new Map<Episode, Finding[]>();
  for (const [finding, episode] of claims) {
    const list = byEpisode.get(episode);
    if (list === undefined) byEpisode.set(episode, [finding]);
    else list.push(finding);
  }
  return [...byEpisode].map(([episode, findings]) => {
    const causes = claimedCauses(world, model, [episode, findings], nowMs);
    const cause = causes[0]?.resource ?? -1;
    const prior = cause < 0 ? kindPrior(world, 'several') : model.priorNats(cause);
    const probability = sigmoid(damped(world, findings, prior));
    return { findings, causes, probability, claimedBy: episode };
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
    const leader = world.space.sameCellsAs(cause)[0] ?? cause;
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
    const [cause] = [...world.space.ancestorsOf(finding.resource)]
      .filter((above) => byCause.has(above))
      .sort((a, b) => world.space.sizeOf(a) - world.space.sizeOf(b));
    const into = cause === undefined ? undefined : byCause.get(cause);
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
  const running = episodes.filter(isRunning).map((episode) => causeOf(episode));
  const believed = new Set(running.map((cause) => world.space.sameCellsAs(cause)[0] ?? cause));
  const worked = new Set(world.space.topology.worksAt(nowMs).map(({ resource }) => resource));
  const leaning: Leaning = { believed, worked };
  const model = believe(world, leaning, nowMs);
  const claims = claim(world, episodes, findings.failed, nowMs);
  const failures: Failure[] = findings.withNeutral.map((failure, i) => {
    const finding = findings.failed[i];
    const isOut = finding === undefined || finding.nats < LEAST_NATS || claims.has(finding);
    return isOut ? { ...failure, nats: 0 } : failure;
  });
  const { groups, neutralUnder } = coverFailures(failures, model);
  const claimed = claimedGroups(world, model, claims, nowMs);
  const explained = groups.map((group): Explained => {
    const members = group.members.flatMap((i) => findings.failed[i] ?? []);
    const nats = members.reduce((sum, each) => sum + each.nats, 0);
    return {
      findings: members,
      causes: rankCauses(world, model, { ...group, findings: members }, neutralUnder),
      probability: sigmoid(damped(world, members, group.gain - nats)),
    };
  });
  const strong = joinSameCause(world, [...claimed, ...explained]);
  const all = joinWeak(world, strong, findings.failed);
  const order = new Map(findings.failed.map((finding, i) => [finding, i]));
  const first = ({ findings: [finding] }: Explained): number =>
    finding === undefined ? 0 : (order.get(finding) ?? 0);
  return all.sort((a, b) => first(a) - first(b));
}
