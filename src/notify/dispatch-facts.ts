import type { Channel, NotificationKind } from '../domain/customer.js';
import type { IncidentState } from '../domain/incident.js';

/** Which text a wave carries: `short` states neither times nor what is lost. */
export type TextVariant = 'full' | 'short';

/** What is known of one message at the moment it could leave. Times are epoch ms, network time. */
export interface DispatchFacts {
  readonly kind: NotificationKind;
  readonly variant: TextVariant;
  readonly language: string;
  readonly segment: string;
  readonly isVulnerable: boolean;
  readonly waveState: string;
  readonly validUntilMs: number;
  readonly incidentState: IncidentState;
  readonly startedAtMs: number;
  readonly endedAtMs: number | null;
  readonly estimatedRepairAtMs: number | null;
  readonly repairBandMs: number;
  /** the repair time the wave was decided with */
  readonly decidedEstimateMs: number | null;
  /** whether the incident takes emergency calling away from people */
  readonly isEmergencyLost: boolean;
  readonly place: string;
  readonly isAround: boolean;
  /** the subscriber's own zone, else that of their home site, else of the incident's sites */
  readonly zone: string | null;
  /** it goes to the manager of an account, in place of the account's lines */
  readonly isManager: boolean;
  /** how many of the account's lines are affected; 0: not known, or no manager's message */
  readonly lines: number;
  /** the channel whose turn it is to carry it */
  readonly channel: Channel;
  /** see `ChannelFacts` */
  readonly wantedChannels: readonly Channel[];
  readonly lostChannels: readonly Channel[];
  readonly failedChannels: readonly Channel[];
  readonly isErased: boolean;
  readonly isOptedOut: boolean;
  /** deliberately not messaged under this lineage */
  readonly isControl: boolean;
  /** whether there is a number to send to */
  readonly hasNumber: boolean;
  /** whether the person is affected by this incident now, with what service and reachability */
  readonly isAffected: boolean;
  readonly service: 'none' | 'degraded';
  readonly isReachable: boolean;
  /** for `restored`: whether some incident that is on still affects the person */
  readonly isAffectedElsewhere: boolean;
  /** for `restored` and `update`: whether they know of it from us, or asked to be told */
  readonly wasTold: boolean;
  /** for `update`: the repair time they were told last; null when none */
  readonly lastSaidMs: number | null;
  /** for `update`: whether a newer one is decided */
  readonly isSuperseded: boolean;
  /** for `works`: whether they still stand as announced */
  readonly isPlanned: boolean;
  /** whether the same was said, or may have been, under a lineage merged with this one */
  readonly isRepeat: boolean;
  /** messages handed over to this number in the last 24 hours and 7 days, `restored` left out */
  readonly textsToday: number;
  readonly textsThisWeek: number;
  /** segments that this channel handed over about this incident, and in this month, so far */
  readonly segmentsOfIncident: number;
  readonly segmentsOfMonth: number;
}

/** Settings that hold for every message. */
export interface Switchboard {
  readonly isKilled: boolean;
  readonly isShadow: boolean;
  /** channels that are set up; absent: SMS alone */
  readonly channels?: readonly Channel[];
}

/** Why a message is not sent, or not yet; closed, hence safe as a metric label. */
export type DispatchReason =
  | 'killSwitch'
  | 'waveHeld'
  | 'incidentRecovering'
  | 'quietHours'
  | 'unknownZone'
  | 'affectedElsewhere'
  | 'unreachable'
  | 'noChannel'
  | 'shadow'
  | 'waveCancelled'
  | 'optedOut'
  | 'erased'
  | 'controlGroup'
  | 'noNumber'
  | 'incidentOver'
  | 'incidentNotOver'
  | 'notAffected'
  | 'wasNotTold'
  | 'alreadyTold'
  | 'nothingNew'
  | 'superseded'
  | 'worksChanged'
  | 'dailyCap'
  | 'weeklyCap'
  | 'incidentBudget'
  | 'monthBudget'
  | 'expired';
