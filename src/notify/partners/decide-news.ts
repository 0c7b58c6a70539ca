import type { Incident, Severity } from '../../domain/incident.js';
import type { PartnerChange, PartnerNewsKind } from '../../domain/partner-news.js';
import type { Partner, PartnerRules } from './rules.js';

/** What a partner knows of an incident. Times are epoch ms of network time. */
export interface ToldPartner {
  /** customers as they were counted when it was told last, not as they were told */
  readonly customers: number;
  readonly severity: Severity;
  readonly estimatedRepairAtMs: number | null;
  readonly toldAtMs: number;
  /** whether the last word was that it is over */
  readonly isOver: boolean;
}

/** An incident as it concerns one partner now. */
export interface PartnerCase {
  readonly incident: Incident;
  /** its lines and visitors affected */
  readonly customers: number;
  /** who is affected is still being listed: counts are estimated */
  readonly isEstimate: boolean;
  /** an operator has said that it is no incident */
  readonly isDismissed: boolean;
}

/** A word that is due. */
export interface PartnerWord {
  readonly kind: PartnerNewsKind;
  readonly changes: readonly PartnerChange[];
}

const SEVERITIES: readonly Severity[] = ['warning', 'minor', 'major', 'critical'];

/**
 * Decides whether a partner is due a word about an incident. Deciding again after it was noted as told
 * gives nothing.
 * @param told undefined: nothing yet
 */
export function decidePartnerNews(
  told: ToldPartner | undefined,
  now: PartnerCase,
  partner: Pick<Partner, 'from'>,
  change: PartnerRules['change'],
  nowMs: number,
): PartnerWord | undefined {
  const { incident } = now;
  const knows = told !== undefined && !told.isOver;
  if (incident.state === 'resolved' || incident.state === 'closed') {
    if (!knows) return undefined;
    return { kind: lastWord(now), changes: [] };
  }
  if (now.isEstimate) return undefined;
  if (!knows) {
    const isDue = isToldOf(incident, nowMs) && isAbove(now, partner.from);
    return isDue ? { kind: 'onset', changes: [] } : undefined;
  }
  if (nowMs - told.toldAtMs < change.leastMinutes * 60_000) return undefined;
  const changes = changesSince(told, now, change);
  return changes.length > 0 ? { kind: 'change', changes } : undefined;
}

function lastWord({ incident, isDismissed }: PartnerCase): PartnerNewsKind {
  if (isDismissed) return 'withdrawn';
  return incident.mergedInto === undefined ? 'restored' : 'merged';
}

/** Whether anybody is told of it at all: not while it is doubtful, silenced, or works as announced. */
function isToldOf(incident: Incident, nowMs: number): boolean {
  if (incident.state !== 'open') return false;
  if (Date.parse(incident.silencedUntil ?? '') > nowMs) return false;
  const isOverrun = Date.parse(incident.plannedWorkEndsAt ?? '') <= nowMs;
  return incident.plannedWorkId === null || isOverrun;
}

function isAbove({ incident, customers }: PartnerCase, from: Partner['from']): boolean {
  if (customers >= from.lines) return true;
  const isSevere =
    from.severity !== undefined &&
    SEVERITIES.indexOf(incident.severity) >= SEVERITIES.indexOf(from.severity);
  return isSevere && customers > 0;
}

function changesSince(
  told: ToldPartner,
  { incident, customers }: PartnerCase,
  { linesShare, repairMinutes }: PartnerRules['change'],
): PartnerChange[] {
  const repairMs =
    incident.estimatedRepairAt === null ? null : Date.parse(incident.estimatedRepairAt);
  const before = told.estimatedRepairAtMs;
  const hasMoved =
    repairMs === null || before === null
      ? repairMs !== before
      : Math.abs(repairMs - before) >= repairMinutes * 60_000;
  const hasGrown = Math.abs(customers - told.customers) >= linesShare * Math.max(1, told.customers);
  return [
    ...(hasGrown ? (['lines'] as const) : []),
    ...(incident.severity === told.severity ? [] : (['severity'] as const)),
    ...(hasMoved ? (['repair'] as const) : []),
  ];
}
