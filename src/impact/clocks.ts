import type { Incident } from '../domain/incident.js';
import type { ClockTerm, RegulatoryClock } from '../domain/regulatory-clock.js';
import type { ClockCondition, ClockRule } from './cost-rules.js';

const MINUTE = 60_000;

/** What clocks are judged by, at one moment. */
export interface ClockFacts {
  readonly incident: Incident;
  readonly nowMs: number;
  /** lost so far */
  readonly userMinutes: number;
  /** user-minutes lost each minute now */
  readonly lossPerMinute: number;
  /** expected number of people affected */
  readonly subscribers: number;
  readonly isEmergencyLost: boolean;
  readonly isEstimate: boolean;
}

interface Term {
  readonly what: ClockTerm;
  readonly value: number;
  readonly needed: number;
  /** when it was or will be reached if nothing changes, epoch ms; infinite when not foreseen */
  readonly atMs: number;
}

/** How an incident stands to each clock. One that started goes on, whatever comes later. */
export function judgeClocks(
  rules: readonly ClockRule[],
  facts: ClockFacts,
  before: readonly RegulatoryClock[] = [],
): RegulatoryClock[] {
  return rules.map((rule) =>
    judge(
      rule,
      facts,
      before.find(({ id }) => id === rule.id),
    ),
  );
}

function judge(rule: ClockRule, facts: ClockFacts, before?: RegulatoryClock): RegulatoryClock {
  const isFinal = before?.onEstimate !== true || facts.isEstimate;
  if (before?.startedAt && isFinal) {
    return started(rule, Date.parse(before.startedAt), before.onEstimate === true);
  }
  const nearest = nearestOf(rule.when.map((condition) => termsOf(condition, facts)));
  const lacking = nearest.reduce((a, b) => (ratio(b) < ratio(a) ? b : a));
  const reachedMs = Math.max(...nearest.map(({ atMs }) => atMs));
  if (ratio(lacking) >= 1) return started(rule, startMs(rule, reachedMs, facts), facts.isEstimate);
  const isForeseen = facts.incident.endedAt === null && Number.isFinite(reachedMs);
  const { what, value, needed } = lacking;
  return {
    id: rule.id,
    name: rule.name,
    startedAt: null,
    deadlineAt: null,
    progress: ratio(lacking),
    lacking: { what, value, needed },
    expectedStartAt: isForeseen ? new Date(reachedMs).toISOString() : null,
  };
}

function started({ id, name, deadlineMinutes }: ClockRule, fromMs: number, onEstimate: boolean) {
  return {
    id,
    name,
    startedAt: new Date(fromMs).toISOString(),
    deadlineAt: new Date(fromMs + deadlineMinutes * MINUTE).toISOString(),
    progress: 1,
    lacking: null,
    expectedStartAt: null,
    ...(onEstimate ? { onEstimate } : {}),
  };
}

/** From detection, or from when the condition was reached, which nobody knew before detection. */
function startMs({ from }: ClockRule, reachedMs: number, { incident, nowMs }: ClockFacts): number {
  const detectedMs = Date.parse(incident.detectedAt ?? incident.startedAt);
  if (from === 'detection') return detectedMs;
  return Math.min(nowMs, Math.max(detectedMs, reachedMs));
}

function ratio({ value, needed }: Term): number {
  return Math.min(1, value / needed);
}

/** The alternative whose farthest term is nearest; the first among equals. */
function nearestOf(alternatives: readonly (readonly Term[])[]): readonly Term[] {
  const least = (terms: readonly Term[]): number => Math.min(...terms.map(ratio));
  return alternatives.reduce((a, b) => (least(b) > least(a) ? b : a));
}

function termsOf(condition: ClockCondition, facts: ClockFacts): Term[] {
  const { incident, nowMs } = facts;
  const fixed = (what: ClockTerm, value: number, needed: number): Term => {
    return { what, value, needed, atMs: value >= needed ? nowMs : Number.POSITIVE_INFINITY };
  };
  const terms = [confirmationTerm(incident)];
  const { userMinutes, durationMinutes, subscribers, emergencyCalling, sites, area } = condition;
  if (userMinutes !== undefined) terms.push(userMinutesTerm(userMinutes, facts));
  if (durationMinutes !== undefined) terms.push(durationTerm(durationMinutes, facts));
  if (subscribers !== undefined) terms.push(fixed('subscribers', facts.subscribers, subscribers));
  if (emergencyCalling) terms.push(fixed('emergencyCalling', facts.isEmergencyLost ? 1 : 0, 1));
  if (sites !== undefined) terms.push(fixed('sites', incident.sites.length, sites));
  if (area !== undefined) terms.push(fixed('area', isWithin(incident.sites, area) ? 1 : 0, 1));
  return terms;
}

function confirmationTerm({ detectedAt }: Incident): Term {
  const atMs = detectedAt === null ? Number.POSITIVE_INFINITY : Date.parse(detectedAt);
  return { what: 'confirmation', value: detectedAt === null ? 0 : 1, needed: 1, atMs };
}

function userMinutesTerm(needed: number, { userMinutes, lossPerMinute, nowMs }: ClockFacts): Term {
  const apart = (needed - userMinutes) / lossPerMinute;
  const atMs = lossPerMinute > 0 ? nowMs + apart * MINUTE : Number.POSITIVE_INFINITY;
  const isReached = userMinutes >= needed;
  return {
    what: 'userMinutes',
    value: userMinutes,
    needed,
    atMs: isReached ? Math.min(nowMs, atMs) : atMs,
  };
}

function durationTerm(needed: number, { incident, nowMs }: ClockFacts): Term {
  const startedMs = Date.parse(incident.startedAt);
  const untilMs = incident.endedAt === null ? nowMs : Date.parse(incident.endedAt);
  const value = Math.max(0, untilMs - startedMs) / MINUTE;
  return { what: 'durationMinutes', value, needed, atMs: startedMs + needed * MINUTE };
}

function isWithin(sites: readonly string[], area: readonly string[]): boolean {
  const exact = new Set(area.filter((each) => !each.endsWith('*')));
  const beginnings = area.filter((each) => each.endsWith('*')).map((each) => each.slice(0, -1));
  return sites.some((site) => exact.has(site) || beginnings.some((each) => site.startsWith(each)));
}
