import type { DetectEvent } from '../../domain/anomaly.js';
import type { CallInterval, OperatorAct } from '../../domain/facts.js';
import type { Incident, IncidentChange, TelemetryGap } from '../../domain/incident.js';
import type { IntervalForecast } from '../../domain/interval-forecast.js';
import type { PastIncident } from '../../domain/past-incident.js';
import type { SingleCall } from '../../domain/single-call.js';
import type { ForecastBasis } from '../../forecast/forecast-basis.js';
import type { Forecast } from '../../forecast/forecaster.js';
import type { LearntPattern, PatternTurn } from '../../forecast/ordinary/pattern-version.js';
import type { RosterInterval } from '../../forecast/staffing/roster.js';
import type { IncidentLoad } from '../../forecast/surge/incident-load.js';
import type { SurgeLesson } from '../../forecast/surge/surge-prior.js';
import type { IncidentStages } from '../../pipeline.js';

/** A detect event with its place: shard and position in that shard's output. */
export interface PlacedEvent {
  readonly shard: string;
  readonly seq: number;
  readonly tickMs: number;
  readonly event: DetectEvent;
}

/** What shards have handed over, durable and keyed so that handing it over again changes nothing. */
export interface DetectEvents {
  /** Stores a shard's output of one tick and raises its watermark, in one transaction. */
  append(
    shard: string,
    tickMs: number,
    firstSeq: number,
    events: readonly DetectEvent[],
  ): Promise<void>;
  /** Lowest tick that every one of the shards has handed over, or undefined while one has none. */
  watermark(shards: readonly string[]): Promise<number | undefined>;
  /** Which of the shards have not handed over this tick, in order of name. */
  behind(shards: readonly string[], tickMs: number): Promise<string[]>;
  /** Events after the cursors (sequence by shard) up to a tick, by tick, shard, sequence. */
  read(after: Readonly<Record<string, number>>, untilTickMs: number): Promise<PlacedEvent[]>;
}

/** Call counts that are new, and those they replace. */
export interface ReplacedCalls {
  readonly added: readonly CallInterval[];
  readonly replaced: readonly CallInterval[];
}

/** Single calls that were added to their minutes, and how many a total counts in the place of. */
export interface CountedCalls {
  readonly added: readonly CallInterval[];
  /** by queue and reason, which names the total */
  readonly leftOut: readonly {
    readonly queue: string;
    readonly reason: string;
    readonly calls: number;
  }[];
}

/** Calls to come, for every queue, from the history it was given. */
export interface CallForecaster {
  /** @param sign -1 takes counts back that a later report replaces */
  observe(calls: readonly CallInterval[], sign?: 1 | -1): void;
  /** Begins to learn what is missing. @returns whether a forecast can be made without waiting */
  prepare(nowMs: number): boolean;
  /** Takes in what imported incidents teach of how many call. */
  learnPast(incidents: readonly PastIncident[]): void;
  /** Puts queues back to earlier call patterns, or forward to their newest. */
  turn(turns: readonly PatternTurn[]): void;
  forecast(
    nowMs: number,
    incidents: readonly IncidentLoad[],
    roster: readonly RosterInterval[],
  ): Forecast;
}

/** Stored calls on their way into a forecaster, as they were when reading began. */
export interface CallHistoryReading {
  /** rejects when they cannot be read, or reading was stopped */
  readonly loaded: Promise<CallForecaster>;
  /** Ends it early; harmless when it is over. */
  stop(): void;
}

/** Where the decisions stand: state of correlate and how far the inputs are reflected in it. */
export interface DecisionCheckpoint {
  readonly state: Uint8Array;
  readonly controlOffset: number;
  readonly tickMs: number;
  readonly cursors: Readonly<Record<string, number>>;
}

/** What came of a piece of a transaction; a refused one has left nothing behind. */
export type Attempt<Result> =
  | { readonly status: 'done'; readonly result: Result }
  | { readonly status: 'refused'; readonly reason: string };

/** Everything one tick may write, inside one transaction that holds the leader's epoch. */
export interface DecisionTransaction extends IncidentStages {
  /**
   * Does a piece that may turn out never to be storable, without harm to the rest. May be nested.
   * @throws whatever trying again could mend
   */
  attempt<Result>(piece: () => Promise<Result>): Promise<Attempt<Result>>;
  saveIncident(change: IncidentChange): Promise<void>;
  saveGaps(gaps: readonly TelemetryGap[]): Promise<void>;
  /** Stores call counts; a later report of an interval replaces the earlier one. */
  saveCalls(calls: readonly CallInterval[]): Promise<ReplacedCalls>;
  /** Counts single calls, after the totals of the same tick. */
  saveSingleCalls(calls: readonly SingleCall[]): Promise<CountedCalls>;
  /** Approvals, holds, kill switch: acts on what is sent. */
  applyActs(acts: readonly OperatorAct[]): Promise<void>;
  /** What an act makes of the call patterns in use. @returns the queues that changed */
  turnPatterns(act: OperatorAct): Promise<PatternTurn[]>;
  /** Loads of the incidents that are active or ended within the after-wave. */
  incidentLoads(nowMs: number): Promise<IncidentLoad[]>;
  /** People on the roster in intervals that touch the time between, by start. */
  roster(fromMs: number, toMs: number): Promise<RosterInterval[]>;
  saveForecast(nowMs: number, intervals: readonly IntervalForecast[]): Promise<void>;
  /** Decides whether the call centre's desk is to be told of a surge; tells nobody itself. */
  watchSurge(nowMs: number, intervals: readonly IntervalForecast[]): Promise<void>;
  /** Keeps what the newest forecast is made of. */
  saveBasis(basis: ForecastBasis): Promise<void>;
  /** Keeps what incidents that are over taught; one that is kept already is left as it is. */
  saveLessons(lessons: readonly SurgeLesson[]): Promise<void>;
  /** Keeps call patterns that were taken over; one that is kept already is left as it is. */
  savePatterns(nowMs: number, patterns: readonly LearntPattern[]): Promise<void>;
  saveCheckpoint(checkpoint: DecisionCheckpoint): Promise<void>;
}

/** The leader's durable state. */
export interface DecisionStore {
  load(): Promise<DecisionCheckpoint | undefined>;
  /** Incidents in the states suspected, open and recovering, as last saved. */
  activeIncidents(): Promise<Incident[]>;
  /**
   * @throws TocsinError `lease.lost` when another leader has taken over, `input.payload` when
   * something in it can never be stored: nothing is written
   */
  transact<Result>(body: (tx: DecisionTransaction) => Promise<Result>): Promise<Result>;
}

/** What changed, for those who watch live. */
export interface LiveEvent {
  readonly type: 'incident' | 'messages' | 'gap' | 'forecast' | 'settings' | 'tick';
  readonly id: string;
  readonly at: string;
}
