import { isServiceAffecting } from './alarm-book.js';
import type { Episode } from './episode.js';
import type { Explained } from './explain-world.js';
import type { Finding } from './findings.js';
import type { World } from './world.js';

/** So many reports in a row are not lost by chance. */
const SURE_REPORTS = 2;

/** Since when the object has been silent; undefined when it reports. */
function silentSince(world: World, resource: number): number | undefined {
  const { anomalies } = world.anomalies.verdict(resource) ?? { anomalies: [] };
  const silences = anomalies.filter(({ kind }) => kind === 'silence');
  if (silences.length === 0) return undefined;
  return Math.max(...silences.map(({ startedAtMs }) => startedAtMs));
}

/** Nothing but silence says that it is down now: no alarm, nor more than its last outage's end. */
function isOnlyUnheard(world: World, { resource, alarms, silentFromMs }: Finding): boolean {
  if (alarms.some((alarm) => isServiceAffecting(alarm))) return false;
  if (silentSince(world, resource) === undefined) return false;
  return silentFromMs !== null || world.anomalies.verdict(resource)?.silentOnly === true;
}

/** When one lost report, since `fromMs`, no longer explains silence. */
function sureFrom({ feeds }: World, fromMs: number): number {
  return fromMs + (SURE_REPORTS - 1) * feeds.periodMs + feeds.reportedAfterMs;
}

/**
 * What silence that is left of an incident means once others of its cells report again.
 * - `lost`: reports came from all since, and one lost report explains each that is missing now
 * - `unheard`: some were never heard of since the outage, but one lost report would explain it
 * - `down`: some have missed more than that since the others are back: they are still down
 * - `other`: not only silence is left, or most of it, so that it is no matter of lost reports
 */
type Rest = 'lost' | 'unheard' | 'down' | 'other';

/**
 * With an outage over, some first report always gets lost: what witnessed the outage says that cells
 * were down, not that they are. Silence that outlasts the others' return by two reports is no chance.
 */
function restOf(world: World, episode: Episode, { findings }: Explained, nowMs: number): Rest {
  const left = findings.filter(({ isEnding }) => !isEnding);
  if (left.length === 0 || !left.every((finding) => isOnlyUnheard(world, finding))) return 'other';
  const cells = new Set([...episode.members.keys(), ...findings.map(({ resource }) => resource)]);
  let back = 0;
  let backMs = Number.NEGATIVE_INFINITY;
  for (const cell of cells) {
    const silence = world.silences.get(cell);
    if (silence === undefined || silentSince(world, cell) !== undefined) continue;
    back++;
    backMs = Math.max(backMs, silence.untilMs);
  }
  if (back === 0) return 'other';
  const since = left.map(({ resource }) => silentSince(world, resource) ?? backMs);
  if (since.some((sinceMs) => nowMs >= sureFrom(world, Math.max(sinceMs, backMs))))
    return since.some((sinceMs) => sinceMs < backMs) ? 'down' : 'other';
  if (back <= left.length) return 'other';
  return since.some((sinceMs) => sinceMs < backMs) ? 'unheard' : 'lost';
}

/**
 * What becomes of an incident by what is left of it.
 * - `ends`: all that is known of the failure is that it ended, or would be if no report were lost
 * - `waits`: likewise, but for cells not heard of yet
 * - `goesOn`: it goes on; `goesOnSurely`: also if it had seemed over
 */
export type Course = 'ends' | 'waits' | 'goesOn' | 'goesOnSurely';

/** Whether an incident ends or goes on, as far as its silent cells tell. */
export function courseOf(
  world: World,
  episode: Episode,
  explained: Explained,
  nowMs: number,
): Course {
  if (explained.findings.every(({ isEnding }) => isEnding)) return 'ends';
  const rest = restOf(world, episode, explained, nowMs);
  if (rest === 'down') return 'goesOnSurely';
  if (rest === 'other') return 'goesOn';
  return rest === 'lost' ? 'ends' : 'waits';
}

/**
 * Whether an open incident is over: but for lost reports; or wholly, where until now nothing said how
 * sure it was, since that it ended is no reason to tell anybody that it is going on.
 */
export function isNewlyOver(episode: Episode, course: Course, { findings }: Explained): boolean {
  if (episode.state !== 'open' || course === 'goesOn' || course === 'goesOnSurely') return false;
  return episode.doubt >= 1 || !findings.every(({ isEnding }) => isEnding);
}

/** When silence of cells that lag behind is no longer put down to lost reports; Infinity if past. */
export function lagsUntil(world: World, episode: Episode, nowMs: number): number {
  let untilMs = Number.POSITIVE_INFINITY;
  const note = (fromMs: number | undefined): void => {
    const atMs = fromMs === undefined ? nowMs : sureFrom(world, fromMs);
    if (atMs > nowMs) untilMs = Math.min(untilMs, atMs);
  };
  for (const member of episode.members.keys()) {
    note(world.silences.get(member)?.untilMs);
    note(silentSince(world, member));
  }
  return untilMs;
}
