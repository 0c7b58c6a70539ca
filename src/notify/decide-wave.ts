import type { ImpactSummary, NotificationKind } from '../domain/customer.js';
import { contentId } from '../domain/ids.js';
import type { Incident } from '../domain/incident.js';
import { latestRepairMs } from '../domain/repair.js';
import type { NotificationPolicy } from './policy.js';

/** A wave that is due: everybody owed one kind of text about one incident. Times are epoch ms. */
export interface WaveDecision {
  readonly status: 'due';
  /** the same whenever it is decided about the same incident, kind and revision */
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
  /** the repair time it was decided with; null when there was none */
  readonly estimateMs: number | null;
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
  /** why it is not rolled out there; see `outsideRollout` */
  readonly outside?: string | undefined;
}

/**
 * Decides whether an incident's people are due a text now: `onset` while it is on, `overrun` when it
 * is planned works beyond their announced end, `restored` once it is resolved. Deciding again gives
 * the same wave; storing it again changes nothing.
 */
export function decideWave(
  incident: Incident,
  impact: ImpactSummary,
  policy: NotificationPolicy,
  nowMs: number,
  context: WaveContext = {},
): WaveVerdict {
  const kind = kindOf(incident, policy, nowMs);
  if (kind === 'restored') return decideRestored(incident, impact, policy, nowMs, context);
  const against = context.outside ?? objectionToOutage(incident, impact, kind, { policy, nowMs });
  if (against !== undefined) return { status: 'none', reason: against };
  const people = Math.round(impact.expected);
  const doubt = 1 - (incident.certainty ?? 0);
  const common = { ...waveOf(incident, kind, policy, nowMs), people: impact.expected, doubt };
  if (policy.shadow || context.isShadow) return shadow(common);
  const asksFor = reasonToAsk(incident, people, { policy, doubt, spent: context.spentDoubt ?? 0 });
  return asksFor === undefined
    ? { ...common, state: 'expanding', reason: `${people} people are affected` }
    : { ...common, state: 'awaitingApproval', reason: asksFor };
}

/** What people could be told of an incident as it is. */
export function kindOf(
  incident: Incident,
  { kinds }: NotificationPolicy,
  nowMs: number,
): 'onset' | 'overrun' | 'restored' {
  if (incident.state === 'resolved' || incident.state === 'closed') return 'restored';
  return isOverrun(incident, nowMs) && kinds.overrun.enabled ? 'overrun' : 'onset';
}

function decideRestored(
  incident: Incident,
  impact: ImpactSummary,
  policy: NotificationPolicy,
  nowMs: number,
  context: WaveContext,
): WaveVerdict {
  const against = objectionToRestored(incident, policy);
  if (against !== undefined) return { status: 'none', reason: against };
  const wave = waveOf(incident, 'restored', policy, nowMs);
  const common = { ...wave, people: impact.expected, doubt: 0 };
  if (policy.shadow || context.isShadow) return shadow(common);
  return { ...common, state: 'expanding', reason: 'service is back' };
}

type WaveCore = Omit<WaveDecision, 'state' | 'reason' | 'people' | 'doubt'>;

/** All of a wave that does not depend on why it is due. @param revision default 1 */
export function waveOf(
  incident: Incident,
  kind: NotificationKind,
  policy: NotificationPolicy,
  nowMs: number,
  revision = 1,
): WaveCore {
  const { estimatedRepairAt } = incident;
  return {
    status: 'due',
    waveId: contentId('wav', incident.id, kind, revision),
    incidentId: incident.id,
    lineageId: incident.lineageId,
    kind,
    revision,
    estimateMs: estimatedRepairAt === null ? null : Date.parse(estimatedRepairAt),
    decidedAtMs: nowMs,
    validUntilMs: validUntil(incident, kind, policy, nowMs),
  };
}

/** The wave in shadow mode: everything but the sending. */
export function shadow(wave: Omit<WaveDecision, 'state' | 'reason'>): WaveDecision {
  return { ...wave, state: 'shadow', reason: 'shadow mode: recorded, not sent' };
}

/** Whether planned works go on beyond their announced end. */
function isOverrun({ plannedWorkId, plannedWorkEndsAt }: Incident, nowMs: number): boolean {
  return plannedWorkId !== null && Date.parse(plannedWorkEndsAt ?? '') <= nowMs;
}

interface Doubts {
  readonly policy: NotificationPolicy;
  readonly doubt: number;
  readonly spent: number;
}

/** Why a person must agree; undefined when it may go by itself. */
function reasonToAsk(
  { cause }: Incident,
  people: number,
  { policy: { approval }, doubt, spent }: Doubts,
): string | undefined {
  const { abovePeople, byCause, wrongWavesPerYear } = approval;
  const ofCause = byCause[cause.kind];
  const limit = ofCause ?? abovePeople;
  if (people > limit) {
    const what = ofCause === undefined ? '' : ` for a cause of kind ${cause.kind}`;
    return `${people} people, more than the ${limit} that need no approval${what}`;
  }
  if (doubt >= 1) return 'nothing says how sure it is';
  if (spent + doubt <= wrongWavesPerYear) return undefined;
  const percent = ((1 - doubt) * 100).toFixed(1);
  const expected = (spent + doubt).toFixed(2);
  return `${percent} % sure; with it ${expected} wrong waves in a year are to be expected, more than the ${wrongWavesPerYear} allowed`;
}

function objectionToRestored(incident: Incident, policy: NotificationPolicy): string | undefined {
  if (!policy.kinds.restored.enabled) return 'policy: restored is not sent';
  if (incident.detectedAt === null) return 'it never became open';
  if (incident.isTakenOut) return 'its place was taken out of the inventory';
  if (incident.mergedInto) return `it goes on as ${incident.mergedInto}`;
  return undefined;
}

interface Moment {
  readonly policy: NotificationPolicy;
  readonly nowMs: number;
}

function objectionToOutage(
  incident: Incident,
  impact: ImpactSummary,
  kind: 'onset' | 'overrun',
  { policy, nowMs }: Moment,
): string | undefined {
  const { incidents, kinds } = policy;
  if (!kinds[kind].enabled) return `policy: ${kind} is not sent`;
  if (!incidents.states.includes(incident.state)) return `state is ${incident.state}`;
  if (!incidents.severities.includes(incident.severity)) return `severity is ${incident.severity}`;
  const silencedMs = Date.parse(incident.silencedUntil ?? '');
  if (silencedMs > nowMs) return `silenced until ${incident.silencedUntil}`;
  if (incident.plannedWorkId !== null && !isOverrun(incident, nowMs) && !incidents.plannedWorks) {
    return `planned work ${incident.plannedWorkId}`;
  }
  if (impact.expected < incidents.minPeople) {
    return `${impact.expected.toFixed(1)} people expected, fewer than ${incidents.minPeople}`;
  }
  if ((incident.certainty ?? 0) < incidents.minCertainty) {
    return `${(100 * (incident.certainty ?? 0)).toFixed(1)} % sure, less than ${100 * incidents.minCertainty} %`;
  }
  if (incident.cause.probability < incidents.minCauseProbability) {
    return `best cause has probability ${incident.cause.probability}`;
  }
  const openMs = incident.detectedAt === null ? 0 : nowMs - Date.parse(incident.detectedAt);
  if (openMs < incidents.minOpenMinutes * 60_000) return 'open for too short a time';
  const leftMs = validUntil(incident, kind, policy, nowMs) - nowMs;
  if (leftMs < kinds[kind].minRemainingMinutes * 60_000) return 'it will be over too soon';
  return undefined;
}

/** The moment from which a text of this kind is no longer worth sending. Epoch ms. */
export function validUntil(
  incident: Incident,
  kind: NotificationKind,
  policy: NotificationPolicy,
  nowMs: number,
): number {
  const forMs = policy.kinds[kind].validMinutes * 60_000;
  if (kind === 'restored') {
    const endedMs = incident.endedAt === null ? nowMs : Date.parse(incident.endedAt);
    return Math.max(endedMs, nowMs) + forMs;
  }
  const latestMs = latestRepairMs(incident) ?? Number.POSITIVE_INFINITY;
  // a time that has passed says nothing of how long its successor is worth sending
  if (kind === 'update' && latestMs <= nowMs) return nowMs + forMs;
  return Math.min(nowMs + forMs, latestMs);
}
