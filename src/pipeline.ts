import type { Alarm } from './domain/alarm.js';
import type { DetectEvent } from './domain/anomaly.js';
import { type CountInterval, countsOfCalls } from './domain/count-interval.js';
import type { ImpactSummary } from './domain/customer.js';
import type { DetectAct } from './domain/detect-act.js';
import type { CallInterval, OperatorAct } from './domain/facts.js';
import type { Incident, IncidentChange, TelemetryGap } from './domain/incident.js';
import type { ReportBlock } from './domain/kpi.js';
import type { PastIncident } from './domain/past-incident.js';
import type { Ticket } from './domain/ticket.js';
import type { TopologyRows } from './domain/topology-rows.js';

/*
 * The main path, in order. Each arrow is a plain value, each stage deterministic: it reads no clock
 * and does no I/O of its own, so that service, replay and simulation run the same code.
 *
 *   sources → journal            src/sources, src/adapters/{kafka,influx}, src/api/push-routes.ts
 *   journal → detect             DetectStage, run by src/runtime/shard-runner.ts
 *   anomalies, alarms → correlate  `decide`, run a tick by src/runtime/decisions/runner.ts
 *   incident → impact → notify, crm  `followUp`, in the same transaction
 *   incidents, calls → forecast  CallForecaster, in the same transaction
 *   outbox → SMS gateway         src/runtime/outbox-worker.ts
 *   desired flags → CRM          src/runtime/crm-worker.ts
 *   all of it → api, dashboard   src/api, src/dashboard
 */

/** What happened to the values of a block. */
export interface IngestCounts {
  accepted: number;
  /** same object, KPI and period with the same value */
  duplicates: number;
  /** same object, KPI and period with another value: the first one stays */
  conflicts: number;
  /** later than the feed's lateness allows */
  late: number;
}

/** Models of one feed as they stand. */
export interface ModelStatus {
  readonly feed: string;
  readonly version: number;
  /** version that `revertModel` goes back to; null when there is none */
  readonly previousVersion: number | null;
  /** clusters of objects that shapes of the week are shared by; 0 while there are none */
  readonly clusters: number;
  /** what an operator's correction makes of the share that may be raised by chance; 1 without one */
  readonly rateFactor: number;
  /** shares of scores beyond what 1 % and 0.1 % should exceed, by KPI and vendor */
  readonly calibration: readonly {
    readonly kpi: string;
    readonly vendor: string;
    readonly beyondHundredth: number;
    readonly beyondThousandth: number;
    /** too many, or hardly any, for days on end */
    readonly isLost: boolean;
  }[];
}

/** Telemetry in, anomalies out. State is a shard's; time only through `advance`. */
export interface DetectStage {
  ingest(block: ReportBlock): IngestCounts;
  /**
   * Releases every period whose end plus lateness is at or before `nowMs`, oldest first. Stops where
   * `awaits` says that models are still being fitted; called again once they are, it goes on.
   */
  advance(nowMs: number): DetectEvent[];
  /** Takes what operators did to levels, models and rates, in their order. */
  act(acts: readonly DetectAct[]): void;
  /** Takes vendors of cells from a changed network: calibration is watched by them. */
  vendors(byCell: ReadonlyMap<string, string>): void;
  /** The models of each feed, by name. */
  models(): ModelStatus[];
  /** What the last `advance` waits for before it can go on; absent when it went all the way. */
  readonly awaits?: Promise<void> | undefined;
  /** Time at which the next period is released, infinity when none is by `nowMs`. */
  nextDueMs(nowMs: number): number;
  snapshot(): Uint8Array;
  restore(state: Uint8Array): void;
}

/** Anomalies and alarms in, incidents out. */
export interface CorrelateStage {
  detected(events: readonly DetectEvent[]): void;
  alarms(alarms: readonly Alarm[]): void;
  acts(acts: readonly OperatorAct[]): void;
  /** What tickets say of repairs. */
  tickets(tickets: readonly Ticket[]): void;
  /** What customers did by area and interval. */
  counts(counts: readonly CountInterval[]): void;
  /** What customers did before what was heard of live, to learn what is usual: nothing is raised by it. */
  pastCounts(counts: readonly CountInterval[]): void;
  /** Incidents of the past, to learn times to repair from; one with a known id replaces it. */
  pastIncidents(incidents: readonly PastIncident[]): void;
  /** Goes on over a changed network or changed works, with everything it knows. */
  network(rows: TopologyRows): void;
  /** Decides up to `nowMs`. */
  advance(nowMs: number): Decisions;
  snapshot(): Uint8Array;
  restore(state: Uint8Array): void;
}

/** What one tick brings to correlate, each in the order it came. */
export interface TickInput {
  readonly events: readonly DetectEvent[];
  readonly alarms: readonly Alarm[];
  readonly acts: readonly OperatorAct[];
  readonly tickets: readonly Ticket[];
  readonly calls: readonly CallInterval[];
  readonly counts: readonly CountInterval[];
  readonly pastCounts: readonly CountInterval[];
  readonly pastIncidents: readonly PastIncident[];
}

/** Incidents that changed, in order of first change, and gaps that opened, grew or closed. */
export interface Decisions {
  readonly changes: readonly IncidentChange[];
  readonly gaps: readonly TelemetryGap[];
}

/** One tick of deciding. @param nowMs network time of the tick, epoch ms */
export function decide(stage: CorrelateStage, input: TickInput, nowMs: number): Decisions {
  stage.detected(input.events);
  stage.alarms(input.alarms);
  stage.acts(input.acts);
  stage.tickets(input.tickets);
  stage.counts([...countsOfCalls(input.calls), ...input.counts]);
  stage.pastCounts(input.pastCounts);
  stage.pastIncidents(input.pastIncidents);
  return stage.advance(nowMs);
}

/** The stages behind an incident; each may be asked again and then changes nothing. */
export interface IncidentStages {
  /** Brings the affected subscribers and their counts up to the incident's cells. */
  mapImpact(incident: Incident, nowMs: number): Promise<ImpactSummary>;
  /** Applies the notification policy; writes at most one wave per lineage, kind and revision. */
  planMessages(incident: Incident, impact: ImpactSummary, nowMs: number): Promise<void>;
  /** Makes the desired CRM flags those of the incident's subscribers now. */
  refreshFlags(incident: Incident, nowMs: number): Promise<void>;
}

/** What follows from an incident's present state: who is affected, who is told, which flags. */
export async function followUp(
  stages: IncidentStages,
  incident: Incident,
  nowMs: number,
): Promise<void> {
  const impact = await stages.mapImpact(incident, nowMs);
  await stages.planMessages(incident, impact, nowMs);
  await stages.refreshFlags(incident, nowMs);
}
