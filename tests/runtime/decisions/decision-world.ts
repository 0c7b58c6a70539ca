import type pg from 'pg';
import { PostgresDecisionStore } from '../../../src/adapters/postgres/decision-store.js';
import type { Leadership } from '../../../src/adapters/postgres/leader.js';
import type { ImpactSummary } from '../../../src/domain/customer.js';
import type { CallInterval, DeadLetter } from '../../../src/domain/facts.js';
import type { Incident } from '../../../src/domain/incident.js';
import type { TopologyRows } from '../../../src/domain/topology-rows.js';
import type { ForecastBasis } from '../../../src/forecast/forecast-basis.js';
import type { CorrelateStage } from '../../../src/pipeline.js';
import type { CallForecaster } from '../../../src/runtime/decisions/ports.js';
import { DecisionRunner } from '../../../src/runtime/decisions/runner.js';
import { CONTROL_STREAM } from '../../../src/runtime/ports.js';
import { MemoryEvents, MemoryJournal } from '../memory-ports.js';

export const T0 = Date.parse('2026-03-10T14:00:00Z');
export const SHARD = 'telemetry/0';

const nobody: ImpactSummary = {
  subscribers: 0,
  expected: 0,
  machines: 0,
  bySegment: {},
  userMinutes: 0,
  rankScore: 0,
  rankParts: {},
};

const noNetwork: TopologyRows = { sites: [], cells: [], links: [], neighbours: [], works: [] };

/** A stage that opens the incidents it is told to, and keeps what else it was given. */
export class ScriptedCorrelate implements CorrelateStage {
  readonly toOpen = new Map<number, Incident[]>();
  readonly networks: unknown[] = [];
  readonly told: unknown[] = [];

  detected(): void {}
  alarms(): void {}
  acts(): void {}
  tickets(items: readonly unknown[]): void {
    this.told.push(...items);
  }
  counts(items: readonly unknown[]): void {
    this.told.push(...items);
  }
  pastCounts(items: readonly unknown[]): void {
    this.told.push(...items);
  }
  pastIncidents(items: readonly unknown[]): void {
    this.told.push(...items);
  }
  advance(nowMs: number) {
    const opened = this.toOpen.get(nowMs) ?? [];
    return { changes: opened.map((incident) => ({ incident, events: [] })), gaps: [] };
  }
  network(rows: unknown): void {
    this.networks.push(rows);
  }
  snapshot(): Uint8Array {
    return new Uint8Array([1]);
  }
  restore(): void {}
}

/** A decision runner on a real database, with everything else scripted. */
export class DecisionWorld {
  readonly journal = new MemoryJournal();
  readonly events = new MemoryEvents();
  readonly stage = new ScriptedCorrelate();
  readonly letters: DeadLetter[] = [];
  /** queues whose counts the present forecaster has learned */
  learned: string[] = [];
  nowMs = T0;
  /** of the network that the stage begins with */
  networkVersion = 0;
  /** a real forecaster instead of a scripted one */
  forecaster: (() => Promise<CallForecaster>) | undefined;
  /** what is being read of the stored calls */
  reading: Promise<CallForecaster> | undefined;
  readonly #pool: pg.Pool;
  readonly #leadership: Leadership;

  constructor(pool: pg.Pool, leadership: Leadership) {
    this.#pool = pool;
    this.#leadership = leadership;
  }

  /** A runner that starts from what the database holds. */
  async runner(): Promise<DecisionRunner> {
    const store = new PostgresDecisionStore(this.#pool, () => this.#leadership, {
      impact: { map: async () => nobody },
      waves: { planMessages: async () => ({ status: 'none', reason: 'a test' }) },
      flags: { refresh: async () => 0 },
      desk: { watch: async () => undefined },
    } as never);
    const runner = new DecisionRunner({
      journal: this.journal,
      events: this.events,
      store,
      correlate: async () => this.stage,
      network: async (version) => (version > this.networkVersion ? noNetwork : undefined),
      forecaster: async () => this.#read(this.forecaster ?? (async () => this.#newForecaster())),
      newerForecaster: async () => this.forecaster && this.#read(this.forecaster),
      shards: () => [SHARD],
      publish: () => undefined,
      refreshMs: 60_000,
      forecastMs: 300_000,
      checkpointMs: 300_000,
      now: () => this.nowMs,
      lagMs: 120_000,
      refused: (letter) => this.letters.push(letter),
    });
    await runner.recover();
    await this.reading;
    return runner;
  }

  #read(from: () => Promise<CallForecaster>) {
    this.reading = from();
    return { loaded: this.reading, stop: () => undefined };
  }

  /** Time moves to a tick in the control stream, and in the shards unless they hang. */
  async tick(nowMs: number, areShardsThere = true): Promise<void> {
    this.nowMs = nowMs;
    this.journal.add(CONTROL_STREAM, { kind: 'tick', nowMs });
    if (areShardsThere) await this.events.append(SHARD, nowMs, 1, []);
  }

  #newForecaster() {
    const learned: string[] = [];
    this.learned = learned;
    const observe = (calls: readonly CallInterval[]): void => {
      for (const { queue } of calls) learned.push(queue);
    };
    return {
      prepare: () => true,
      turn: () => undefined,
      learnPast: () => undefined,
      observe,
      forecast: (nowMs: number) => ({
        intervals: [],
        basis: emptyBasis(nowMs),
        lessons: [],
        patterns: [],
      }),
    };
  }
}

function emptyBasis(nowMs: number): ForecastBasis {
  const frame = { issuedAtMs: nowMs, firstMs: nowMs, intervalSeconds: 900, steps: 0 };
  return { format: 2, ...frame, queues: [], incidents: [] };
}

/** Turns until there is nothing left to decide, at most so many. */
export async function settle(runner: DecisionRunner, most = 20): Promise<void> {
  const { signal } = new AbortController();
  for (let turn = 0; turn < most; turn++) if ((await runner.turn(signal)) === 'idle') return;
}
