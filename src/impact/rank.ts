import type { ImpactSummary } from '../domain/customer.js';
import type { Incident } from '../domain/incident.js';
import type { ImpactRules } from './rules.js';

/** What the mapping counted, before it is weighed. All counts are of current rows. */
export interface ImpactCounts {
  readonly subscribers: number;
  readonly machines: number;
  readonly bySegment: Readonly<Record<string, number>>;
  /** sum of probabilities by segment, machines left out */
  readonly expectedBySegment: Readonly<Record<string, number>>;
  /** sum of probability × degree by segment, machines left out */
  readonly lossBySegment: Readonly<Record<string, number>>;
  /** sum of probability × degree × minutes over everybody ever affected, machines left out */
  readonly userMinutes: number;
  /** expected number of vulnerable people affected */
  readonly vulnerable: number;
  /** emergency services that have lost their service */
  readonly emergencyServices: number;
}

function sum(values: Readonly<Record<string, number>>): number {
  return Object.values(values).reduce((total, value) => total + value, 0);
}

/** Minutes an incident will last from now on: to its estimated repair, else the rules' horizon. */
function minutesToCome(incident: Incident, nowMs: number, rules: ImpactRules): number {
  if (incident.endedAt !== null) return 0;
  if (incident.estimatedRepairAt === null) return rules.rank.horizonMinutes;
  return Math.max(0, (Date.parse(incident.estimatedRepairAt) - nowMs) / 60_000);
}

/**
 * Rank of an incident in weighted user-minutes, and the parts it is the sum of:
 * `soFar` (lost already), `toCome` (until the repair, each person counted as its segment's weight),
 * `vulnerable` and `emergencyServices`, which by its size puts lost emergency services first.
 */
export function rankParts(
  counts: ImpactCounts,
  minutesLeft: number,
  { rank }: ImpactRules,
): Record<string, number> {
  const weighted = Object.entries(counts.lossBySegment).reduce(
    (total, [segment, loss]) => total + loss * (rank.segments[segment] ?? 1),
    0,
  );
  return {
    soFar: rank.soFar * counts.userMinutes,
    toCome: rank.toCome * weighted * minutesLeft,
    vulnerable: rank.vulnerable * counts.vulnerable,
    emergencyServices: counts.emergencyServices > 0 ? rank.emergencyServices : 0,
  };
}

/** Puts counts and rank together into what the rest of Tocsin sees of an incident's impact. */
export function summarise(
  counts: ImpactCounts,
  incident: Incident,
  nowMs: number,
  rules: ImpactRules,
): ImpactSummary {
  const parts = rankParts(counts, minutesToCome(incident, nowMs, rules), rules);
  return {
    subscribers: counts.subscribers,
    expected: sum(counts.expectedBySegment),
    machines: counts.machines,
    bySegment: { ...counts.bySegment },
    userMinutes: counts.userMinutes,
    rankScore: sum(parts),
    rankParts: parts,
  };
}
