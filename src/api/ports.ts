import type { DryRun, SupposedIncident } from '../domain/dry-run.js';
import type { EffectReport, EffectStatement } from '../domain/effect.js';
import type { OperatorAct } from '../domain/facts.js';
import type { IncidentState } from '../domain/incident.js';
import type { Role } from '../domain/role.js';
import type { ForecastAccuracy } from './accuracy-schemas.js';
import type {
  AcceptedLevel,
  RelatedIncident,
  ResourceItem,
  SilenceItem,
  StatedCause,
} from './act-schemas.js';
import type { AffectedHistory, AffectedPage, PartnerNotice } from './affected-schemas.js';
import type { PartnerNoticeItem } from './partner-schemas.js';
import type { CallPatternItem } from './pattern-schemas.js';
import type { QualityRead } from './quality-ports.js';
import type { RecurringAsked, RecurringPage } from './recurring-schemas.js';
import type { RepairItem } from './repair-schemas.js';
import type {
  AuditEntry,
  CellFeatures,
  DeadLetterCount,
  DeadLetterSample,
  GapItem,
  IncidentDetail,
  IncidentPage,
  KpiSeries,
  QueueForecast,
  SitePoint,
  SourceItem,
  Switches,
} from './schemas.js';
import type { SiteView } from './site-schemas.js';
import type { SubscriberNetwork } from './subscriber-schemas.js';
import type { SurgeAlertItem } from './surge-schemas.js';
import type { WorksItem } from './works-schemas.js';

export type { AccuracyFigures, AccuracySplit, ForecastAccuracy } from './accuracy-schemas.js';
export type {
  AcceptedLevel,
  RelatedIncident,
  ResourceItem,
  SilenceItem,
  StatedCause,
} from './act-schemas.js';
export type { IvrQuery, IvrTextItem } from './ivr-schemas.js';
export type { PartnerNoticeItem } from './partner-schemas.js';
export type { CallPatternItem, PatternVersionItem } from './pattern-schemas.js';
export type {
  JudgedCause,
  JudgedStatement,
  MarkedCount,
  QualityCounts,
  RateCorrection,
} from './quality-ports.js';
export type {
  RecurringAsked,
  RecurringItem,
  RecurringKind,
  RecurringPage,
} from './recurring-schemas.js';
export type { RepairItem } from './repair-schemas.js';
export type {
  AuditEntry,
  CellFeatures,
  CellState,
  DeadLetterCount,
  DeadLetterSample,
  GapItem,
  IncidentDetail,
  IncidentItem,
  IncidentPage,
  IncidentVisitors,
  KpiSeries,
  QueueForecast,
  SitePoint,
  SourceItem,
  Switches,
} from './schemas.js';
export type { SiteView } from './site-schemas.js';
export type { AreaStatus, StatusDocument, StatusQuery } from './status-schemas.js';
export type { Affected, NoText, SubscriberNetwork } from './subscriber-schemas.js';
export type { SurgeAlertItem } from './surge-schemas.js';
export type { Scenario, WhatIfAnswer, WhatIfBody } from './what-if-schemas.js';

/** `states` empty means all. */
export interface IncidentFilter {
  readonly states: readonly IncidentState[];
  readonly limit: number;
  readonly offset: number;
}

export interface IncidentReads {
  /** Greatest impact first, then newest first. */
  list(filter: IncidentFilter): Promise<IncidentPage>;
  find(incidentId: string): Promise<IncidentDetail | undefined>;
  state(incidentId: string): Promise<IncidentState | undefined>;
  /** What is stated of its cause now; undefined when there is no such incident. */
  statedCause(incidentId: string): Promise<StatedCause | undefined>;
  /** Worst first. */
  cells(incidentId: string, limit: number): Promise<IncidentDetail['cells']>;
  /** Other running incidents, those that share most first; undefined when there is no such incident. */
  related(incidentId: string): Promise<RelatedIncident[] | undefined>;
}

export type { AffectedHistory, AffectedPage, PartnerNotice };

/** Who was affected from when to when. */
export interface AffectedReads {
  /** People of an incident by id, after one of them; undefined when there is no such incident. */
  ofIncident(incidentId: string, after: number, limit: number): Promise<AffectedPage | undefined>;
  /** Incidents of a subscription, newest first. */
  ofPerson(subscriberId: number, limit: number): Promise<AffectedHistory['incidents']>;
  /** What running incidents mean for the customers of a brand; counts below the fewest are null. */
  ofBrand(brand: string, fewest: number): Promise<PartnerNotice['incidents']>;
}

export interface KpiReads {
  /**
   * KPIs of an incident's worst cells from `hoursBefore` its start until its end or now, series of
   * the worst cell first. @returns undefined when there is no such incident
   */
  ofIncident(
    incidentId: string,
    options: { cells: number; hoursBefore: number; nowMs: number },
  ): Promise<KpiSeries[] | undefined>;
}

/** Degrees, WGS84. */
export interface Box {
  readonly west: number;
  readonly south: number;
  readonly east: number;
  readonly north: number;
}

export interface NetworkReads {
  cells(box: Box | undefined, limit: number): Promise<CellFeatures>;
  sites(limit: number): Promise<SitePoint[]>;
  /** Newest first; lasting ones only when asked. */
  gaps(lastingOnly: boolean, limit: number): Promise<GapItem[]>;
}

export interface ForecastReads {
  queues(): Promise<string[]>;
  /** The newest forecast, calls of the last `pastHours`, and the roster over the same time. */
  ofQueue(queue: string, nowMs: number, pastHours: number): Promise<QueueForecast | undefined>;
  /** Ordinary call patterns by queue, of one when it is named. */
  patterns(queue: string | undefined, nowMs: number): Promise<CallPatternItem[]>;
  /** How forecasts of the last days turned out; of all queues when none is named. */
  accuracy(asked: {
    readonly queue?: string | undefined;
    readonly days: number;
    readonly nowMs: number;
  }): Promise<ForecastAccuracy>;
}

export interface OperationsReads {
  deadLetters(): Promise<DeadLetterCount[]>;
  deadLetterSamples(feed: string, limit: number): Promise<DeadLetterSample[]>;
  sources(): Promise<SourceItem[]>;
  switches(): Promise<Switches>;
  /** Newest first, with ids below `before` when given. */
  audit(limit: number, before?: string): Promise<AuditEntry[]>;
}

/** Everything the routes read. */
export interface Reads {
  readonly incidents: IncidentReads;
  readonly affected: AffectedReads;
  readonly works: WorksReads;
  readonly kpis: KpiReads;
  readonly network: NetworkReads;
  readonly forecasts: ForecastReads;
  readonly operations: OperationsReads;
  readonly quality: QualityRead;
  /** Silences that are on at a network time, those that end first before others. */
  readonly silences: (nowMs: number) => Promise<SilenceItem[]>;
  /** Resources whose id or name contains the text, best match first. */
  readonly resources: (search: string, limit: number) => Promise<ResourceItem[]>;
  /** One site now and before; undefined when there is no such one. */
  readonly site: (siteId: string, nowMs: number) => Promise<SiteView | undefined>;
  /** What to repair first at the top. */
  readonly repairs: (limit: number) => Promise<RepairItem[]>;
  /** Where problems recur, most user-minutes first. */
  readonly recurring: (asked: RecurringAsked, nowMs: number) => Promise<RecurringPage>;
  /** What partners were told of an incident, by name; undefined when there is no such one. */
  readonly partnerNotices: (incidentId: string) => Promise<PartnerNoticeItem[] | undefined>;
  /** Alerts of surges, newest first. */
  readonly surgeAlerts: (limit: number) => Promise<SurgeAlertItem[]>;
  /** Newest first. */
  readonly acceptedLevels: (limit: number) => Promise<AcceptedLevel[]>;
}

/** What is known of a number; `cells` are those of the person's places, which no answer shows. */
export interface FoundNumber {
  readonly status: 'found';
  readonly network: SubscriberNetwork;
  readonly cells: readonly string[];
}

/** What came of looking a number up: nobody has it, or nothing is kept of who had it. */
export type LookupOutcome =
  | FoundNumber
  | { readonly status: 'unknown' }
  | { readonly status: 'erased' };

export interface SubscriberLookup {
  /** @param number E.164, as `+33612345678` */
  network(
    number: string,
    options: { language: 'fr' | 'en'; nowMs: number },
  ): Promise<LookupOutcome>;
}

/** Planned works and what people are told of them. */
export interface WorksReads {
  /** Those to come or under way, the next first. @param nowMs network time */
  list(nowMs: number, limit: number): Promise<WorksItem[]>;
  /** Under which id their waves stand; undefined while there are none. */
  subject(workId: string): Promise<string | undefined>;
}

/** Who would be told what; nothing is written. Network time, epoch ms. */
export interface DryRuns {
  /**
   * Of an incident as it is. @param kind default: what its people could be told as it is
   * @returns undefined for an incident that is not known
   */
  ofIncident(id: string, nowMs: number, kind?: DryRun['kind']): Promise<DryRun | undefined>;
  /** Of planned works. @returns undefined for works that are not known */
  ofWorks(workId: string, nowMs: number): Promise<DryRun | undefined>;
  /**
   * Of one that might be open now.
   * @throws TocsinError `input.payload` naming cells that are not in the inventory
   */
  ofSupposed(supposed: SupposedIncident, nowMs: number): Promise<DryRun>;
}

/** Effects of telling people, for those who look and for those who know who called. */
export interface EffectDesk {
  /** What is measured over the last 365 days. @param nowMs network time, epoch ms */
  report(nowMs: number): Promise<EffectReport>;
  /** @param month `2026-11`, UTC */
  statement(month: string): Promise<EffectStatement>;
  /** Keeps who called when; those that cannot be read are refused, each with its place. */
  callers(calls: readonly unknown[]): Promise<{
    readonly stored: number;
    readonly refused: { index: number; reason: string }[];
  }>;
}

/** What is kept of an operator's act, at once and beside the journal. */
export interface OperatorRecord {
  readonly actor: string;
  readonly action: string;
  readonly target: string | null;
  readonly why: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** Somebody has seen an alert of a surge. */
export interface SurgeSeen {
  readonly alertId: string;
  readonly who: string;
  readonly via: 'link' | 'dashboard';
  readonly note: string;
}

export interface OperatorStore {
  /** Keeps and audits it, once for each person. */
  acknowledgeSurge(seen: SurgeSeen): Promise<'kept' | 'known' | 'unknown'>;
  audit(record: OperatorRecord): Promise<void>;
  /** Journals the act and audits it, in one transaction: neither is ever there without the other. */
  act(act: OperatorAct, record: OperatorRecord): Promise<void>;
  /**
   * As `act`, and sets the switch in the same transaction. Takes effect for every worker at its next
   * look, which is at most a second away.
   */
  setKillSwitch(on: boolean, act: OperatorAct, record: OperatorRecord): Promise<void>;
}

export interface Session {
  /** stable name of the session for closing its live feed; not the cookie's value */
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly expiresAtMs: number;
}

export interface SessionStore {
  /** Makes a one-time link for somebody. @returns the whole link and when it expires, epoch ms */
  createLink(
    baseUrl: string,
    role: Role,
    name: string,
  ): Promise<{ link: string; expiresAtMs: number }>;
  /** Uses a one-time token up. @returns the cookie's value, or undefined when it is not valid */
  redeem(token: string): Promise<{ secret: string; session: Session } | undefined>;
  find(secret: string): Promise<Session | undefined>;
  end(secret: string): Promise<void>;
}
