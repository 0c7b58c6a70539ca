import type { IncidentCost, Projected, SegmentCost } from '../domain/cost.js';
import type { Incident } from '../domain/incident.js';
import type { PerSegment } from './cost-rules.js';
import type { ImpactCounts } from './rank.js';
import type { ImpactRules } from './rules.js';

const MINUTE = 60_000;

/** How long an incident is expected to last from now on, in minutes at least 0. */
export interface Outlook {
  readonly basis: IncidentCost['basis'];
  readonly minutes: number;
  /** at both ends of the estimate's band; null without one */
  readonly low: number | null;
  readonly high: number | null;
}

/**
 * Until the estimated repair; where none is known, or it has passed and nobody said another time,
 * as far as the rules look.
 */
export function outlookOf(incident: Incident, nowMs: number, { rank }: ImpactRules): Outlook {
  if (incident.endedAt !== null) return { basis: 'over', minutes: 0, low: null, high: null };
  const minutesTo = (at: string): number => (Date.parse(at) - nowMs) / MINUTE;
  const { estimatedRepairAt, repair } = incident;
  const minutes = estimatedRepairAt === null ? 0 : minutesTo(estimatedRepairAt);
  if (minutes <= 0) {
    return { basis: 'horizon', minutes: rank.horizonMinutes, low: null, high: null };
  }
  if (!repair || repair.low === null || repair.high === null) {
    return { basis: 'repair', minutes, low: null, high: null };
  }
  const low = Math.min(minutes, Math.max(0, minutesTo(repair.low)));
  return { basis: 'repair', minutes, low, high: Math.max(minutes, minutesTo(repair.high)) };
}

/** A rule's value for a segment. */
function of({ segments, other }: PerSegment, segment: string): number {
  return segments[segment] ?? other;
}

/** From what is due after some minutes more, to what is due already and what comes on top. */
function project(dueAfter: (minutes: number) => number, outlook: Outlook): Projected {
  const soFar = dueAfter(0);
  const more = (minutes: number): number => Math.max(0, dueAfter(minutes) - soFar);
  return {
    soFar,
    toCome: more(outlook.minutes),
    low: outlook.low === null ? null : more(outlook.low),
    high: outlook.high === null ? null : more(outlook.high),
  };
}

function scaled(given: Projected, factor: number): Projected {
  const { soFar, toCome, low, high } = given;
  return {
    soFar: soFar * factor,
    toCome: toCome * factor,
    low: low === null ? null : low * factor,
    high: high === null ? null : high * factor,
  };
}

function total(parts: readonly Projected[], { low, high }: Outlook): Projected {
  const sum = (pick: (part: Projected) => number | null): number =>
    parts.reduce((all, part) => all + (pick(part) ?? 0), 0);
  return {
    soFar: sum((part) => part.soFar),
    toCome: sum((part) => part.toCome),
    low: low === null ? null : sum((part) => part.low),
    high: high === null ? null : sum((part) => part.high),
  };
}

/**
 * Credits of a segment after some minutes more: due to everybody ever affected once the mean of what
 * they lost passes the allowance. What a customer lost in other incidents of the month is not known
 * to the counts, so that this is a lower bound.
 */
function creditsAfter(segment: string, counts: ImpactCounts, { cost }: ImpactRules) {
  const customers = counts.everBySegment[segment] ?? 0;
  const lost = counts.minutesBySegment[segment] ?? 0;
  const perMinute = counts.lossBySegment[segment] ?? 0;
  const rules = cost.slaCredits.filter((rule) => rule.segment === segment);
  return (minutes: number): number => {
    if (customers <= 0) return 0;
    const mean = (lost + perMinute * minutes) / customers;
    return rules.reduce(
      (sum, { allowanceMinutes, credit }) =>
        sum + (mean > allowanceMinutes ? credit * customers : 0),
      0,
    );
  };
}

function segmentCost(
  segment: string,
  counts: ImpactCounts,
  outlook: Outlook,
  rules: ImpactRules,
): SegmentCost {
  const lossPerMinute = counts.lossBySegment[segment] ?? 0;
  const lost = counts.minutesBySegment[segment] ?? 0;
  const userMinutes = project((minutes) => lost + lossPerMinute * minutes, outlook);
  return {
    segment,
    subscribers: counts.bySegment[segment] ?? 0,
    expected: counts.expectedBySegment[segment] ?? 0,
    lossPerMinute,
    userMinutes,
    value: scaled(userMinutes, of(rules.cost.valuePerHour, segment) / 60),
    credits: project(creditsAfter(segment, counts, rules), outlook),
  };
}

/** Whether people or services cannot make or take emergency calls. */
export function isEmergencyLost(
  { people, services }: { readonly people: number; readonly services: number },
  { rank }: ImpactRules,
): boolean {
  return services > 0 || people >= rank.emergencyCallingPeople;
}

function emergencyOf(
  counts: ImpactCounts,
  outlook: Outlook,
  rules: ImpactRules,
  before: IncidentCost['emergency'] | undefined,
): IncidentCost['emergency'] {
  const { withoutVoice: people, emergencyServices: services } = counts;
  const mostPeople = Math.max(people, before?.mostPeople ?? 0);
  const mostServices = Math.max(services, before?.mostServices ?? 0);
  const judged =
    outlook.basis === 'over'
      ? { people: mostPeople, services: mostServices }
      : { people, services };
  return { people, services, mostPeople, mostServices, isLost: isEmergencyLost(judged, rules) };
}

/** What the cost of an incident is worked out from besides its counts. */
export interface CostFrame {
  readonly incident: Incident;
  readonly nowMs: number;
  readonly rules: ImpactRules;
  /** as it was stated before, from counts that were no estimate */
  readonly before?: IncidentCost | undefined;
}

/**
 * What an incident costs by segment and in all. User-minutes go on at the present rate until the
 * repair: nobody is assumed to come or go. Money is user-hours times the segment's value; customers
 * at risk of leaving are user-hours times the segment's share.
 */
export function costOf(
  counts: ImpactCounts,
  { incident, nowMs, rules, before }: CostFrame,
): IncidentCost {
  const outlook = outlookOf(incident, nowMs, rules);
  const names = new Set([
    ...Object.keys(counts.minutesBySegment),
    ...Object.keys(counts.bySegment),
  ]);
  const segments = [...names]
    .map((segment) => segmentCost(segment, counts, outlook, rules))
    .sort((a, b) => weightOf(b) - weightOf(a) || (a.segment < b.segment ? -1 : 1));
  const churn = segments.map((each) =>
    scaled(each.userMinutes, of(rules.cost.churnPerHour, each.segment) / 60),
  );
  const until = new Date(nowMs + outlook.minutes * MINUTE).toISOString();
  return {
    basis: outlook.basis,
    until: outlook.basis === 'over' ? null : until,
    lossPerMinute: segments.reduce((sum, each) => sum + each.lossPerMinute, 0),
    userMinutes: total(
      segments.map((each) => each.userMinutes),
      outlook,
    ),
    currency: rules.cost.currency,
    value: total(
      segments.map((each) => each.value),
      outlook,
    ),
    credits: total(
      segments.map((each) => each.credits),
      outlook,
    ),
    churn: total(churn, outlook),
    segments,
    emergency: emergencyOf(counts, outlook, rules, before?.emergency),
  };
}

function weightOf({ userMinutes }: SegmentCost): number {
  return userMinutes.soFar + userMinutes.toCome;
}
