import type pg from 'pg';
import type { Logger } from 'pino';
import { AliasTable } from '../adapters/postgres/aliases.js';
import { PostgresCheckpoints } from '../adapters/postgres/checkpoints.js';
import { PostgresDeadLetters } from '../adapters/postgres/dead-letters.js';
import { PostgresDetectEvents } from '../adapters/postgres/detect-events.js';
import { StoredNetwork } from '../adapters/postgres/import-versions.js';
import { JournalIntake } from '../adapters/postgres/intake.js';
import { PostgresJournal } from '../adapters/postgres/journal.js';
import { KpiHistory } from '../adapters/postgres/kpi-history.js';
import { lastTick } from '../adapters/postgres/last-tick.js';
import { takeOver } from '../adapters/postgres/leader.js';
import { postgresOperators } from '../adapters/postgres/operator-store.js';
import { createPool } from '../adapters/postgres/pool.js';
import { readBasis } from '../adapters/postgres/read-what-if.js';
import type { Retention } from '../adapters/postgres/retention.js';
import type { OperatorStore, WhatIfAnswer, WhatIfBody } from '../api/ports.js';
import { CatchUp } from '../runtime/catch-up.js';
import type { Clock } from '../runtime/clock.js';
import { wallClock } from '../runtime/clock.js';
import type { LiveEvent } from '../runtime/decisions/ports.js';
import { Health } from '../runtime/health.js';
import { type Condition, Loop, type Turn } from '../runtime/loop.js';
import { telemetryStream } from '../runtime/ports.js';
import { RoutedJournal, type StreamJournal } from '../runtime/routed-journal.js';
import { Ticker } from '../runtime/ticker.js';
import type { CompiledFeed } from '../sources/compiled-feed.js';
import type { DecodeContext } from '../sources/decode.js';
import { CallPatterns } from './call-patterns.js';
import { createDecisions, type LeaderWork } from './create-decisions.js';
import { Detection, journalActs } from './detection.js';
import { Effects, type EffectsOptions } from './effects.js';
import { LeaderSeat } from './leader-seat.js';
import { ServiceMetrics } from './metrics.js';
import { pauseMessages } from './pause-messages.js';
import { RepairThread } from './repair-thread.js';
import { lanesOf, type Rules } from './rules.js';
import { Shards } from './shards.js';
import { type StopStep, stopInOrder } from './stop-in-order.js';
import { Upkeep } from './upkeep.js';
import { Whereabouts } from './whereabouts.js';

/** What a service is made of; `start` fills it from the configuration or the demo. */
export interface ServiceOptions
  extends Pick<EffectsOptions, 'gateway' | 'otherPaces' | 'desk' | 'onCall' | 'crm'> {
  /** a direct connection: the leader's lock must not go through a pooler */
  readonly databaseUrl: string;
  readonly maxConnections: number;
  /** keys phone numbers */
  readonly phoneSecret: string;
  readonly rules: Rules;
  readonly feeds: readonly CompiledFeed[];
  readonly shards: number;
  readonly tickMs: number;
  readonly network: Clock;
  readonly speed: number;
  readonly retention: Retention & { readonly historyDays: number };
  readonly checkpointMs: number;
  /** most that stopping may take; default 30 s, after which service managers kill */
  readonly stopMs?: number;
  readonly publish: (event: LiveEvent) => void;
  readonly log: Logger;
}

const STOP_MS = 30_000;
/** Statements of look-ups that run at once; one look-up asks up to six things together. */
const LOOKUP_CONNECTIONS = 6;

/** Streams that are not in Postgres: ticked apart, and those that decisions wait for. */
interface Ticked {
  tick(nowMs: number, networkVersion: number): Promise<void>;
  known(): string[];
}

/**
 * A running Tocsin without its way in: journal, shards, decisions, messages, flags. Sources and
 * HTTP hand their facts to `intake`.
 */
export class Service {
  readonly pool: pg.Pool;
  /** of agents' look-ups alone: somebody is on the telephone, so they wait behind nothing else */
  readonly lookupPool: pg.Pool;
  readonly health: Health;
  readonly metrics: ServiceMetrics;
  readonly journal: PostgresJournal;
  readonly deadLetters: PostgresDeadLetters;
  readonly intake: JournalIntake;
  readonly operators: OperatorStore;
  readonly history: KpiHistory;
  readonly shards: Shards;
  /** what network time waits for after a start; sources add themselves before `start` */
  readonly catchUp: CatchUp;
  readonly decoding: Omit<DecodeContext, 'source'>;
  /** ticks and streams of partitions that serve as journal; set by the Kafka source */
  kafka: (StreamJournal & Ticked) | undefined;
  readonly #options: ServiceOptions;
  readonly #aliases: AliasTable;
  readonly #network: StoredNetwork;
  readonly #seat: LeaderSeat;
  readonly #work: LeaderWork;
  readonly #detection: Detection;
  readonly #patterns: CallPatterns;
  readonly #repairs: RepairThread;
  readonly #ticker: Ticker;
  readonly #whereabouts: Whereabouts;
  readonly #loops: Loop[] = [];
  #effects: Effects | undefined;
  #isReady = false;

  constructor(options: ServiceOptions) {
    const { databaseUrl, maxConnections, network, log } = options;
    this.#options = options;
    this.health = new Health(wallClock, network);
    this.health.set('postgres', 'down', 'not reached yet', 'not reached yet');
    this.catchUp = new CatchUp({ wall: wallClock, health: this.health });
    this.pool = createPool(databaseUrl, {
      max: maxConnections,
      onError: (error) => log.warn({ err: error }, 'an idle database connection broke'),
    });
    this.lookupPool = createPool(databaseUrl, {
      max: LOOKUP_CONNECTIONS,
      applicationName: 'tocsin-lookups',
      onError: (error) => log.warn({ err: error }, 'an idle database connection broke'),
    });
    this.metrics = new ServiceMetrics(() => (network.now() - this.#work.decisions.tickMs) / 1000);
    this.deadLetters = new PostgresDeadLetters(this.pool, { onLetter: this.metrics.refused });
    this.journal = new PostgresJournal(this.pool);
    this.intake = new JournalIntake(this.journal, {
      shards: options.shards,
      keepsSightings: options.rules.impact.whereabouts.mode !== 'declared',
    });
    this.operators = postgresOperators(this.pool, journalActs(this.journal, this.#streams()));
    this.history = new KpiHistory(this.pool);
    this.#aliases = new AliasTable(this.pool);
    this.#network = new StoredNetwork(this.pool, () => network.now());
    this.decoding = {
      aliases: this.#aliases,
      deadLetters: this.deadLetters,
      live: { now: () => network.now() },
    };
    this.#seat = new LeaderSeat(databaseUrl, this.health);
    this.#repairs = new RepairThread(log);
    const watching = { metrics: this.metrics.registry, health: this.health, log };
    this.#patterns = new CallPatterns(watching);
    this.#detection = new Detection({
      lanes: lanesOf(options.feeds),
      rules: options.rules.detection,
      ...watching,
    });
    const { pool } = this;
    const counted = this.metrics.seen;
    this.#whereabouts = new Whereabouts({ ...options, pool, counted });
    this.shards = this.#createShards();
    this.#work = this.#createDecisions();
    this.#ticker = new Ticker({
      journal: this.journal,
      network,
      streams: this.#streams(),
      tickElsewhere: async (nowMs, version) => this.kafka?.tick(nowMs, version),
      holdsBack: () => this.catchUp.holdsBack(),
      networkVersion: () => this.#network.version(),
      isLeading: () => this.#seat.current() !== undefined,
    });
  }

  /** Whether the first look into the database has succeeded, so that input can be taken. */
  get isReady(): boolean {
    return this.#isReady;
  }

  /**
   * Takes the database for this process and reads what must be known before anything begins. May be
   * asked again after a failure.
   * @throws TocsinError `unavailable.postgres`; `lease.lost` while another process has the database
   */
  async prepare(): Promise<void> {
    await this.#seat.take();
    await this.#whereabouts.enforce();
    await this.#aliases.follow();
    await this.#vendors(await this.#network.version());
    this.#ticker.startAfter((await lastTick(this.pool)) ?? 0);
    this.#isReady = true;
    this.health.set('postgres', 'up', 'answers');
  }

  /** Rejects once another process has taken the database over: this one must end. */
  get displaced(): Promise<never> {
    return this.#seat.displaced;
  }

  /** Starts everything, after `prepare`; what goes away later is waited for by the loops themselves. */
  start(): void {
    this.shards.start(this.#streams());
    this.#loop('leader', 1000, () => this.#seat.turn());
    this.#loop('ticks', this.#options.tickMs, () => this.#ticker.turn());
    this.#loop(
      'decisions',
      100,
      (signal) =>
        this.#seat.current() ? this.#work.decisions.turn(signal) : Promise.resolve('idle'),
      () => this.#work.decisions.recover(),
      () => (this.#seat.current() ? this.#work.decisions.condition : undefined),
    );
    this.#loop('lists', 250, () => this.#work.lists.turn());
    const { presence } = this.#whereabouts;
    this.#loop('usual cells', 60_000, () =>
      this.#seat.current() ? this.#whereabouts.learn() : Promise.resolve('idle'),
    );
    this.#loop(
      'presence',
      250,
      () => presence.turn(),
      () => presence.recover(),
    );
    const { pool, health, history } = this;
    const upkeep = new Upkeep({ ...this.#options, pool, health, history, aliases: this.#aliases });
    this.#loop('upkeep', 2000, () => upkeep.turn());
    this.#effects = this.#createEffects();
    this.#effects.start();
  }

  /**
   * Stops in the order of the flow, each stage leaving its state behind; held up for `stopMs` at most.
   * @returns whether all of it went well
   */
  async stop(): Promise<boolean> {
    const { gateway, stopMs = STOP_MS, log } = this.#options;
    const steps: readonly StopStep[] = [
      ['intake', () => this.intake.drain()],
      ['loops', () => Promise.all(this.#loops.map((loop) => loop.stop()))],
      ['shards', () => this.shards.stop(this.shards.streams, true)],
      [
        'models',
        () => Promise.all([this.#detection.close(), this.#repairs.close(), this.#patterns.close()]),
      ],
      ['effects', () => this.#effects?.stop()],
      ['gateway', () => gateway?.port.close()],
      ['history', () => this.history.flush()],
      ['dead letters', () => this.deadLetters.close()],
      ['leader', () => this.#seat.release()],
      ['database', () => Promise.all([this.pool.end(), this.lookupPool.end()])],
    ];
    return stopInOrder(steps, stopMs, log);
  }

  /** How detection's models stood when shards last said so. */
  models() {
    return this.#detection.watch.models();
  }

  /** Compares courses of action beside everything else; undefined while there is no forecast. */
  async whatIf(asked: WhatIfBody): Promise<WhatIfAnswer | undefined> {
    const basis = await readBasis(this.pool);
    const rules = this.#options.rules.forecast;
    return basis === undefined ? undefined : this.#patterns.whatIf.ask({ basis, rules, asked });
  }

  /** A gateway has said what became of a message. */
  receiptCame(): void {
    this.#effects?.receiptCame();
  }

  #streams(): string[] {
    return Array.from({ length: this.#options.shards }, (_, shard) => telemetryStream(shard));
  }

  #createShards(): Shards {
    const { feeds, checkpointMs, log } = this.#options;
    return new Shards({
      journal: this.#routed(),
      checkpoints: new PostgresCheckpoints(this.pool),
      events: new PostgresDetectEvents(this.pool),
      history: this.history,
      detect: (stream) => this.#detection.stage((period) => this.history.observe(period, stream)),
      lanes: new Map(lanesOf(feeds).map(({ feed, periodSeconds }) => [feed, periodSeconds])),
      takeOver: (stream) => takeOver(this.pool, stream),
      ingested: this.metrics.ingested,
      watched: this.#detection.watch.told,
      vendors: (version) => this.#vendors(version),
      checkpointMs,
      health: this.health,
      log,
    });
  }

  #vendors(networkVersion: number): Promise<ReadonlyMap<string, string>> {
    return this.#detection.vendorsOf(this.pool, networkVersion, this.#options.network.now());
  }

  #routed(): RoutedJournal {
    return new RoutedJournal(this.journal, () => this.kafka);
  }

  #createDecisions(): LeaderWork {
    return createDecisions({
      ...this.#options,
      pool: this.pool,
      journal: this.#routed(),
      leadership: this.#seat.current,
      storedNetwork: this.#network,
      fitter: this.#repairs,
      patterns: this.#patterns,
      shards: () => [...this.#streams(), ...(this.kafka?.known() ?? [])],
      refused: (letter) => this.deadLetters.record(letter),
    });
  }

  #createEffects(): Effects {
    return new Effects({
      ...this.#options,
      pool: this.pool,
      accept: (items) => this.intake.accept([{ kind: 'tickets', items }]),
      isLeading: () => this.#seat.current() !== undefined,
      pause: (why) => pauseMessages(this.operators, why, this.#options.network.now()),
      health: this.health,
      metrics: this.metrics.registry,
    });
  }

  #loop(
    name: string,
    idleMs: number,
    turn: (signal: AbortSignal) => Promise<Turn>,
    recover?: () => Promise<void>,
    condition?: () => Condition | undefined,
  ): void {
    const { log } = this.#options;
    const loop = new Loop({
      name,
      idleMs,
      turn,
      health: this.health,
      log,
      ...(recover ? { recover } : {}),
      ...(condition ? { condition } : {}),
    });
    this.#loops.push(loop);
    loop.start();
  }
}
