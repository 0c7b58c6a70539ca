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
  /** probability that it tells people for nothing */
  readonly doubt: number;
  readonly decidedAtMs: number;
  readonly validUntilMs: number;
}

export type WaveVerdict = WaveDecision | { readonly status: 'none'; readonly reason: string };

/** What a decision needs to know besides the incident. */
export interface WaveContext {
  /** whether shadow mode is switched on beside the policy's own */
  readonly isShadow?: boolean;
  /**
   * expected number of wrong onset waves among those that went without a person's word in the 365
   * days before this one was first decided: the sum of their doubts, one for each known to be wrong
   */
  readonly spentDoubt?: number;
}

/**
 * Decides whether an incident's people are due a text now: `onset` while it is on, `restored` once
 * it is resolved. Deciding again gives the same wave; storing it again changes nothing.
 */
export function decideWave(
  incident: Incident,
  impact: ImpactSummary,
  policy: NotificationPolicy,
  nowMs: number,
  { isShadow = false, spentDoubt = 0 }: WaveContext = {},
): WaveVerdict {
  const isOver = incident.state === 'resolved' || incident.state === 'closed';
  const kind: NotificationKind = isOver ? 'restored' : 'onset';
  const against = isOver
    ? objectionToRestored(incident, policy)
    : objectionToOnset(incident, impact, policy, nowMs);
  if (against !== undefined) return { status: 'none', reason: against };
  const people = Math.round(impact.expected);
  const doubt = isOver ? 0 : 1 - (incident.certainty ?? 0);
  const common = {
    status: 'due' as const,
    waveId: contentId('wav', incident.id, kind, 1),
    incidentId: incident.id,
    lineageId: incident.lineageId,
    kind,
    revision: 1,
    people: impact.expected,
    doubt,
    decidedAtMs: nowMs,
    validUntilMs: validUntil(incident, kind, policy, nowMs),
  };
  if (policy.shadow || isShadow) {
    return { ...common, state: 'shadow', reason: 'shadow mode: recorded, not sent' };
  }
  const asksFor = isOver ? undefined : reasonToAsk(people, doubt, spentDoubt, policy);
  if (asksFor !== undefined) return { ...common, state: 'awaitingApproval', reason: asksFor };
  const reason = isOver ? 'service is back' : `${people} people are affected`;
  return { ...common, state: 'expanding', reason };
}

/** Why a person must agree; undefined when it may go by itself. */
function reasonToAsk(
  people: number,
  doubt: number,
  spentDoubt: number,
  { approval }: NotificationPolicy,
): string | undefined {
  const { abovePeople, wrongWavesPerYear } = approval;
  if (people > abovePeople)
    return `${people} people, more than the ${abovePeople} that need no approval`;
  if (doubt >= 1) return 'nothing says how sure it is';
  if (spentDoubt + doubt <= wrongWavesPerYear) return undefined;
  const percent = ((1 - doubt) * 100).toFixed(1);
  const expected = (spentDoubt + doubt).toFixed(2);
  return `${percent} % sure; with it ${expected} wrong waves in a year are to be expected, more than the ${wrongWavesPerYear} allowed`;
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
  const isAnnounced = !(Date.parse(incident.plannedWorkEndsAt ?? '') <= nowMs);
  if (incident.plannedWorkId !== null && isAnnounced && !incidents.plannedWorks) {
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
