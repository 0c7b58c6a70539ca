import type { Anomaly } from '../domain/anomaly.js';
import { eachService, SERVICES, type Service, type ServiceShares } from '../domain/services.js';
import { type ActiveAlarm, isServiceAffecting } from './alarm-book.js';
import type { Basis, Episode } from './episode.js';
import { type Finding, impliedCells } from './findings.js';
import type { World } from './world.js';

interface CellNow {
  sinceMs: number;
  degree: number;
  /** as `CellSpell` has it */
  services: ServiceShares | undefined;
  /** the worst it is known to have been */
  peak: number;
  how: 'silent' | 'undecided' | 'withoutTraffic' | 'degraded' | 'byAlarm';
}

function howOf(finding: Finding): CellNow['how'] {
  const { anomalies } = finding;
  if (anomalies.length === 0) return 'byAlarm';
  if (anomalies.every(({ kind }) => kind === 'silence'))
    return finding.isUndecided ? 'undecided' : 'silent';
  return anomalies.some(({ kind }) => kind === 'zeroTraffic') ? 'withoutTraffic' : 'degraded';
}

/** What each service lost for one of the degree; undefined where all lost the same. */
function proportions(lost: ServiceShares): ServiceShares | undefined {
  const most = Math.max(lost.voice, lost.data, lost.sms);
  if (most === 0 || SERVICES.every((service) => lost[service] === most)) return undefined;
  return eachService((service) => lost[service] / most);
}

/** What a failed resource takes away by its kind; undefined: everything. */
function servicesOfKind(world: World, resource: number): ServiceShares | undefined {
  const services: readonly Service[] | undefined =
    world.rules.servicesByKind[world.space.kindOf(resource)];
  return services && proportions(eachService((service) => (services.includes(service) ? 1 : 0)));
}

/** What is lost where two things take it. */
function either(
  a: ServiceShares | undefined,
  b: ServiceShares | undefined,
): ServiceShares | undefined {
  if (a === undefined || b === undefined) return undefined;
  return proportions(eachService((service) => Math.max(a[service], b[service])));
}

/** Cells that the findings say lose service now, with how it is known. */
function cellsNow(world: World, findings: readonly Finding[], nowMs: number): Map<number, CellNow> {
  const cells = new Map<number, CellNow>();
  for (const finding of findings) {
    const { resource, anomalies } = finding;
    if (!world.space.isCell(resource) || anomalies.length === 0) continue;
    const { onsetMs: sinceMs, degree } = finding;
    const peak = finding.silentFromMs === null ? degree : 1;
    const verdict = world.anomalies.verdict(resource);
    const services = verdict && proportions(verdict.services);
    cells.set(resource, { sinceMs, degree, services, peak, how: howOf(finding) });
  }
  for (const finding of findings) {
    if (!finding.opensAlone) continue;
    const sinceMs = Math.min(...finding.alarms.map(({ raisedAtMs }) => raisedAtMs));
    const taken = servicesOfKind(world, finding.resource);
    for (const cell of impliedCells(world, finding, nowMs)) {
      const known = cells.get(cell);
      if (known?.how === 'byAlarm') known.services = either(known.services, taken);
      if (known !== undefined) continue;
      const verdict = world.anomalies.verdict(cell);
      const degree = verdict?.degree ?? 1;
      const services = verdict === undefined ? taken : proportions(verdict.services);
      cells.set(cell, { sinceMs, degree, services, peak: 0, how: 'byAlarm' });
    }
  }
  return cells;
}

const SEVERITIES: readonly ActiveAlarm['severity'][] = ['critical', 'major', 'minor', 'warning'];

function severityRank({ severity }: ActiveAlarm): number {
  const at = SEVERITIES.indexOf(severity);
  return at < 0 ? SEVERITIES.length : at;
}

/** The most telling alarm: by severity, by how much is under it, by age. */
function tellingAlarm(world: World, findings: readonly Finding[]): ActiveAlarm | undefined {
  let telling: ActiveAlarm | undefined;
  const tellsMore = (a: ActiveAlarm, b: ActiveAlarm): boolean => {
    const order =
      severityRank(a) - severityRank(b) ||
      world.space.sizeOf(b.resource) - world.space.sizeOf(a.resource) ||
      a.raisedAtMs - b.raisedAtMs;
    return order === 0 ? a.alarmId < b.alarmId : order < 0;
  };
  for (const { alarms } of findings)
    for (const alarm of alarms)
      if (telling === undefined || tellsMore(alarm, telling)) telling = alarm;
  return telling;
}

/** The most improbable of what counters show. */
function worstAnomaly(findings: readonly Finding[]): Anomaly | undefined {
  let worst: Anomaly | undefined;
  for (const { anomalies } of findings) {
    for (const each of anomalies) {
      if (each.kind === 'silence') continue;
      const order = worst === undefined ? 1 : each.score - worst.score;
      if (order > 0 || (order === 0 && each.id < (worst?.id ?? ''))) worst = each;
    }
  }
  return worst;
}

/** Most of its service that a function lost by its counters; undefined when none did. */
function functionLoss(findings: readonly Finding[]): number | undefined {
  let most: number | undefined;
  for (const { anomalies } of findings)
    for (const { objectType, kind, degree } of anomalies)
      if (objectType === 'function' && kind !== 'silence') most = Math.max(degree, most ?? 0);
  return most;
}

function basisOf(
  world: World,
  cells: ReadonlyMap<number, CellNow>,
  findings: readonly Finding[],
): Basis {
  const counts = { silent: 0, withoutTraffic: 0, degraded: 0, undecided: 0, byAlarm: 0 };
  for (const { how } of cells.values()) counts[how]++;
  const lost = functionLoss(findings);
  const alarm = tellingAlarm(world, findings);
  const worst = worstAnomaly(findings);
  return {
    ...(lost === undefined ? {} : { functionLoss: lost }),
    ...counts,
    alarm: alarm === undefined ? null : alarmWords(world, alarm),
    reason: worst === undefined ? null : `${worst.objectId}: ${worst.reason}`,
  };
}

function alarmWords(world: World, alarm: ActiveAlarm): string {
  const what = alarm.specificProblem ?? alarm.probableCause;
  return `${alarm.severity} alarm "${what}" on ${world.space.idOf(alarm.resource)}`;
}

/** When something began, and whether an alarm says so to the second; counters say the period. */
export interface Onset {
  readonly atMs: number;
  readonly isExact: boolean;
}

/** Findings before this share of all the evidence is in do not date the beginning. */
const ONSET_SHARE = 0.1;

/** Earliest onset, passing over what little evidence there was long before the rest. */
function firstOnset(findings: readonly Finding[]): number {
  const all = findings.reduce((sum, { nats }) => sum + nats, 0);
  let before = 0;
  for (const { onsetMs, nats } of findings) {
    before += nats;
    if (before >= ONSET_SHARE * all) return onsetMs;
  }
  return findings[0]?.onsetMs ?? 0;
}

/**
 * Onset of what the findings have in common: an alarm within the first bad period is exact.
 * @param findings in order of onset
 */
export function onsetOf(world: World, findings: readonly Finding[]): Onset {
  const firstMs = firstOnset(findings);
  let alarmMs = Number.POSITIVE_INFINITY;
  let isCounted = false;
  for (const { alarms, anomalies, silentFromMs } of findings) {
    isCounted ||= silentFromMs === firstMs;
    isCounted ||= anomalies.some(({ startedAtMs }) => startedAtMs === firstMs);
    for (const alarm of alarms) {
      const isWithin =
        alarm.raisedAtMs >= firstMs && alarm.raisedAtMs <= firstMs + world.feeds.periodMs;
      if (isWithin && isServiceAffecting(alarm)) alarmMs = Math.min(alarmMs, alarm.raisedAtMs);
    }
  }
  const isExact = Number.isFinite(alarmMs);
  return { atMs: isExact ? alarmMs : firstMs, isExact: isExact || !isCounted };
}

/**
 * Brings an incident's objects and cells up to what the findings say. Cells that are well are kept
 * for `shrinkAfterSeconds` before they leave a running incident; a suspected one keeps nothing.
 *
 * @returns whether an object joined that was not part of it
 */
export function updateMembers(
  world: World,
  episode: Episode,
  findings: readonly Finding[],
  nowMs: number,
): boolean {
  const isSuspected = episode.state === 'suspected';
  if (isSuspected) {
    episode.members.clear();
    episode.anomalyIds.clear();
    episode.kpis.clear();
    episode.alarmIds.clear();
  }
  let hasJoined = false;
  for (const { resource, onsetMs, anomalies, alarms } of findings) {
    hasJoined ||= !episode.members.has(resource);
    episode.members.set(resource, Math.min(onsetMs, episode.members.get(resource) ?? onsetMs));
    for (const { id, kpi, kind } of anomalies) {
      episode.anomalyIds.add(id);
      episode.kpis.add(kpi === '' ? kind : kpi);
    }
    for (const { alarmId } of alarms) episode.alarmIds.add(alarmId);
  }
  const now = cellsNow(world, findings, nowMs);
  episode.basis = basisOf(world, now, findings);
  for (const [cell, { sinceMs, degree, services, peak }] of now) {
    const known = episode.cells.get(cell);
    const since = isSuspected ? sinceMs : Math.min(sinceMs, known?.sinceMs ?? sinceMs);
    const peakBefore = isSuspected ? 0 : (known?.peakDegree ?? 0);
    const peakDegree = Math.max(peak, peakBefore);
    const spell = { sinceMs: since, degree, peakDegree, wellSinceMs: null, isGone: false };
    episode.cells.set(cell, services === undefined ? spell : { ...spell, services });
  }
  const shrinkMs = world.rules.life.shrinkAfterSeconds * 1000;
  for (const [cell, spell] of episode.cells) {
    if (now.has(cell)) continue;
    if (isSuspected) episode.cells.delete(cell);
    spell.wellSinceMs ??= nowMs;
    spell.isGone = nowMs - spell.wellSinceMs >= shrinkMs;
  }
  return hasJoined;
}

/** When the next cell will have been well for long enough to leave; Infinity when none is. */
export function nextLeaving(world: World, episode: Episode): number {
  let nextMs = Number.POSITIVE_INFINITY;
  for (const { wellSinceMs, isGone } of episode.cells.values()) {
    if (wellSinceMs === null || isGone) continue;
    nextMs = Math.min(nextMs, wellSinceMs + world.rules.life.shrinkAfterSeconds * 1000);
  }
  return nextMs;
}

/**
 * When the last thing wrong with the incident's objects ended, as far as is known: an alarm cleared
 * within the last bad period says it to the second.
 */
export function lastEnd(world: World, episode: Episode, nowMs: number): number {
  let cellsMs = Number.NEGATIVE_INFINITY;
  let othersMs = Number.NEGATIVE_INFINITY;
  for (const member of episode.members.keys()) {
    const endedMs = world.ended.get(member);
    if (endedMs === undefined) continue;
    if (world.space.isCell(member)) cellsMs = Math.max(cellsMs, endedMs);
    else othersMs = Math.max(othersMs, endedMs);
  }
  const isWithin = othersMs <= cellsMs && cellsMs <= othersMs + world.feeds.periodMs;
  const endMs = isWithin ? othersMs : Math.max(cellsMs, othersMs);
  return Number.isFinite(endMs) ? Math.max(episode.startedAtMs, Math.min(nowMs, endMs)) : nowMs;
}
