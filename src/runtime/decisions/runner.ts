import { TocsinError } from '../../domain/errors.js';
import type { DeadLetter, JournalEntry, OperatorAct } from '../../domain/facts.js';
import { type Incident, type IncidentChange, isActive } from '../../domain/incident.js';
import type { TopologyRows } from '../../domain/topology-rows.js';
import type { LearntPattern } from '../../forecast/ordinary/pattern-version.js';
import { type CorrelateStage, type Decisions, decide, followUp } from '../../pipeline.js';
import type { Condition, Turn } from '../loop.js';
import { CONTROL_STREAM, type Journal } from '../ports.js';
import { DecisionCondition } from './condition.js';
import { FollowedCalls } from './followed-calls.js';
import { collect, type Pending } from './pending.js';
import type {
  CallHistoryReading,
  DecisionStore,
  DecisionTransaction,
  DetectEvents,
  LiveEvent,
  ReplacedCalls,
} from './ports.js';
import { TickWriter } from './tick-writer.js';

const READ_ENTRIES = 500;
/** After these calls are forecast at once. */
const PATTERN_ACTS: ReadonlySet<string> = new Set(['revertPattern', 'resumePattern']);
/** No forecast looks farther ahead than this. */
const ROSTER_MS = 14 * 86_400_000;

export interface DecisionRunnerOptions {
  readonly journal: Pick<Journal, 'read'>;
  readonly events: DetectEvents;
  readonly store: DecisionStore;
  /** a stage in its first state; restored from the checkpoint when there is one */
  readonly correlate: () => Promise<CorrelateStage>;
  /** the network of this version or a later one; undefined when `correlate` has begun with it */
  readonly network: (version: number) => Promise<TopologyRows | undefined>;
  /** begins to read the stored call history into a forecaster; answers once what it reads is settled */
  readonly forecaster: () => Promise<CallHistoryReading>;
  /** the same of past calls of this version or a later one; undefined when the last one has them */
  readonly newerForecaster: (callsVersion: number) => Promise<CallHistoryReading | undefined>;
  /** streams whose watermark decisions wait for */
  readonly shards: () => readonly string[];
  readonly publish: (event: LiveEvent) => void;
  /** how often running incidents are counted and decided again, in network time */
  readonly refreshMs: number;
  /** how often calls are forecast when no incident changes, in network time */
  readonly forecastMs: number;
  /** how often an unchanged state is saved, so that a restart reads little again */
  readonly checkpointMs: number;
  /** network time, epoch ms */
  readonly now: () => number;
  /** how old, in network time, the oldest undecided tick may be before health says so */
  readonly lagMs: number;
  /** told of call patterns that were taken over */
  readonly learnt?: (patterns: readonly LearntPattern[]) => void;
  /** told of what could never be stored, once the tick without it is durable */
  readonly refused: (letter: DeadLetter) => void;
}

interface WrittenTick extends Decisions, Pending {
  /** incidents to follow up */
  readonly due: readonly Incident[];
  readonly isForecastDue: boolean;
  readonly nowMs: number;
}

/**
 * Turns anomalies, alarms, calls and acts into incidents and everything that follows from them, one
 * transaction per tick. State in memory is what the last committed transaction holds: after any
 * failure `recover` reads it back.
 */
export class DecisionRunner {
  readonly #options: DecisionRunnerOptions;
  #correlate: CorrelateStage | undefined;
  readonly #calls = new FollowedCalls();
  /** offset of the last tick decided, and of the last entry read into the queue */
  #offset = -1;
  #readOffset = -1;
  #queue: JournalEntry[] = [];
  #tickMs = 0;
  #cursors: Record<string, number> = {};
  #active = new Map<string, Incident>();
  #refreshedMs = Number.NEGATIVE_INFINITY;
  #forecastMs = Number.NEGATIVE_INFINITY;
  /** a forecast was due while patterns were still being learnt: it is made as soon as they are */
  #isForecastAwaited = false;
  #savedMs = Number.NEGATIVE_INFINITY;
  /** ticks up to this one are written piece by piece, since something in it cannot be stored */
  #carefulUntilMs = Number.NEGATIVE_INFINITY;
  readonly #condition: DecisionCondition;

  constructor(options: DecisionRunnerOptions) {
    this.#options = options;
    this.#condition = new DecisionCondition(options);
  }

  /** Puts the state back to what the last committed transaction holds. */
  async recover(): Promise<void> {
    const { store, correlate, forecaster } = this.#options;
    this.#calls.begin(await forecaster());
    const saved = await store.load();
    const stage = await correlate();
    if (saved) stage.restore(saved.state);
    this.#correlate = stage;
    this.#offset = saved?.controlOffset ?? -1;
    this.#readOffset = this.#offset;
    this.#queue = [];
    this.#tickMs = saved?.tickMs ?? 0;
    this.#cursors = { ...saved?.cursors };
    const active = await store.activeIncidents();
    this.#active = new Map(active.map((incident) => [incident.id, incident]));
    this.#refreshedMs = Number.NEGATIVE_INFINITY;
    this.#savedMs = this.#tickMs;
  }

  /** Network time of the last tick decided, epoch ms. */
  get tickMs(): number {
    return this.#tickMs;
  }

  /** What is wrong though decisions are made. */
  get condition(): Condition | undefined {
    return this.#condition.now();
  }

  /** Decides every tick that all shards have reached. */
  async turn(signal: AbortSignal): Promise<Turn> {
    const { journal, events, shards } = this.#options;
    this.#calls.endWith(signal);
    if (this.#nextTickMs === undefined) {
      const entries = await journal.read(CONTROL_STREAM, this.#readOffset, READ_ENTRIES);
      if (entries.length === 0) return 'idle';
      for (const entry of entries) this.#queue.push(entry);
      this.#readOffset = entries.at(-1)?.offset ?? this.#readOffset;
      if (this.#nextTickMs === undefined) return 'busy';
    }
    const watermarkMs = (await events.watermark(shards())) ?? Number.NEGATIVE_INFINITY;
    let turn: Turn = 'idle';
    for (
      let tickMs = this.#nextTickMs;
      tickMs !== undefined && tickMs <= watermarkMs && !signal.aborted;
      tickMs = this.#nextTickMs
    ) {
      await this.#decideNextTick();
      turn = 'busy';
    }
    await this.#condition.look(this.#nextTickMs, watermarkMs);
    return turn;
  }

  get #nextTickMs(): number | undefined {
    const entry = this.#queue.find(({ fact }) => fact.kind === 'tick');
    return entry?.fact.kind === 'tick' ? entry.fact.nowMs : undefined;
  }

  /** Takes everything up to the first tick off the queue and decides it. */
  async #decideNextTick(): Promise<void> {
    const at = this.#queue.findIndex(({ fact }) => fact.kind === 'tick');
    const batch = this.#queue.splice(0, at + 1);
    const last = batch.at(-1);
    if (last?.fact.kind !== 'tick') return;
    const pending = collect(batch);
    try {
      await this.#tick(last.offset, last.fact.nowMs, pending);
    } catch (error) {
      const isUnstorable = error instanceof TocsinError && error.code === 'input.payload';
      if (!isUnstorable || last.fact.nowMs <= this.#carefulUntilMs) throw error;
      this.#carefulUntilMs = last.fact.nowMs;
      await this.recover();
    }
  }

  async #tick(offset: number, nowMs: number, pending: Pending): Promise<void> {
    const { events } = this.#options;
    const placed = await events.read(this.#cursors, nowMs);
    const input = { ...pending, events: placed.map(({ event }) => event) };
    await this.#takeNetwork(pending.networkVersion);
    await this.#takeCallHistory(pending.callsVersion);
    const past = pending.pastIncidents;
    if (past.length > 0) this.#calls.tell((forecaster) => forecaster.learnPast(past));
    const decisions = decide(this.#stage(), input, nowMs);
    const cursors = { ...this.#cursors };
    for (const each of placed) cursors[each.shard] = each.seq;
    this.#offset = offset;
    this.#tickMs = nowMs;
    this.#cursors = cursors;
    await this.#write(nowMs, decisions, pending);
  }

  async #takeNetwork(version: number | undefined): Promise<void> {
    if (version === undefined) return;
    const rows = await this.#options.network(version);
    if (rows) this.#stage().network(rows);
  }

  /** Calls are read and learnt beside the decisions; until they are, the last forecast stands. */
  async #takeCallHistory(version: number | undefined): Promise<void> {
    this.#calls.take();
    if (version === undefined) return;
    const newer = await this.#options.newerForecaster(version);
    if (!newer) return;
    this.#calls.begin(newer);
    this.#isForecastAwaited = true;
  }

  async #write(nowMs: number, { changes, gaps }: Decisions, pending: Pending): Promise<void> {
    const { store, refreshMs, forecastMs, checkpointMs } = this.#options;
    for (const { incident } of changes) this.#active.set(incident.id, incident);
    const isRefreshDue = nowMs - this.#refreshedMs >= refreshMs;
    const due = this.#due(changes, isRefreshDue);
    const { calls, singleCalls, acts } = pending;
    const isNews = [changes, gaps, calls, singleCalls, acts].some(({ length }) => length > 0);
    const isForecastReady = this.#isForecastAwaited && this.#calls.ready(nowMs) !== undefined;
    const isNothing = !isNews && !isRefreshDue && !isForecastReady;
    if (isNothing && nowMs - this.#savedMs < checkpointMs) return;
    const isForecastDue =
      isForecastReady ||
      nowMs - this.#forecastMs >= forecastMs ||
      changes.some(({ incident }) => isActive(incident.state)) ||
      pending.acts.some(({ action }) => PATTERN_ACTS.has(action));
    const written = { changes, gaps, due, isForecastDue, nowMs, ...pending };
    const letters = await store.transact((tx) => this.#writeInto(tx, written));
    this.#condition.wrote(letters, nowMs);
    for (const letter of letters) this.#options.refused(letter);
    this.#savedMs = nowMs;
    if (isRefreshDue) this.#refreshedMs = nowMs;
    if (isForecastDue) this.#forecastMs = nowMs;
    for (const incident of due) if (isOver(incident)) this.#active.delete(incident.id);
    this.#announce({ changes, gaps }, { isRefreshDue, isForecastDue }, nowMs);
  }

  /** @returns what had to be left out because it can never be stored */
  async #writeInto(tx: DecisionTransaction, tick: WrittenTick): Promise<readonly DeadLetter[]> {
    const { changes, gaps, calls, singleCalls, acts, due, nowMs } = tick;
    const writer = new TickWriter(tx, nowMs <= this.#carefulUntilMs);
    const unsaved = new Set<string>();
    for (const change of changes) {
      const isSaved = await writer.piece('incidents', change, () => tx.saveIncident(change));
      if (!isSaved) unsaved.add(change.incident.id);
    }
    for (const gap of gaps) await writer.piece('gaps', gap, () => tx.saveGaps([gap]));
    if (calls.length > 0) this.#learn(await writer.calls(calls));
    if (singleCalls.length > 0) this.#learn(await writer.singleCalls(singleCalls));
    for (const act of acts) await writer.piece('acts', act, () => this.#apply(tx, act));
    for (const incident of due) {
      if (unsaved.has(incident.id)) this.#active.delete(incident.id);
      else await writer.piece('incidents', incident, () => followUp(tx, incident, nowMs));
    }
    if (tick.isForecastDue) {
      await writer.piece('forecast', { nowMs }, () => this.#forecast(tx, nowMs));
    }
    await tx.saveCheckpoint(this.#checkpoint());
    return writer.letters;
  }

  /** Incidents to follow up now: the changed ones, and on a refresh every one that runs. */
  #due(changes: readonly IncidentChange[], isRefreshDue: boolean): Incident[] {
    if (isRefreshDue) return [...this.#active.values()];
    return changes.map(({ incident }) => incident);
  }

  #stage(): CorrelateStage {
    if (this.#correlate) return this.#correlate;
    throw new TocsinError('internal', 'decisions were asked for before their state was recovered');
  }

  #learn({ added, replaced }: ReplacedCalls): void {
    this.#calls.tell((forecaster) => {
      forecaster.observe(replaced, -1);
      forecaster.observe(added);
    });
  }

  async #apply(tx: DecisionTransaction, act: OperatorAct): Promise<void> {
    await tx.applyActs([act]);
    const turns = await tx.turnPatterns(act);
    this.#calls.tell((forecaster) => forecaster.turn(turns));
  }

  /** None while calls are still being read and learnt after a start: the last one stands. */
  async #forecast(tx: DecisionTransaction, nowMs: number): Promise<void> {
    const forecaster = this.#calls.ready(nowMs);
    this.#isForecastAwaited = forecaster === undefined;
    if (!forecaster) return;
    const loads = await tx.incidentLoads(nowMs);
    const roster = await tx.roster(nowMs, nowMs + ROSTER_MS);
    const forecast = forecaster.forecast(nowMs, loads, roster);
    await tx.saveForecast(nowMs, forecast.intervals);
    await tx.watchSurge(nowMs, forecast.intervals);
    await tx.saveBasis(forecast.basis);
    await tx.saveLessons(forecast.lessons);
    await tx.savePatterns(nowMs, forecast.patterns);
    this.#options.learnt?.(forecast.patterns);
  }

  #checkpoint() {
    return {
      state: this.#stage().snapshot(),
      controlOffset: this.#offset,
      tickMs: this.#tickMs,
      cursors: this.#cursors,
    };
  }

  #announce(
    { changes, gaps }: Decisions,
    { isRefreshDue, isForecastDue }: { isRefreshDue: boolean; isForecastDue: boolean },
    nowMs: number,
  ): void {
    const { publish } = this.#options;
    const at = new Date(nowMs).toISOString();
    const changed = new Set(changes.map(({ incident }) => incident.id));
    if (isRefreshDue) for (const id of this.#active.keys()) changed.add(id);
    for (const id of changed) publish({ type: 'incident', id, at });
    for (const gap of gaps) publish({ type: 'gap', id: gap.feed, at });
    if (isForecastDue) publish({ type: 'forecast', id: '', at });
  }
}

function isOver(incident: Incident): boolean {
  return incident.state === 'resolved' || incident.state === 'closed';
}
