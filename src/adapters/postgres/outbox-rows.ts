import type { Channel, SubscriptionKind } from '../../domain/customer.js';
import { type Repair, repairBandMs } from '../../domain/repair.js';
import { lostChannels } from '../../domain/services.js';
import { leastProbability } from '../../notify/admission.js';
import type { Candidate } from '../../notify/decide-batch.js';
import type { DispatchFacts } from '../../notify/dispatch-facts.js';
import type { NotificationPolicy } from '../../notify/policy.js';
import { channelsOf } from './channel-table.js';

/** A row of `dispatchFacts`. */
export interface DueRow
  extends Omit<
    DispatchFacts,
    | 'validUntilMs'
    | 'startedAtMs'
    | 'endedAtMs'
    | 'estimatedRepairAtMs'
    | 'repairBandMs'
    | 'decidedEstimateMs'
    | 'lastSaidMs'
    | 'hasNumber'
    | 'isAffected'
    | 'wantedChannels'
    | 'lostChannels'
    | 'failedChannels'
  > {
  readonly messageId: string;
  readonly waveId: string;
  readonly incidentId: string;
  readonly lineageId: string;
  readonly rootLineage: string;
  readonly phoneKey: string;
  readonly revision: number;
  readonly attempts: number;
  readonly refusals: number;
  /** higher leaves first */
  readonly urgency: number;
  readonly personKind: SubscriptionKind | null;
  /** of being affected now; null when they are not */
  readonly probability: number | null;
  readonly validUntil: Date;
  readonly startedAt: Date;
  readonly endedAt: Date | null;
  readonly estimatedRepairAt: Date | null;
  readonly decidedEstimateAt: Date | null;
  readonly lastSaid: Date | null;
  readonly repair: Repair | null;
  readonly to: string | null;
  readonly subscriberId: number;
  /** of channels beside SMS alone */
  readonly account: string | null;
  /** lists of channels such as `push|sms` */
  readonly wanted: string;
  readonly failed: string;
  /** whether texts and data are probably gone for them, if they are in the incident */
  readonly isSmsLost: boolean;
  readonly isDataLost: boolean;
}

/** A message that could leave, as the database has it. */
export interface DueMessage extends Candidate {
  readonly row: DueRow;
}

/** A row as the decision takes it. */
export function dueMessage(row: DueRow, policy: NotificationPolicy): DueMessage {
  const { phoneKey, rootLineage, revision } = row;
  return { row, phoneKey, rootLineage, revision, facts: factsOf(row, policy) };
}

function factsOf(row: DueRow, policy: NotificationPolicy): DispatchFacts {
  return {
    ...row,
    validUntilMs: row.validUntil.getTime(),
    startedAtMs: row.startedAt.getTime(),
    endedAtMs: row.endedAt?.getTime() ?? null,
    estimatedRepairAtMs: row.estimatedRepairAt?.getTime() ?? null,
    repairBandMs: repairBandMs(row.repair),
    decidedEstimateMs: row.decidedEstimateAt?.getTime() ?? null,
    lastSaidMs: row.lastSaid?.getTime() ?? null,
    hasNumber: row.to !== null,
    isAffected: isAffected(row, policy),
    wantedChannels: channelsOf(row.wanted),
    failedChannels: channelsOf(row.failed),
    lostChannels: lostBy(row),
  };
}

/** Whether the policy counts somebody as affected, with the rule that fits them. */
function isAffected(row: DueRow, policy: NotificationPolicy): boolean {
  const { probability, personKind, segment, service, isVulnerable } = row;
  if (probability === null || personKind === null) return false;
  const person = { kind: personKind, segment, service, vulnerable: isVulnerable };
  const least = leastProbability(person, policy);
  return least !== null && probability >= least;
}

/** Channels by which nothing arrives now. A manager is somewhere else than the lines. */
function lostBy({ probability, isSmsLost, isDataLost, isManager }: DueRow): Channel[] {
  return probability === null || isManager ? [] : lostChannels(isSmsLost, isDataLost);
}
