import type { PlannedWork } from '../domain/topology.js';
import { measureAbsorbed } from './absorbed.js';
import { kindPrior, windowMs } from './belief.js';
import { heldByCallers, holdForCallers } from './callers.js';
import { lastEnd, nextLeaving, onsetOf, updateMembers } from './cells.js';
import { causeWords, cellWords, clock } from './describe.js';
import { courseOf, isNewlyOver, lagsUntil } from './ending.js';
import { causeOf, countedCells, type Episode, isRunning, note } from './episode.js';
import type { Explained } from './explain-world.js';
import type { World } from './world.js';

/** With less than this share of the most evidence there was, causes are not judged anew. */
const KEPT_SHARE = 0.8;

/** What a decision knows besides the world. */
export interface Moment {
  readonly nowMs: number;
  /** object → when what is new about it became known */
  readonly fresh: ReadonlyMap<number, number>;
}

/** The planned work that excuses the failure: on what failed, and begun or about to. */
export function workOn(world: World, explained: Explained, nowMs: number): PlannedWork | undefined {
  if (world.space.topology.works.length === 0) return undefined;
  const { earlySeconds } = world.rules.works;
  const { atMs } = onsetOf(world, explained.findings);
  const latestMs = Math.min(...explained.findings.slice(0, 1000).map((each) => each.latestMs));
  const startedAtMs = Math.max(atMs, latestMs);
  return world.space.topology.works.find(
    (work) =>
      startedAtMs >= work.startsAtMs - earlySeconds * 1000 &&
      startedAtMs < work.endsAtMs &&
      nowMs >= work.startsAtMs - earlySeconds * 1000 &&
      explained.findings.every(({ resource }) => world.space.isUnder(resource, work.resource)),
  );
}

/**
 * Until when a work excuses what it is on. Counters show that all is well again only periods later,
 * so without an alarm that still stands they are waited for; what is silent would be heard of with
 * the period in which the work ended.
 */
function excusedUntil(world: World, work: PlannedWork, explained: Explained): number {
  const { periodMs } = world.feeds;
  const graceMs = world.rules.works.graceSeconds * 1000;
  if (explained.findings.some(({ opensAlone }) => opensAlone)) return work.endsAtMs + graceMs;
  const isSilent = explained.findings.every(({ anomalies }) =>
    anomalies.every(({ kind }) => kind === 'silence'),
  );
  if (isSilent) return heardAfter(world, work);
  return work.endsAtMs + Math.max(graceMs, PERIODS_TO_CLEAR * periodMs);
}

/** When the report of the first period that ends after the work and its grace should have come. */
function heardAfter(world: World, { endsAtMs }: PlannedWork): number {
  const { periodMs, reportedAfterMs } = world.feeds;
  const backMs = endsAtMs + world.rules.works.graceSeconds * 1000;
  const endMs = (Math.floor(backMs / periodMs) + 1) * periodMs;
  return endMs + reportedAfterMs - periodMs;
}

/** Good periods after which counters have cleared, the one of the repair included. */
const PERIODS_TO_CLEAR = 4;

function whenKnown(explained: Explained, moment: Moment): number {
  let knownMs = Number.NEGATIVE_INFINITY;
  for (const { resource } of explained.findings)
    knownMs = Math.max(knownMs, moment.fresh.get(resource) ?? Number.NEGATIVE_INFINITY);
  return Number.isFinite(knownMs) ? Math.min(knownMs, moment.nowMs) : moment.nowMs;
}

/**
 * Undecided silence opens nothing, nor does it help to: what is decided must be enough by itself.
 */
function isEnoughToOpen(world: World, explained: Explained): boolean {
  if (explained.probability < world.openAbove()) return false;
  const decided = explained.findings.filter(({ isUndecided }) => !isUndecided);
  if (decided.length === explained.findings.length) return true;
  const share = world.rules.evidence.furtherCellShare;
  const sum = decided.reduce((all, { nats }) => all + nats, 0);
  const most = decided.reduce((max, { nats }) => Math.max(max, nats), 0);
  const cause = explained.causes[0]?.resource ?? -1;
  const prior = kindPrior(world, cause < 0 ? 'several' : world.space.kindOf(cause));
  const logOdds = share * sum + (1 - share) * most + prior;
  return 1 / (1 + Math.exp(-logOdds)) >= world.openAbove();
}

/** However strong evidence is, what it takes for granted may be wrong. */
const LEAST_DOUBT = 0.002;

/**
 * How probable it is that customers would be told for nothing. Silence that nothing could have
 * witnessed is no ground to tell anybody.
 */
function weighDoubt(world: World, episode: Episode, explained: Explained): void {
  const own = 1 - explained.probability;
  const grade = world.record.gradeOf(own);
  if (episode.grade === null || grade > episode.grade) {
    world.record.noteOpened(grade, episode.grade);
    episode.grade = grade;
  }
  if (explained.findings.some(({ isUndecided }) => isUndecided)) {
    episode.doubt = 1;
    return;
  }
  const doubt = world.record.doubtOf(Math.max(LEAST_DOUBT, own), episode.grade);
  episode.doubt = Math.min(episode.doubt, doubt);
}

function open(world: World, episode: Episode, explained: Explained, moment: Moment): void {
  const knownMs = Math.max(episode.startedAtMs, whenKnown(explained, moment));
  const course = courseOf(world, episode, explained, moment.nowMs);
  const isEnding = course === 'ends' || course === 'waits';
  episode.state = isEnding ? 'recovering' : 'open';
  episode.detectedAtMs ??= knownMs;
  weighDoubt(world, episode, explained);
  episode.hasOverrun = episode.workId !== null;
  const overrun = episode.workId === null ? '' : `planned work ${episode.workId} overran; `;
  const percent = Math.floor(explained.probability * 100);
  const back = isEnding ? 'reports are back and say that it was down; ' : '';
  note(
    episode,
    moment.nowMs,
    'opened',
    `${overrun}${back}${cellWords(countedCells(episode).length)}, ${percent} % sure that it is real: ${causeWords(world, episode)}`,
  );
}

function comeBack(episode: Episode, nowMs: number): void {
  const was = episode.state;
  episode.state = 'open';
  episode.endedAtMs = null;
  episode.resolvedAtMs = null;
  episode.returns++;
  note(episode, nowMs, 'reopened', `failing again while ${was}`);
}

/**
 * The cause is what the evidence says when there is most of it: what is left when alarms clear and
 * cells come back says less.
 */
function updateCause(world: World, episode: Episode, explained: Explained, nowMs: number): void {
  if (episode.causeSetBy !== null) return;
  const nats = explained.findings.reduce((sum, each) => sum + each.nats, 0);
  const isSuspected = episode.state === 'suspected';
  if (!isSuspected && nats < KEPT_SHARE * episode.peakNats) return;
  episode.peakNats = isSuspected ? nats : Math.max(nats, episode.peakNats);
  const before = causeOf(episode);
  const words = episode.causes.length === 0 ? '' : causeWords(world, episode);
  episode.causes = [...explained.causes];
  const after = causeOf(episode);
  const isNew = words !== '' && before !== after;
  if (isNew && isRunning(episode))
    note(episode, nowMs, 'cause', `${causeWords(world, episode)} instead of ${words}`);
}

function noteExtent(episode: Episode, before: number, nowMs: number): void {
  const after = countedCells(episode).length;
  if (!isRunning(episode) || after === before) return;
  const kind = after > before ? 'grew' : 'shrank';
  note(episode, nowMs, kind, `${cellWords(before)} before, ${cellWords(after)} now`);
}

/** A start that an alarm says to the second stays: counters may date it a period or more too early. */
function updateStart(world: World, episode: Episode, explained: Explained): void {
  const { atMs, isExact } = onsetOf(world, explained.findings);
  const isEarlier = atMs < episode.startedAtMs;
  const isKnownBetter = episode.isStartExact && !isExact;
  if (episode.state !== 'suspected' && (!isEarlier || isKnownBetter)) return;
  episode.startedAtMs = atMs;
  episode.isStartExact = isExact;
}

/**
 * The planned work that excuses the incident, attached to it, also when it is imported while the
 * incident is open; says when the work should be over, and when its end has been put off.
 */
function attachWork(
  world: World,
  episode: Episode,
  explained: Explained,
  nowMs: number,
): PlannedWork | undefined {
  const work = workOn(world, explained, nowMs);
  if (work === undefined) return undefined;
  if (episode.workId === null) {
    episode.workId = work.workId;
    note(episode, nowMs, 'planned', `planned work ${work.workId} until ${clock(work.endsAtMs)}`);
  }
  if (episode.state === 'suspected' || episode.workId !== work.workId) return work;
  const isOver = nowMs >= excusedUntil(world, work, explained);
  if (isOver && !episode.hasOverrun) {
    episode.hasOverrun = true;
    note(episode, nowMs, 'planned', `${work.workId} should have ended at ${clock(work.endsAtMs)}`);
  } else if (episode.hasOverrun && nowMs < work.endsAtMs) {
    episode.hasOverrun = false;
    note(episode, nowMs, 'planned', `${work.workId} goes on until ${clock(work.endsAtMs)}`);
  }
  return work;
}

/** What an operator silenced opens nothing and is told to nobody meanwhile. */
function updateSilence(world: World, episode: Episode, explained: Explained, nowMs: number): void {
  const mute = world.mutes.over(
    explained.findings.map(({ resource }) => resource),
    nowMs,
  );
  const untilMs = mute?.untilMs ?? null;
  if (episode.silencedUntilMs === untilMs) return;
  episode.silencedUntilMs = untilMs;
  const words =
    mute === undefined
      ? 'no longer silenced'
      : `silenced until ${clock(mute.untilMs)} by ${mute.actor}: ${mute.why}`;
  note(episode, nowMs, 'silenced', words);
}

/** Carries on an incident that is explained: it is going on, or it is still suspected. */
export function goOn(world: World, episode: Episode, explained: Explained, moment: Moment): void {
  const { nowMs } = moment;
  updateSilence(world, episode, explained, nowMs);
  if (episode.state === 'resolved' && episode.silencedUntilMs !== null) return;
  const isOver = episode.state === 'recovering' || episode.state === 'resolved';
  const course = courseOf(world, episode, explained, nowMs);
  if (isOver && course === 'waits') episode.quietSeenMs = null;
  if (isOver && (course === 'ends' || course === 'waits')) return;
  if (isNewlyOver(episode, course, explained)) {
    episode.state = 'recovering';
    note(episode, nowMs, 'recovering', 'reports are back, but for such as may be lost');
  }
  if (isOver) {
    const isSure = course === 'goesOnSurely' || explained.probability >= world.openAbove();
    if (!isSure) return;
    comeBack(episode, nowMs);
  }
  const before = countedCells(episode).length;
  const hasJoined = updateMembers(world, episode, explained.findings, nowMs);
  if (hasJoined) episode.lastJoinMs = nowMs;
  episode.absorbed = measureAbsorbed(world, episode);
  episode.quietSinceMs = null;
  episode.quietSeenMs = null;
  episode.probability = explained.probability;
  const isSuspected = episode.state === 'suspected';
  updateStart(world, episode, explained);
  updateCause(world, episode, explained, nowMs);
  const work = attachWork(world, episode, explained, nowMs);
  if (!isSuspected) {
    weighDoubt(world, episode, explained);
    noteExtent(episode, before, nowMs);
    return;
  }
  if (work !== undefined && nowMs < excusedUntil(world, work, explained)) return;
  if (episode.silencedUntilMs !== null) return;
  if (isEnoughToOpen(world, explained)) open(world, episode, explained, moment);
}

function resolveWaitMs(world: World, episode: Episode): number {
  const { resolveAfterSeconds, longestResolveSeconds } = world.rules.life;
  return Math.min(longestResolveSeconds, resolveAfterSeconds * 2 ** episode.returns) * 1000;
}

/** Lets an incident that nothing speaks for any more recover, resolve and close. */
export function calmDown(world: World, episode: Episode, nowMs: number): void {
  const { recoverAfterSeconds, closeAfterSeconds } = world.rules.life;
  if (episode.state === 'suspected') {
    close(episode, nowMs, 'the evidence is gone', lastEnd(world, episode, nowMs));
    return;
  }
  if (holdForCallers(world, episode, nowMs)) return;
  if (episode.quietSeenMs === null) {
    episode.quietSeenMs = nowMs;
    episode.quietSinceMs = lastEnd(world, episode, nowMs);
    for (const spell of episode.cells.values()) spell.wellSinceMs ??= nowMs;
  }
  const quietMs = nowMs - episode.quietSeenMs;
  if (episode.state === 'open' && quietMs >= recoverAfterSeconds * 1000) {
    episode.state = 'recovering';
    const since = clock(episode.quietSinceMs ?? nowMs);
    note(episode, nowMs, 'recovering', `nothing wrong since ${since}`);
  }
  const waitMs = recoverAfterSeconds * 1000 + resolveWaitMs(world, episode);
  if (episode.state === 'recovering' && quietMs >= waitMs) {
    episode.state = 'resolved';
    episode.endedAtMs = episode.quietSinceMs;
    episode.resolvedAtMs = nowMs;
    note(episode, nowMs, 'resolved', `well since ${clock(episode.quietSinceMs ?? nowMs)}`);
  }
  const resolvedMs = episode.resolvedAtMs ?? nowMs;
  if (episode.state === 'resolved' && nowMs - resolvedMs >= closeAfterSeconds * 1000)
    close(episode, nowMs, 'did not come back', episode.endedAtMs ?? nowMs);
}

/** Ends an incident's life. */
export function close(episode: Episode, nowMs: number, reason: string, endedAtMs: number): void {
  episode.state = 'closed';
  episode.endedAtMs ??= endedAtMs;
  episode.resolvedAtMs ??= nowMs;
  note(episode, nowMs, 'closed', reason);
}

/** One incident takes another's place: it keeps its own lineage and remembers the other's. */
export function merge(world: World, into: Episode, from: Episode, nowMs: number): void {
  const wasTold = isRunning(from) || from.detectedAtMs !== null;
  from.mergedInto = into.id;
  if (wasTold) {
    const lineages = [from.lineageId, ...from.absorbedLineages];
    into.absorbedLineages = [...new Set([...into.absorbedLineages, ...lineages])].filter(
      (lineage) => lineage !== into.lineageId,
    );
    into.startedAtMs = Math.min(into.startedAtMs, from.startedAtMs);
    const words = into.isPinned ? '' : ` has the same cause: ${causeWords(world, into)}`;
    note(into, nowMs, 'merged', `${from.id}${words}`);
  }
  note(from, nowMs, 'merged', `part of ${into.id}`);
  close(from, nowMs, `goes on as ${into.id}`, nowMs);
}

/** When time alone will next change the incident; epoch ms, Infinity when it won't. */
export function nextTurn(world: World, episode: Episode, nowMs: number): number {
  const { recoverAfterSeconds, closeAfterSeconds, reopenWithinSeconds } = world.rules.life;
  if (episode.state === 'closed') {
    const forgetMs = (episode.resolvedAtMs ?? nowMs) + reopenWithinSeconds * 1000;
    return forgetMs > nowMs ? forgetMs : Number.POSITIVE_INFINITY;
  }
  const times: number[] = [nextLeaving(world, episode)];
  if (episode.quietSeenMs !== null) {
    const recoverMs = episode.quietSeenMs + recoverAfterSeconds * 1000;
    times.push(recoverMs, recoverMs + resolveWaitMs(world, episode));
  }
  if (isRunning(episode)) times.push(lagsUntil(world, episode, nowMs));
  if (episode.resolvedAtMs !== null) times.push(episode.resolvedAtMs + closeAfterSeconds * 1000);
  if (episode.state === 'open' && episode.reviewAtMs !== null) times.push(episode.reviewAtMs);
  if (episode.silencedUntilMs !== null) times.push(episode.silencedUntilMs);
  times.push(heldByCallers(world, episode, nowMs));
  const cause = causeOf(episode);
  if (isRunning(episode) && cause >= 0) times.push(episode.lastJoinMs + windowMs(world, cause) + 1);
  const work = world.space.topology.works.find(({ workId }) => workId === episode.workId);
  if (work !== undefined) {
    times.push(work.endsAtMs + world.rules.works.graceSeconds * 1000);
    times.push(work.endsAtMs + PERIODS_TO_CLEAR * world.feeds.periodMs);
    times.push(heardAfter(world, work));
  }
  return Math.min(Number.POSITIVE_INFINITY, ...times.filter((time) => time > nowMs));
}
