import type { Alarm } from '../domain/alarm.js';
import type { DetectEvent } from '../domain/anomaly.js';
import type { CountInterval } from '../domain/count-interval.js';
import { TocsinError } from '../domain/errors.js';
import type { OperatorAct } from '../domain/facts.js';
import type { IncidentChange, TelemetryGap } from '../domain/incident.js';
import type { LaneSpec } from '../domain/lane.js';
import type { PastIncident } from '../domain/past-incident.js';
import type { Ticket } from '../domain/ticket.js';
import { TopologyView } from '../domain/topology.js';
import type { TopologyRows } from '../domain/topology-rows.js';
import { applyAct } from './acts.js';
import { feedFacts } from './anomaly-book.js';
import { gatherFindings } from './findings.js';
import { GapWatch } from './gap-watch.js';
import { InputQueue, type QueuedInput } from './input-queue.js';
import { leaveNetwork } from './leave-network.js';
import { Ledger } from './ledger.js';
import { type RepairFitter, unhurriedFitter } from './repair/ports.js';
import { ResourceSpace } from './resource-space.js';
import { type CorrelationRules, checkCorrelationRules } from './rules.js';
import { judgeSilence } from './silence.js';
import { readSnapshot, writeSnapshot } from './snapshot.js';
import type { FalseBudget } from './track-record.js';
import { World } from './world.js';

/** The rate that `rules/detection.yaml` is shipped with. */
const DEFAULT_BUDGET: FalseBudget = { falseIncidentsPer1000CellsPerMonth: 1 };

/** What the stage can do without. */
export interface CorrelateOptions {
  /** rate of false incidents that is held against what operators mark as such */
  readonly wanted?: FalseBudget;
  /** learns times to repair elsewhere; default: in the decision that needs them */
  readonly fitter?: RepairFitter;
}

/** Anomalies and alarms in, incidents out; see `CorrelateStage` in src/pipeline.ts. */
export interface Correlation {
  detected(events: readonly DetectEvent[]): void;
  alarms(alarms: readonly Alarm[]): void;
  acts(acts: readonly OperatorAct[]): void;
  tickets(tickets: readonly Ticket[]): void;
  counts(counts: readonly CountInterval[]): void;
  pastCounts(counts: readonly CountInterval[]): void;
  pastIncidents(incidents: readonly PastIncident[]): void;
  network(rows: TopologyRows): void;
  advance(nowMs: number): { changes: IncidentChange[]; gaps: TelemetryGap[] };
  snapshot(): Uint8Array;
  restore(state: Uint8Array): void;
}

function noteFresh(fresh: Map<number, number>, resource: number, atMs: number): void {
  fresh.set(resource, Math.max(atMs, fresh.get(resource) ?? atMs));
}

/**
 * Decisions fall on a grid of moments. At each one where an input has become known or time alone
 * changes something, everything known is explained afresh and incidents are carried over; so the
 * outcome depends on what was known when, not on how inputs were batched or how often time was told.
 */
class Correlator implements Correlation {
  readonly #stepMs: number;
  readonly #newWorld: () => World;
  readonly #fitter: RepairFitter;
  #topology: TopologyView;
  #world: World;
  #ledger: Ledger;
  #queue = new InputQueue();
  #gapWatch = new GapWatch();
  #decidedMs = Number.NEGATIVE_INFINITY;
  #wakeMs = Number.POSITIVE_INFINITY;

  constructor(
    topology: TopologyView,
    rules: CorrelationRules,
    lanes: readonly LaneSpec[],
    { wanted = DEFAULT_BUDGET, fitter = unhurriedFitter }: CorrelateOptions,
  ) {
    this.#stepMs = rules.grouping.decisionSeconds * 1000;
    this.#topology = topology;
    this.#newWorld = () =>
      new World(new ResourceSpace(this.#topology), rules, feedFacts(lanes), wanted);
    this.#world = this.#newWorld();
    this.#fitter = fitter;
    this.#ledger = new Ledger(this.#world, fitter);
  }

  detected(events: readonly DetectEvent[]): void {
    this.#queue.addEvents(events);
  }

  alarms(alarms: readonly Alarm[]): void {
    this.#queue.addAlarms(alarms);
  }

  acts(acts: readonly OperatorAct[]): void {
    this.#queue.addActs(acts);
  }

  tickets(tickets: readonly Ticket[]): void {
    this.#queue.addTickets(tickets);
  }

  counts(counts: readonly CountInterval[]): void {
    this.#queue.addCounts(counts, this.#world.rules.customers.waitSeconds);
  }

  pastCounts(counts: readonly CountInterval[]): void {
    this.#world.customers.learnPast(counts);
  }

  pastIncidents(incidents: readonly PastIncident[]): void {
    for (const incident of incidents) this.#ledger.learn(incident);
    // They may have been over for years: learnt from now, and not as of then.
    if (incidents.length > 0 && Number.isFinite(this.#decidedMs)) this.#wakeMs = this.#decidedMs;
  }

  /** The state names resources by id, so that it can be taken over into another network. */
  network(rows: TopologyRows): void {
    const state = this.snapshot();
    const before = this.#topology;
    this.#topology = new TopologyView(rows);
    this.restore(state);
    const { episodes } = this.#ledger;
    const atMs = Number.isFinite(this.#decidedMs) ? this.#decidedMs : 0;
    for (const episode of leaveNetwork(this.#world, before, episodes.values(), atMs))
      this.#ledger.say(episode);
    // What is known may be explained otherwise now.
    if (Number.isFinite(this.#decidedMs)) this.#wakeMs = this.#decidedMs;
  }

  advance(nowMs: number): { changes: IncidentChange[]; gaps: TelemetryGap[] } {
    const gaps = new Map<string, TelemetryGap>();
    for (let atMs = this.#nextMs(); atMs <= nowMs; atMs = this.#nextMs()) {
      for (const gap of this.#decide(atMs)) {
        const key = JSON.stringify([gap.feed, gap.fromMs]);
        gaps.delete(key);
        gaps.set(key, gap);
      }
    }
    return { changes: this.#ledger.takeChanges(), gaps: [...gaps.values()] };
  }

  snapshot(): Uint8Array {
    return writeSnapshot({
      world: this.#world,
      episodes: this.#ledger.episodes,
      repairs: this.#ledger.repairs,
      tickets: this.#ledger.tickets,
      queue: this.#queue,
      gapWatch: this.#gapWatch,
      decidedMs: this.#decidedMs,
      wakeMs: this.#wakeMs,
    });
  }

  restore(state: Uint8Array): void {
    this.#world = this.#newWorld();
    this.#ledger = new Ledger(this.#world, this.#fitter);
    this.#queue = new InputQueue();
    this.#gapWatch = new GapWatch();
    const clocks = readSnapshot(state, {
      world: this.#world,
      episodes: this.#ledger.episodes,
      repairs: this.#ledger.repairs,
      tickets: this.#ledger.tickets,
      queue: this.#queue,
      gapWatch: this.#gapWatch,
    });
    this.#decidedMs = clocks.decidedMs;
    this.#wakeMs = clocks.wakeMs;
  }

  /** The next moment to decide at: never one that has been decided. */
  #nextMs(): number {
    const dueMs = Math.min(this.#queue.nextAtMs(), this.#wakeMs);
    if (!Number.isFinite(dueMs)) return Number.POSITIVE_INFINITY;
    const onGrid = Math.ceil(dueMs / this.#stepMs) * this.#stepMs;
    return Math.max(onGrid, this.#decidedMs + this.#stepMs);
  }

  #decide(atMs: number): TelemetryGap[] {
    this.#decidedMs = atMs;
    const world = this.#world;
    world.record.elapse(world.space.observedCells(), atMs);
    const fresh = new Map<number, number>();
    for (const input of this.#queue.takeUntil(atMs)) this.#take(input, atMs, fresh);
    const keepMs = Math.max(
      world.rules.grouping.windowSeconds * 1000,
      2 * world.feeds.reportedAfterMs,
    );
    world.forget(atMs - keepMs);
    world.customers.judge();
    const silence = judgeSilence(world, atMs);
    const findings = gatherFindings(world, silence.verdicts, atMs);
    const nextMs = this.#ledger.decide(findings, { nowMs: atMs, fresh });
    this.#wakeMs = Math.min(nextMs, silence.lookAgainMs);
    return this.#gapWatch.update(world, silence.verdicts, atMs);
  }

  #take(input: QueuedInput, atMs: number, fresh: Map<number, number>): void {
    if (input.kind === 'event') noteFresh(fresh, this.#world.detect(input.event), input.atMs);
    else if (input.kind === 'alarm') {
      const { objectType, objectId } = input.alarm;
      this.#world.alarm(input.alarm, input.atMs);
      noteFresh(fresh, this.#world.space.resolve(objectType, objectId), input.atMs);
    } else if (input.kind === 'ticket') this.#ledger.tickets.put(input.ticket);
    else if (input.kind === 'count') this.#world.customers.put(input.count);
    else {
      for (const episode of applyAct(this.#world, this.#ledger.episodes, input.act, atMs))
        this.#ledger.say(episode);
    }
  }
}

/**
 * The stage that turns anomalies and alarms into incidents: pure, deterministic, on network time
 * only. Same inputs and rules give the same incidents whatever the batching, provided each input
 * comes before the `advance` that covers its time; one that comes later counts at the next moment.
 *
 * @param topology the inventory as rows, or a view already built from them
 * @param lanes the feeds' periods and what their KPIs mean; without them 15-minute reports of KPIs
 * about quality are assumed
 * @throws TocsinError `input.rules` when keys of the rules contradict each other
 */
export function createCorrelate(
  topology: TopologyRows | TopologyView,
  rules: CorrelationRules,
  lanes: readonly LaneSpec[] = [],
  options: CorrelateOptions = {},
): Correlation {
  const [conflict] = checkCorrelationRules(rules);
  if (conflict !== undefined) {
    const key = conflict.path.join('.');
    throw new TocsinError('input.rules', `rules/correlation.yaml: ${key} ${conflict.message}`);
  }
  const view = topology instanceof TopologyView ? topology : new TopologyView(topology);
  return new Correlator(view, rules, lanes, options);
}
