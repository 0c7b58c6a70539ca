import type { Channel } from '../domain/customer.js';
import { type ChannelChoice, chooseChannel, type Fallback } from './choose-channel.js';
import type { DispatchFacts, DispatchReason, Switchboard } from './dispatch-facts.js';
import { estimateToSay } from './estimate.js';
import type { NotificationPolicy } from './policy.js';
import type { QuietHours } from './policy-kinds.js';
import { isKnownZone, quietUntil } from './quiet-hours.js';
import type { RenderedSms, SmsFacts } from './text-facts.js';
import type { Texts } from './texts.js';

export type DispatchDecision =
  | {
      readonly action: 'send';
      readonly sms: RenderedSms;
      readonly validityMs: number;
      /** the repair time that the text states, epoch ms; null when it states none */
      readonly saysUntilMs: number | null;
      /** why it says something else than when its wave was decided */
      readonly rewritten?: 'newEstimate';
      /** where it goes on if this channel fails for good; null: nowhere */
      readonly fallback: Fallback | null;
    }
  /** another channel is to carry it; it is decided again by that one */
  | { readonly action: 'reroute'; readonly channel: Channel }
  | { readonly action: 'suppress'; readonly reason: DispatchReason }
  | { readonly action: 'hold'; readonly reason: DispatchReason; readonly untilMs: number };

const LOOK_AGAIN_MS = 60_000;
const ZONE_AGAIN_MS = 900_000;
const REACH_AGAIN_MS = 300_000;
const SMS_ALONE: readonly Channel[] = ['sms'];

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
  const choice = chooseChannel(facts, policy, board.channels ?? SMS_ALONE);
  const never = refusal(facts, board, policy, nowMs) ?? noWay(choice);
  if (never !== undefined) return { action: 'suppress', reason: unreached(never, choice) };
  const later = postponement(facts, board, policy, nowMs);
  if (later !== undefined) return { action: 'hold', ...later };
  if (choice.status !== 'chosen') {
    return { action: 'hold', reason: 'unreachable', untilMs: nowMs + REACH_AGAIN_MS };
  }
  const { channel, fallback } = choice;
  if (channel !== facts.channel) return { action: 'reroute', channel };
  const sms = texts.sms(smsFacts(facts, policy), nowMs);
  const unpaid = overBudget(facts, sms.size.segments, policy);
  if (unpaid !== undefined) return { action: 'suppress', reason: unpaid };
  const saysUntilMs = facts.variant === 'short' ? null : estimateToSay(facts, policy, nowMs);
  const isNew =
    saysUntilMs !==
    estimateToSay({ ...facts, estimatedRepairAtMs: facts.decidedEstimateMs }, policy, nowMs);
  return {
    action: 'send',
    sms,
    validityMs: facts.validUntilMs - nowMs,
    saysUntilMs,
    fallback,
    ...(isNew && facts.kind !== 'restored' ? { rewritten: 'newEstimate' } : {}),
  };
}

function noWay({ status }: ChannelChoice): DispatchReason | undefined {
  return status === 'none' ? 'noChannel' : undefined;
}

/** What ran out while no channel could arrive is told as that. */
function unreached(reason: DispatchReason, { status }: ChannelChoice): DispatchReason {
  return reason === 'expired' && status === 'wait' ? 'unreachable' : reason;
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
  if (facts.isControl) return 'controlGroup';
  if (facts.isRepeat) return 'alreadyTold';
  if (facts.waveState === 'cancelled') return 'waveCancelled';
  if (facts.waveState === 'shadow' || board.isShadow || policy.shadow) return 'shadow';
  const { minRemainingMinutes } = policy.kinds[facts.kind];
  if (facts.validUntilMs - nowMs < minRemainingMinutes * 60_000) return 'expired';
  switch (facts.kind) {
    case 'onset':
    case 'overrun':
      return outageRefusal(facts) ?? capped(facts, policy);
    case 'update':
      return updateRefusal(facts, policy, nowMs) ?? capped(facts, policy);
    case 'works':
      return facts.isPlanned ? capped(facts, policy) : 'worksChanged';
    case 'restored':
      return facts.wasTold ? undefined : 'wasNotTold';
  }
}

function outageRefusal(facts: DispatchFacts): DispatchReason | undefined {
  if (isOver(facts)) return 'incidentOver';
  return facts.isAffected ? undefined : 'notAffected';
}

function updateRefusal(
  facts: DispatchFacts,
  policy: NotificationPolicy,
  nowMs: number,
): DispatchReason | undefined {
  if (!facts.wasTold) return 'wasNotTold';
  if (facts.isSuperseded) return 'superseded';
  if (facts.lastSaidMs === estimateToSay(facts, policy, nowMs)) return 'nothingNew';
  return outageRefusal(facts);
}

function capped(
  { textsToday, textsThisWeek }: DispatchFacts,
  { people }: NotificationPolicy,
): DispatchReason | undefined {
  if (textsToday >= people.maxPerDay) return 'dailyCap';
  return textsThisWeek >= people.maxPerWeek ? 'weeklyCap' : undefined;
}

function overBudget(
  { channel, segmentsOfIncident, segmentsOfMonth }: DispatchFacts,
  segments: number,
  { budget, channels }: NotificationPolicy,
): DispatchReason | undefined {
  const own = channel === 'sms' ? budget : channels[channel];
  const price = 'perSegment' in own ? own.perSegment : own.perMessage;
  const costs = (others: number): number => (others + segments) * price;
  const { perIncident, perMonth } = own;
  if (perIncident !== null && costs(segmentsOfIncident) > perIncident) return 'incidentBudget';
  return perMonth !== null && costs(segmentsOfMonth) > perMonth ? 'monthBudget' : undefined;
}

function isOver(facts: DispatchFacts): boolean {
  return facts.incidentState === 'resolved' || facts.incidentState === 'closed';
}

/** Kinds that say that service is lost right now. */
function isOfOutage({ kind }: DispatchFacts): boolean {
  return kind === 'onset' || kind === 'overrun' || kind === 'update';
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
  if (isOfOutage(facts) && facts.incidentState !== 'open') {
    return { reason: 'incidentRecovering', untilMs: soon };
  }
  if (facts.kind === 'restored' && !isOver(facts)) {
    return { reason: 'incidentNotOver', untilMs: soon };
  }
  if (facts.kind === 'restored' && facts.isAffectedElsewhere) {
    return { reason: 'affectedElsewhere', untilMs: soon };
  }
  const quietHours = quietHoursOf(facts, policy);
  if (quietHours === null) return undefined;
  const zone = facts.zone ?? policy.people.defaultZone;
  if (!isKnownZone(zone)) return { reason: 'unknownZone', untilMs: nowMs + ZONE_AGAIN_MS };
  const untilMs = quietUntil(nowMs, zone, quietHours);
  return untilMs === undefined ? undefined : { reason: 'quietHours', untilMs };
}

/** The quiet hours that hold for somebody; null when they may be written to at any hour. */
export function quietHoursOf(
  facts: Pick<DispatchFacts, 'kind' | 'segment' | 'isVulnerable' | 'isEmergencyLost'>,
  policy: NotificationPolicy,
): QuietHours | null {
  const { quietHours } = policy.kinds[facts.kind];
  if (quietHours === null) return null;
  const { except = [], segments = {} } = quietHours;
  if (except.includes('emergencyCalling') && facts.isEmergencyLost) return null;
  if (except.includes('vulnerable') && facts.isVulnerable) return null;
  const own = segments[facts.segment];
  return own === undefined ? quietHours : own;
}

/** A manager is somewhere else than the lines. */
function isReached({ channel, isManager, isReachable, lostChannels }: DispatchFacts): boolean {
  return isManager || (channel === 'sms' ? isReachable : !lostChannels.includes(channel));
}

function smsFacts(facts: DispatchFacts, policy: NotificationPolicy): SmsFacts {
  return {
    kind: facts.kind,
    variant: facts.variant,
    language: facts.language,
    service: facts.service,
    channel: facts.channel,
    reach: isReached(facts) ? 'now' : 'later',
    audience: facts.isManager ? 'fleet' : 'person',
    lines: facts.isManager ? facts.lines : 0,
    place: facts.place,
    isAround: facts.isAround,
    zone: facts.zone ?? policy.people.defaultZone,
    startedAtMs: facts.startedAtMs,
    endedAtMs: facts.endedAtMs,
    estimatedRepairAtMs: facts.estimatedRepairAtMs,
    repairBandMs: facts.repairBandMs,
  };
}
