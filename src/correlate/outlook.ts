import type { PastIncident } from '../domain/past-incident.js';
import { clock } from './describe.js';
import {
  causeOf,
  countedCells,
  type Episode,
  isRunning,
  note,
  type RepairOutlook,
  type RepairWord,
} from './episode.js';
import { magnitude, type PastRepair, type RepairSubject } from './repair/past-repair.js';
import type { Foretold, RepairBook } from './repair/repair-book.js';
import type { TicketWords } from './ticket-words.js';
import type { World } from './world.js';

/** An alarm that cleared says the end this closely; ms. */
const ALARM_EXACT_MS = 1000;
/** Periods after an incident opened in which late reports still tell its size. */
const SIZING_PERIODS = 2;
/** An estimate is good for this share of the age at which it was made. */
const REVIEW_SHARE = 1 / 8;
const MINUTE_MS = 60_000;

function causeKind(world: World, episode: Episode): string {
  const cause = causeOf(episode);
  return cause < 0 ? 'several' : world.space.kindOf(cause);
}

function traitsOf(world: World, episode: Episode): RepairSubject['traits'] {
  const { firstCells, goingThen, workId } = episode;
  return {
    kind: causeKind(world, episode),
    cells: magnitude(firstCells),
    going: magnitude(goingThen),
    planned: workId === null ? 'no' : 'yes',
  };
}

/** The incident as the past is asked about it. */
function subjectOf(world: World, episode: Episode): RepairSubject {
  const { startedAtMs, detectedAtMs } = episode;
  return {
    startedAtMs,
    knownAtMs: detectedAtMs ?? startedAtMs,
    offsetMs: world.feeds.offsetMs(startedAtMs),
    traits: traitsOf(world, episode),
  };
}

/**
 * The incident as a past one, if anything can be learnt from it: one that opened, and was neither
 * merged into another nor said to be none. While it goes on its end is open.
 */
export function pastOf(world: World, episode: Episode, nowMs: number): PastRepair | undefined {
  const { detectedAtMs, mergedInto, isDismissed, endedAtMs, alarmIds } = episode;
  if (detectedAtMs === null || mergedInto !== null || isDismissed) return undefined;
  const subject = subjectOf(world, episode);
  if (endedAtMs === null) return { ...subject, endedAfterMs: nowMs, endedByMs: null };
  if (endedAtMs <= subject.knownAtMs) return undefined;
  const within = alarmIds.size > 0 ? ALARM_EXACT_MS : world.feeds.periodMs;
  return { ...subject, endedAfterMs: endedAtMs - within, endedByMs: endedAtMs };
}

/** An imported incident of the past. @returns undefined when nothing can be learnt from it */
export function importedPast(world: World, incident: PastIncident): PastRepair | undefined {
  const { causeKind, cells, startedAt, lastedUntil, endedBy } = incident;
  const startedAtMs = Date.parse(startedAt);
  const endedByMs = endedBy === null ? null : Date.parse(endedBy);
  if (endedByMs !== null && endedByMs <= startedAtMs) return undefined;
  return {
    startedAtMs,
    knownAtMs: startedAtMs,
    offsetMs: world.feeds.offsetMs(startedAtMs),
    traits: {
      ...(causeKind === undefined ? {} : { kind: causeKind }),
      ...(cells === undefined ? {} : { cells: magnitude(cells) }),
    },
    endedAfterMs: Math.max(startedAtMs, Date.parse(lastedUntil)),
    endedByMs,
  };
}

function isGiven({ source }: RepairOutlook): boolean {
  return source === 'ticket' || source === 'operator';
}

function isAlike(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>) {
  return Object.keys({ ...a, ...b }).every((name) => a[name] === b[name]);
}

/** Minutes to which a time is rounded by the width of its band in minutes: what it is good for. */
const ROUNDING = [
  { fromMinutes: 480, step: 60 },
  { fromMinutes: 120, step: 15 },
  { fromMinutes: 0, step: 5 },
] as const;

/** The estimate as it is said: rounded up, so that it is never before `nowMs`. */
function outlookOf(foretold: Foretold, subject: RepairSubject, nowMs: number): RepairOutlook {
  const { lowMs, medianMs, highMs, basedOn } = foretold;
  const width = (highMs - lowMs) / MINUTE_MS;
  const { step } = ROUNDING.find(({ fromMinutes }) => width >= fromMinutes) ?? ROUNDING[0];
  const round = (atMs: number): number => Math.ceil(atMs / (step * MINUTE_MS)) * step * MINUTE_MS;
  return {
    source: 'model',
    atMs: round(medianMs),
    lowMs: round(lowMs),
    highMs: round(highMs),
    asOfMs: nowMs,
    basedOn,
    traits: subject.traits,
    saidBy: null,
    ticketId: null,
  };
}

function saysTheSame(a: RepairOutlook | null, b: RepairOutlook): boolean {
  if (a === null || a.source !== b.source || a.basedOn !== b.basedOn) return false;
  return a.atMs === b.atMs && a.lowMs === b.lowMs && a.highMs === b.highMs;
}

function byRule(world: World, episode: Episode, nowMs: number): RepairOutlook | null {
  const typical = world.rules.repair.typicalSecondsByKind[causeKind(world, episode)];
  if (typical === undefined) return null;
  return {
    source: 'rule',
    atMs: episode.startedAtMs + typical * 1000,
    lowMs: null,
    highMs: null,
    asOfMs: nowMs,
    basedOn: 0,
    traits: {},
    saidBy: null,
    ticketId: null,
  };
}

/** Takes over what a ticket or an operator said; it is looked at again when that time has come. */
export function expectAsTold(episode: Episode, word: RepairWord): void {
  episode.repair = { ...word, lowMs: null, highMs: null, basedOn: 0, traits: {} };
  episode.reviewAtMs = word.atMs;
  episode.overrun = null;
}

function isSameWord(a: RepairWord | RepairOutlook | null, b: RepairWord): boolean {
  if (a === null || a.source !== b.source || a.atMs !== b.atMs) return false;
  return a.asOfMs === b.asOfMs && a.ticketId === b.ticketId && a.saidBy === b.saidBy;
}

function speakerOf({ saidBy, ticketId }: RepairWord | RepairOutlook): string {
  const said = [ticketId === null ? [] : `ticket ${ticketId}`, saidBy ?? []].flat();
  return said.join(', ');
}

/** Goes by what was said last while its time is to come. @returns whether it is */
function followWord(episode: Episode, word: RepairWord | null, nowMs: number): boolean {
  if (word !== null && word.atMs > nowMs) {
    if (isSameWord(episode.repair, word)) return true;
    expectAsTold(episode, word);
    const words = `${speakerOf(word)} expects repair at ${clock(word.atMs)}`;
    if (word !== episode.told) note(episode, nowMs, 'repair', words);
    return true;
  }
  const { repair } = episode;
  const given = repair !== null && isGiven(repair) ? repair : null;
  if (given !== null) episode.repair = null;
  if (word === null) {
    episode.overrun = null;
    if (given === null) return false;
    const words = `${clock(given.atMs)} no longer counts: ${speakerOf(given)} took it back`;
    note(episode, nowMs, 'repair', words);
  } else if (!isSameWord(episode.overrun, word)) {
    episode.overrun = word;
    const words = `announced for ${clock(word.atMs)} by ${speakerOf(word)}, overrun`;
    note(episode, nowMs, 'repair', words);
  }
  return false;
}

/** What times to repair are known from. */
export interface RepairGrounds {
  readonly world: World;
  readonly book: RepairBook;
  readonly words: TicketWords;
}

/** Looks at an open incident's repair time: what was said until it has passed, else the past. */
function review({ world, book, words }: RepairGrounds, episode: Episode, nowMs: number): void {
  if (followWord(episode, words.last(episode), nowMs)) return;
  const { repair } = episode;
  if (!book.isReady) {
    const rule = repair === null ? byRule(world, episode, nowMs) : repair;
    // After an announced time that did not hold, one that has passed as well says nothing.
    const isStale = episode.overrun !== null && rule !== null && rule.atMs <= nowMs;
    episode.repair = isStale ? null : rule;
    return;
  }
  const isDue = nowMs >= (episode.reviewAtMs ?? nowMs);
  const isSame = repair?.source === 'model' && isAlike(repair.traits, traitsOf(world, episode));
  if (isSame && !isDue) return;
  const subject = subjectOf(world, episode);
  const foretold = book.foretell(subject, nowMs);
  if (foretold === null) return;
  const outlook = outlookOf(foretold, subject, nowMs);
  // Said anew only when it says something new: every change goes out to flags and screens.
  const asOfMs = saysTheSame(repair, outlook) ? (repair?.asOfMs ?? nowMs) : nowMs;
  episode.repair = { ...outlook, asOfMs };
  const ageMs = nowMs - episode.startedAtMs;
  const waitMs = Math.max(world.rules.repair.reviewSeconds * 1000, ageMs * REVIEW_SHARE);
  episode.reviewAtMs = nowMs + waitMs;
}

/** Brings the repair times of all open incidents up to date, after a decision. */
export function reviewRepairs(
  grounds: RepairGrounds,
  episodes: ReadonlyMap<string, Episode>,
  nowMs: number,
): void {
  const { world, book } = grounds;
  const all = [...episodes.values()];
  const running = all.filter(isRunning);
  const past = (): PastRepair[] => all.flatMap((each) => pastOf(world, each, nowMs) ?? []);
  book.refit(past, nowMs);
  for (const episode of running) {
    if (episode.state !== 'open') continue;
    if (episode.goingThen === 0) episode.goingThen = running.length;
    const openForMs = nowMs - (episode.detectedAtMs ?? nowMs);
    if (openForMs <= SIZING_PERIODS * world.feeds.periodMs)
      episode.firstCells = Math.max(episode.firstCells, countedCells(episode).length);
    review(grounds, episode, nowMs);
  }
}
