import type { ImpactSummary, NotificationKind } from '../domain/customer.js';
import { contentId } from '../domain/ids.js';
import type { Incident } from '../domain/incident.js';
import { latestRepairMs } from '../domain/repair.js';
import type { NotificationPolicy } from './policy.js';

/** A wave that is due: everybody owed one kind of text about one incident. Times are epoch ms. */
export interface WaveDecision {
  readonly status: 'due';
  /** the same whenever it is decided about the same incident and kind */
  readonly waveId: string;
  readonly incidentId: string;
  readonly lineageId: string;
  readonly kind: NotificationKind;
  readonly revision: number;
  readonly state: 'awaitingApproval' | 'expanding' | 'shadow';
  readonly reason: string;
  /** expected number of affected people */
  readonly people: number;
  readonly decidedAtMs: number;
  readonly validUntilMs: number;
}

export type WaveVerdict = WaveDecision | { readonly status: 'none'; readonly reason: string };

/**
 * Decides whether an incident's people are due a text now: `onset` while it is on, `restored` once
 * it is resolved. Deciding again gives the same wave; storing it again changes nothing.
 * @param isShadow whether shadow mode is switched on beside the policy's own
 */
export function decideWave(
  incident: Incident,
  impact: ImpactSummary,
  policy: NotificationPolicy,
  nowMs: number,
  isShadow = false,
): WaveVerdict {
  const isOver = incident.state === 'resolved' || incident.state === 'closed';
  const kind: NotificationKind = isOver ? 'restored' : 'onset';
  const against = isOver
    ? objectionToRestored(incident, policy)
    : objectionToOnset(incident, impact, policy, nowMs);
  if (against !== undefined) return { status: 'none', reason: against };
  const needsApproval = !isOver && impact.expected > policy.approval.abovePeople;
  const people = Math.round(impact.expected);
  const common = {
    status: 'due' as const,
    waveId: contentId('wav', incident.id, kind, 1),
    incidentId: incident.id,
    lineageId: incident.lineageId,
    kind,
    revision: 1,
    people: impact.expected,
    decidedAtMs: nowMs,
    validUntilMs: validUntil(incident, kind, policy, nowMs),
  };
  if (policy.shadow || isShadow) {
    return { ...common, state: 'shadow', reason: 'shadow mode: recorded, not sent' };
  }
  if (needsApproval) {
    const reason = `${people} people, more than the ${policy.approval.abovePeople} that need no approval`;
    return { ...common, state: 'awaitingApproval', reason };
  }
  const reason = isOver ? 'service is back' : `${people} people are affected`;
  return { ...common, state: 'expanding', reason };
}

function objectionToRestored(incident: Incident, policy: NotificationPolicy): string | undefined {
  if (!policy.kinds.restored.enabled) return 'policy: restored is not sent';
  if (incident.detectedAt === null) return 'it never became open';
  if (incident.mergedInto) return `it goes on as ${incident.mergedInto}`;
  return undefined;
}

function objectionToOnset(
  incident: Incident,
  impact: ImpactSummary,
  policy: NotificationPolicy,
  nowMs: number,
): string | undefined {
  const { incidents, kinds } = policy;
  if (!kinds.onset.enabled) return 'policy: onset is not sent';
  if (!incidents.states.includes(incident.state)) return `state is ${incident.state}`;
  if (!incidents.severities.includes(incident.severity)) return `severity is ${incident.severity}`;
  const silencedMs = Date.parse(incident.silencedUntil ?? '');
  if (silencedMs > nowMs) return `silenced until ${incident.silencedUntil}`;
  if (incident.plannedWorkId !== null && !incidents.plannedWorks) {
    return `planned work ${incident.plannedWorkId}`;
  }
  if (impact.expected < incidents.minPeople) {
    return `${impact.expected.toFixed(1)} people expected, fewer than ${incidents.minPeople}`;
  }
  if (incident.cause.probability < incidents.minCauseProbability) {
    return `best cause has probability ${incident.cause.probability}`;
  }
  const openMs = incident.detectedAt === null ? 0 : nowMs - Date.parse(incident.detectedAt);
  if (openMs < incidents.minOpenMinutes * 60_000) return 'open for too short a time';
  const leftMs = validUntil(incident, 'onset', policy, nowMs) - nowMs;
  if (leftMs < kinds.onset.minRemainingMinutes * 60_000) return 'it will be over too soon';
  return undefined;
}

/** The moment from which a text of this kind is no longer worth sending. Epoch ms. */
export function validUntil(
  incident: Incident,
  kind: NotificationKind,
  policy: NotificationPolicy,
  nowMs: number,
): number {
  if (kind === 'restored') {
    const endedMs = incident.endedAt === null ? nowMs : Date.parse(incident.endedAt);
    return Math.max(endedMs, nowMs) + policy.kinds.restored.validMinutes * 60_000;
  }
  const latest = nowMs + policy.kinds.onset.validMinutes * 60_000;
  return Math.min(latest, latestRepairMs(incident) ?? latest);
}
