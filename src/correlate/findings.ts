import type { Anomaly } from '../domain/anomaly.js';
import { type ActiveAlarm, alarmNats, isServiceAffecting, opensAlone } from './alarm-book.js';
import { addDependent, type ObjectVerdict, surpriseOf } from './anomaly-book.js';
import type { Failure } from './cover.js';
import type { SilenceVerdict } from './silence.js';
import type { World } from './world.js';

/** All that is wrong with one object now, and how strongly it is known. Times are epoch ms. */
export interface Finding extends Failure {
  readonly knownAtMs: number;
  /** share of service lost as counters or silence show it; 0 when only alarms speak */
  readonly degree: number;
  /** start of the silence that turned out to be an outage with the first report after it */
  readonly silentFromMs: number | null;
  /** all that is wrong is the end of an outage that was silent: reports are back */
  readonly isEnding: boolean;
  readonly alarms: readonly ActiveAlarm[];
  readonly anomalies: readonly Anomaly[];
  /** counters show it, or silence with a witness */
  readonly isMeasured: boolean;
  /** silence that nothing could have witnessed: may be suspected, never opens */
  readonly isUndecided: boolean;
  /** an alarm that may open an incident alone, and has not been contradicted */
  readonly opensAlone: boolean;
}

/** What there is to explain, and who may not be held to be healthy. */
export interface Findings {
  /** in order of onset, then of key */
  readonly failed: readonly Finding[];
  /** failed ones and, with 0 nats, those that are silent, just recovered or implied by an alarm */
  readonly withNeutral: readonly Failure[];
  /** when an alarm's cells must have confirmed it; Infinity when none is waiting */
  readonly lookAgainMs: number;
}

/**
 * Whether counters leave the alarm standing. Once reports from after it are in, an alarm under which
 * cells report and none is in trouble is contradicted: a lost clear, or an alarm that hurts no one.
 */
function alarmStands(world: World, alarm: ActiveAlarm, nowMs: number): boolean {
  if (!isServiceAffecting(alarm)) return true;
  if (nowMs < world.confirmedBy(alarm.raisedAtMs)) return true;
  return world.space.observedUnder(alarm.resource) === 0 || world.badUnder(alarm.resource) > 0;
}

/** Active alarms of the resource that neither an operator dismissed nor counters contradict. */
function standingAlarms(world: World, resource: number, nowMs: number): readonly ActiveAlarm[] {
  return world.alarms
    .of(resource)
    .filter((alarm) => !world.dismissed.has(alarm.alarmId) && alarmStands(world, alarm, nowMs));
}

/** How and when an object is looked at. */
interface Look {
  readonly silence: SilenceVerdict | undefined;
  readonly nowMs: number;
}

interface Counted {
  readonly nats: number;
  readonly isMeasured: boolean;
  readonly isUndecided: boolean;
  /** slow with a crowd, which will go by itself */
  readonly isCrowded: boolean;
}

const NOTHING: Counted = { nats: 0, isMeasured: false, isUndecided: false, isCrowded: false };

function countCounters(
  world: World,
  resource: number,
  verdict: ObjectVerdict | undefined,
  { silence, nowMs }: Look,
): Counted {
  if (verdict === undefined) return NOTHING;
  if (verdict.silentOnly) {
    const nats = verdict.silenceNats;
    if (silence === 'undecided') return { ...NOTHING, nats, isUndecided: true };
    if (silence !== 'witnessed') return NOTHING;
  }
  const own = verdict.silentOnly ? verdict.silenceNats : verdict.nats;
  if (own <= 0) return NOTHING;
  const isCrowded = isCrowd(world, resource, verdict, nowMs);
  const nats = isCrowded
    ? own * world.rules.evidence.crowdedShare
    : own + surplusNats(world, resource, verdict.sinceMs);
  return { nats, isMeasured: true, isUndecided: false, isCrowded };
}

/**
 * Slow because it carries more than it should, an event's crowd or the users of a neighbour that
 * failed: when they go it is well again.
 */
function isCrowd(world: World, resource: number, verdict: ObjectVerdict, nowMs: number): boolean {
  if (!verdict.isSlowOnly) return false;
  if (world.isCrowded(resource, verdict.sinceMs, verdict.knownAtMs, nowMs)) return true;
  return world.space.neighbourCells(resource).some((cell) => isOrWasDown(world, cell, verdict));
}

/** Silence longer ago than this has nothing to do with what begins beside it. */
const BESIDE_MS = 14_400_000;

function isOrWasDown(world: World, cell: number, beside: ObjectVerdict): boolean {
  // First what is over: with the repair the neighbour has a new verdict, which began too late.
  if ((world.outages.get(cell) ?? Number.NEGATIVE_INFINITY) >= beside.sinceMs) return true;
  const verdict = world.anomalies.verdict(cell);
  if (verdict === undefined) return false;
  if (verdict.isSlowOnly || verdict.sinceMs > beside.knownAtMs) return false;
  if (!verdict.silentOnly || world.witnessed.has(cell)) return true;
  const isSure = verdict.anomalies.some(
    (each) => surpriseOf(each) >= world.rules.evidence.sureSilenceNats,
  );
  return isSure && beside.sinceMs - verdict.sinceMs <= BESIDE_MS;
}

/** What lasts is less and less likely chance; silence is judged by its witnesses instead. */
function lastingPeriods(world: World, verdict: ObjectVerdict, nowMs: number): number {
  if (verdict.silentOnly) return 0;
  const periods = Math.floor((nowMs - verdict.knownAtMs) / world.feeds.periodMs);
  return Math.max(0, Math.min(world.rules.evidence.lastingPeriods, periods));
}

function surplusNats(world: World, resource: number, sinceMs: number): number {
  if (world.surplus.size === 0) return 0;
  const site = world.space.siteOf(resource);
  const isRisen = world.space
    .neighbourCells(resource)
    .some((cell) => world.space.siteOf(cell) !== site && world.hasRisen(cell, sinceMs));
  return isRisen ? world.rules.evidence.surplusNats : 0;
}

/** An alarm says when; a verdict by counters may be about any period up to the one it was found in. */
function latestOnset(
  world: World,
  verdict: ObjectVerdict | undefined,
  onsets: readonly number[],
): number {
  const found = (verdict?.knownAtMs ?? Number.POSITIVE_INFINITY) - world.feeds.periodMs;
  return Math.min(found, ...onsets);
}

/** From this share of service lost in a period the cell was out for all of it. */
const WHOLLY_OUT = 0.98;
/** Good periods after the last one of an outage with which its anomalies clear. */
const PERIODS_TO_END = 2;

function findingOf(world: World, resource: number, look: Look): Finding | undefined {
  const { nowMs } = look;
  const alarms = standingAlarms(world, resource, nowMs);
  const all = world.anomalies.verdict(resource);
  const isDismissed = all?.anomalies.every(({ id }) => world.dismissed.has(id)) === true;
  const verdict = isDismissed ? undefined : all;
  const counted = countCounters(world, resource, verdict, look);
  const share = world.rules.evidence.furtherKpiShare;
  const isWide = world.space.sizeOf(resource) > world.rules.alarms.cellsOnAlarmAlone;
  const mostPerAlarm = isWide ? world.rules.alarms.nats.major : Number.POSITIVE_INFINITY;
  const byAlarm = addDependent(
    alarms.map((alarm) => Math.min(mostPerAlarm, alarmNats(alarm, world.rules))),
    share,
  );
  if (counted.nats + byAlarm <= 0) return undefined;
  const isFirm = verdict !== undefined && counted.isMeasured && !counted.isCrowded;
  const lasting = isFirm ? lastingPeriods(world, verdict, nowMs) : 0;
  const nats = counted.nats + byAlarm + lasting * world.rules.evidence.lastingNatsPerPeriod;
  const useCounters = counted.nats > 0 ? verdict : undefined;
  const telling = alarms.filter((alarm) => isServiceAffecting(alarm));
  const dated = telling.length > 0 || useCounters !== undefined ? telling : alarms;
  const onsets = dated.map(({ raisedAtMs }) => raisedAtMs);
  const silent = useCounters === undefined ? undefined : world.silenceBefore(resource);
  const countedMs = silent?.fromMs ?? useCounters?.sinceMs ?? Number.POSITIVE_INFINITY;
  const onsetMs = Math.min(countedMs, ...onsets);
  return {
    resource,
    nats,
    onsetMs,
    latestMs: Math.max(
      onsetMs,
      silent === undefined
        ? latestOnset(world, useCounters, onsets)
        : Math.min(silent.fromMs + world.feeds.periodMs, ...onsets),
    ),
    knownAtMs: Math.min(useCounters?.knownAtMs ?? Number.POSITIVE_INFINITY, ...onsets),
    degree: useCounters?.degree ?? 0,
    silentFromMs: silent?.fromMs ?? null,
    isEnding:
      silent !== undefined &&
      alarms.length === 0 &&
      (useCounters?.degree ?? 1) < WHOLLY_OUT &&
      nowMs < silent.untilMs + PERIODS_TO_END * world.feeds.periodMs + world.feeds.reportedAfterMs,
    alarms,
    anomalies: useCounters?.anomalies ?? [],
    isMeasured: counted.isMeasured,
    isUndecided: counted.isUndecided,
    opensAlone: !isWide && alarms.some((alarm) => opensAlone(alarm, world.rules)),
  };
}

/**
 * Cells that an alarm says are down and counters have not denied: those under the object, unless
 * they are more than an alarm alone is believed for.
 */
export function impliedCells(world: World, finding: Finding, nowMs: number): number[] {
  if (!finding.opensAlone) return [];
  const { space, rules } = world;
  const cells = space.cellsUnder(finding.resource);
  const raisedAtMs = Math.min(
    ...finding.alarms.filter((a) => opensAlone(a, rules)).map((a) => a.raisedAtMs),
  );
  const mustHaveShown = nowMs >= world.confirmedBy(raisedAtMs);
  return [...cells].filter(
    (cell) =>
      !mustHaveShown || !space.isObserved(cell) || world.anomalies.verdict(cell) !== undefined,
  );
}

/** When time alone will change what is made of the finding; epoch ms, Infinity when never. */
function nextLook(world: World, finding: Finding, nowMs: number): number {
  const times = finding.alarms.map(({ raisedAtMs }) => world.confirmedBy(raisedAtMs));
  const verdict = world.anomalies.verdict(finding.resource);
  if (verdict !== undefined && !verdict.silentOnly) {
    const lasting = lastingPeriods(world, verdict, nowMs);
    if (lasting < world.rules.evidence.lastingPeriods)
      times.push(verdict.knownAtMs + (lasting + 1) * world.feeds.periodMs);
  }
  return Math.min(Number.POSITIVE_INFINITY, ...times.filter((time) => time > nowMs));
}

/** Gathers what is wrong with every object, as the books and the verdicts on silence have it. */
export function gatherFindings(
  world: World,
  silence: ReadonlyMap<number, SilenceVerdict>,
  nowMs: number,
): Findings {
  const failed: Finding[] = [];
  const neutral: Failure[] = [];
  let lookAgainMs = Number.POSITIVE_INFINITY;
  const resources = new Set([...world.anomalies.resources(), ...world.alarms.resources()]);
  for (const resource of resources) {
    const finding = findingOf(world, resource, { silence: silence.get(resource), nowMs });
    if (finding === undefined) {
      neutral.push({ resource, nats: 0, onsetMs: nowMs, latestMs: nowMs });
      continue;
    }
    failed.push(finding);
    lookAgainMs = Math.min(lookAgainMs, nextLook(world, finding, nowMs));
    for (const cell of impliedCells(world, finding, nowMs)) {
      if (cell !== resource)
        neutral.push({ resource: cell, nats: 0, onsetMs: nowMs, latestMs: nowMs });
    }
  }
  for (const resource of world.ended.keys()) {
    if (!resources.has(resource))
      neutral.push({ resource, nats: 0, onsetMs: nowMs, latestMs: nowMs });
  }
  const sorted = inOrder(world, failed);
  return { failed: sorted, withNeutral: [...sorted, ...neutral], lookAgainMs };
}

/** By onset, then by key: an order that does not depend on arrival. */
function inOrder(world: World, failed: readonly Finding[]): Finding[] {
  const keyed = failed.map((finding) => ({ finding, key: world.space.keyOf(finding.resource) }));
  keyed.sort((a, b) => {
    if (a.finding.onsetMs !== b.finding.onsetMs) return a.finding.onsetMs - b.finding.onsetMs;
    return a.key < b.key ? -1 : a.key > b.key ? 1 : 0;
  });
  return keyed.map(({ finding }) => finding);
}
