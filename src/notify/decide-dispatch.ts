import type { NotificationKind } from '../domain/customer.js';
import type { IncidentState } from '../domain/incident.js';
import type { NotificationPolicy } from './policy.js';
import { isKnownZone, quietUntil } from './quiet-hours.js';
import type { RenderedSms, SmsFacts, Texts } from './texts.js';

/** What is known of one message at the moment it could leave. Times are epoch ms, network time. */
export interface DispatchFacts {
  readonly kind: NotificationKind;
  readonly language: string;
  readonly waveState: string;
  readonly validUntilMs: number;
  readonly incidentState: IncidentState;
  readonly startedAtMs: number;
  readonly endedAtMs: number | null;
  readonly estimatedRepairAtMs: number | null;
  readonly repairBandMs: number;
  readonly place: string;
  readonly isAround: boolean;
  /** the subscriber's own zone, else that of their home site, else of the incident's sites */
  readonly zone: string | null;
  readonly isFleet: boolean;
  readonly isErased: boolean;
  readonly isOptedOut: boolean;
  /** whether there is a number to send to */
  readonly hasNumber: boolean;
  /** whether the person is affected by this incident now, with what service and reachability */
  readonly isAffected: boolean;
  readonly service: 'none' | 'degraded';
  readonly isReachable: boolean;
  /** for `restored`: whether some incident that is on still affects the person */
  readonly isAffectedElsewhere: boolean;
  /** for `restored`: whether the onset reached the gateway and has not failed since, or they asked for it */
  readonly wasTold: boolean;
  /** whether the same was said, or may have been, under a lineage merged with this one */
  readonly isRepeat: boolean;
  /** onsets handed over to this number in the last 24 hours */
  readonly onsetsToday: number;
}

/** Settings that hold for every message. */
export interface Switchboard {
  readonly isKilled: boolean;
  readonly isShadow: boolean;
}

/** Why a message is not sent, or not yet; closed, hence safe as a metric label. */
export type DispatchReason =
  | 'killSwitch'
  | 'waveHeld'
  | 'incidentRecovering'
  | 'quietHours'
  | 'unknownZone'
  | 'affectedElsewhere'
  | 'shadow'
  | 'waveCancelled'
  | 'optedOut'
  | 'erased'
  | 'noNumber'
  | 'incidentOver'
  | 'incidentNotOver'
  | 'notAffected'
  | 'wasNotTold'
  | 'alreadyTold'
  | 'dailyCap'
  | 'expired';

export type DispatchDecision =
  | { readonly action: 'send'; readonly sms: RenderedSms; readonly validityMs: number }
  | { readonly action: 'suppress'; readonly reason: DispatchReason }
  | { readonly action: 'hold'; readonly reason: DispatchReason; readonly untilMs: number };

const LOOK_AGAIN_MS = 60_000;
const ZONE_AGAIN_MS = 900_000;

/**
 * Decides about one message when it could leave: what was true when the wave was decided may be
 * false by now. `hold` names when to decide again; everything else is final for this message.
 * @param nowMs network time
 */
export function decideAtDispatch(
  facts: DispatchFacts,
  board: Switchboard,
  policy: NotificationPolicy,
  texts: Texts,
  nowMs: number,
): DispatchDecision {
  const never = refusal(facts, board, policy, nowMs);
  if (never !== undefined) return { action: 'suppress', reason: never };
  const later = postponement(facts, board, policy, nowMs);
  if (later !== undefined) return { action: 'hold', ...later };
  const sms = texts.sms(smsFacts(facts, policy), nowMs);
  return { action: 'send', sms, validityMs: facts.validUntilMs - nowMs };
}

/** Reasons for good, the person's own first. */
function refusal(
  facts: DispatchFacts,
  board: Switchboard,
  policy: NotificationPolicy,
  nowMs: number,
): DispatchReason | undefined {
  if (facts.isErased) return 'erased';
  if (facts.isOptedOut) return 'optedOut';
  if (!facts.hasNumber) return 'noNumber';
  if (facts.isRepeat) return 'alreadyTold';
  if (facts.waveState === 'cancelled') return 'waveCancelled';
  if (facts.waveState === 'shadow' || board.isShadow || policy.shadow) return 'shadow';
  const { minRemainingMinutes } = policy.kinds[facts.kind];
  if (facts.validUntilMs - nowMs < minRemainingMinutes * 60_000) return 'expired';
  if (facts.kind === 'onset') return onsetRefusal(facts, policy);
  return facts.wasTold ? undefined : 'wasNotTold';
}

function onsetRefusal(
  facts: DispatchFacts,
  policy: NotificationPolicy,
): DispatchReason | undefined {
  if (isOver(facts)) return 'incidentOver';
  if (!facts.isAffected) return 'notAffected';
  if (facts.onsetsToday >= policy.people.maxOnsetsPerDay) return 'dailyCap';
  return undefined;
}

function isOver(facts: DispatchFacts): boolean {
  return facts.incidentState === 'resolved' || facts.incidentState === 'closed';
}

function postponement(
  facts: DispatchFacts,
  board: Switchboard,
  policy: NotificationPolicy,
  nowMs: number,
): { reason: DispatchReason; untilMs: number } | undefined {
  const soon = nowMs + LOOK_AGAIN_MS;
  if (board.isKilled) return { reason: 'killSwitch', untilMs: soon };
  if (facts.waveState === 'held' || facts.waveState === 'awaitingApproval') {
    return { reason: 'waveHeld', untilMs: soon };
  }
  if (facts.kind === 'onset' && facts.incidentState !== 'open') {
    return { reason: 'incidentRecovering', untilMs: soon };
  }
  if (facts.kind === 'restored' && !isOver(facts)) {
    return { reason: 'incidentNotOver', untilMs: soon };
  }
  if (facts.kind === 'restored' && facts.isAffectedElsewhere) {
    return { reason: 'affectedElsewhere', untilMs: soon };
  }
  const { quietHours } = policy.kinds[facts.kind];
  if (quietHours === null) return undefined;
  const zone = facts.zone ?? policy.people.defaultZone;
  if (!isKnownZone(zone)) return { reason: 'unknownZone', untilMs: nowMs + ZONE_AGAIN_MS };
  const untilMs = quietUntil(nowMs, zone, quietHours);
  return untilMs === undefined ? undefined : { reason: 'quietHours', untilMs };
}

function smsFacts(facts: DispatchFacts, policy: NotificationPolicy): SmsFacts {
  return {
    kind: facts.kind,
    language: facts.language,
    service: facts.service,
    // A fleet's contact is somewhere else than its lines.
    reach: facts.isReachable || facts.isFleet ? 'now' : 'later',
    audience: facts.isFleet ? 'fleet' : 'person',
    place: facts.place,
    isAround: facts.isAround,
    zone: facts.zone ?? policy.people.defaultZone,
    startedAtMs: facts.startedAtMs,
    endedAtMs: facts.endedAtMs,
    estimatedRepairAtMs: facts.estimatedRepairAtMs,
    repairBandMs: facts.repairBandMs,
  };
}
