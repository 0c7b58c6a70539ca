import type { IncidentCost } from '../domain/cost.js';
import type { ImpactSummary } from '../domain/customer.js';
import type { Incident } from '../domain/incident.js';
import type { ServiceShares } from '../domain/services.js';
import { judgeClocks } from './clocks.js';
import { costOf } from './cost.js';
import type { ImpactRules } from './rules.js';

/** What the mapping counted, before it is weighed. All counts are of current rows. */
export interface ImpactCounts {
  readonly subscribers: number;
  readonly machines: number;
  readonly bySegment: Readonly<Record<string, number>>;
  /** sum of probabilities by segment, machines left out */
  readonly expectedBySegment: Readonly<Record<string, number>>;
  /** the same over everybody ever affected */
  readonly everBySegment: Readonly<Record<string, number>>;
  /** sum of probability × degree by segment, machines left out */
  readonly lossBySegment: Readonly<Record<string, number>>;
  /** sum of probability × degree × minutes over everybody ever affected, machines left out */
  readonly minutesBySegment: Readonly<Record<string, number>>;
  /** the same in all */
  readonly userMinutes: number;
  /** expected number of vulnerable people affected */
  readonly vulnerable: number;
  /** expected number of people who have no service anywhere, so can call nobody */
  readonly withoutVoice: number;
  /** emergency services that have lost their service */
  readonly emergencyServices: number;
  /** expected number of people who lost each service, a part lost counted as such */
  readonly services: ServiceShares;
}

function sum(values: Readonly<Record<string, number>>): number {
  return Object.values(values).reduce((total, value) => total + value, 0);
}

/**
 * Rank of an incident in weighted user-minutes, and the parts it is the sum of: `soFar` (lost
 * already), `toCome` (until the repair, each person counted as its segment's weight), `vulnerable`,
 * `money` (value and credits to come), `churn` (customers at risk), and `emergencyCalling` and
 * `emergencyServices`, which by their size put lost emergency calling first.
 */
export function rankParts(
  counts: ImpactCounts,
  cost: IncidentCost,
  rules: ImpactRules,
): Record<string, number> {
  const { rank } = rules;
  const weighted = cost.segments.reduce(
    (total, { segment, userMinutes }) => total + userMinutes.toCome * (rank.segments[segment] ?? 1),
    0,
  );
  const { emergency } = cost;
  const services = cost.basis === 'over' ? emergency.mostServices : emergency.services;
  return {
    soFar: rank.soFar * counts.userMinutes,
    toCome: rank.toCome * weighted,
    vulnerable: rank.vulnerable * counts.vulnerable,
    money: rank.money * (cost.value.toCome + cost.credits.toCome),
    churn: rank.churn * (cost.churn.soFar + cost.churn.toCome),
    emergencyCalling: emergency.isLost ? rank.emergencyCalling : 0,
    emergencyServices: services > 0 ? rank.emergencyServices : 0,
  };
}

/** What a summary is made of. */
export interface SummaryFrame {
  readonly incident: Incident;
  readonly nowMs: number;
  readonly rules: ImpactRules;
  /** counts are by cells, people have not all been looked at */
  readonly isEstimate?: boolean;
  /** the summary before: clocks that started go on, the worst is remembered */
  readonly before?: ImpactSummary | null;
}

/** Puts counts, cost, clocks and rank together into what is seen of an incident's impact. */
export function summarise(counts: ImpactCounts, frame: SummaryFrame): ImpactSummary {
  const { incident, nowMs, rules, isEstimate = false, before } = frame;
  const sure = before?.isEstimate ? undefined : before?.cost;
  const cost = costOf(counts, { incident, nowMs, rules, before: sure });
  const parts = rankParts(counts, cost, rules);
  const expected = sum(counts.expectedBySegment);
  const facts = {
    incident,
    nowMs,
    userMinutes: counts.userMinutes,
    lossPerMinute: cost.lossPerMinute,
    subscribers: expected,
    isEmergencyLost: cost.emergency.isLost,
    isEstimate,
  };
  return {
    subscribers: counts.subscribers,
    expected,
    machines: counts.machines,
    services: { ...counts.services },
    bySegment: { ...counts.bySegment },
    userMinutes: counts.userMinutes,
    rankScore: sum(parts),
    rankParts: parts,
    cost,
    clocks: judgeClocks(rules.clocks, facts, before?.clocks),
    ...(isEstimate ? { isEstimate } : {}),
  };
}
