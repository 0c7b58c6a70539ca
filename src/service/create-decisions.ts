import type pg from 'pg';
import { PostgresFlagStore } from '../adapters/postgres/crm-store.js';
import { PostgresDecisionStore } from '../adapters/postgres/decision-store.js';
import { PostgresDetectEvents } from '../adapters/postgres/detect-events.js';
import { PostgresImpactStore } from '../adapters/postgres/impact-store.js';
import { ImpactWorker } from '../adapters/postgres/impact-worker.js';
import type { StoredNetwork } from '../adapters/postgres/import-versions.js';
import type { Leadership } from '../adapters/postgres/leader.js';
import { PostgresPartnerDesk } from '../adapters/postgres/partner-desk.js';
import { PostgresSurgeDesk } from '../adapters/postgres/surge-desk.js';
import { PostgresWaveStore } from '../adapters/postgres/wave-store.js';
import { createCorrelate } from '../correlate/correlate.js';
import type { RepairFitter } from '../correlate/repair/ports.js';
import type { DeadLetter } from '../domain/facts.js';
import type { MessagePlanner } from '../notify/ports.js';
import type { Clock } from '../runtime/clock.js';
import type { LiveEvent } from '../runtime/decisions/ports.js';
import { DecisionRunner } from '../runtime/decisions/runner.js';
import type { StreamJournal } from '../runtime/routed-journal.js';
import type { CompiledFeed } from '../sources/compiled-feed.js';
import type { CallPatterns } from './call-patterns.js';
import type { DeskSetup } from './desk-effects.js';
import { lanesOf, type Rules } from './rules.js';
import { StoredCalls } from './stored-calls.js';

/** What the leader's decisions stand on. */
export interface DecisionsOptions {
  readonly pool: pg.Pool;
  readonly journal: StreamJournal;
  readonly leadership: () => Leadership | undefined;
  readonly rules: Rules;
  /** absent: nobody is told of surges */
  readonly desk?: DeskSetup;
  readonly feeds: readonly CompiledFeed[];
  readonly storedNetwork: StoredNetwork;
  /** learns times to repair beside the decisions */
  readonly fitter: RepairFitter;
  /** learns ordinary call patterns beside the decisions */
  readonly patterns: CallPatterns;
  /** streams whose watermark decisions wait for */
  readonly shards: () => readonly string[];
  readonly network: Clock;
  readonly speed: number;
  readonly publish: (event: LiveEvent) => void;
  readonly refused: (letter: DeadLetter) => void;
}

const REFRESH_MS = 60_000;
const FORECAST_MS = 300_000;
const CHECKPOINT_MS = 300_000;
/** Decisions this far behind are said to be, in wall time. */
const LAG_MS = 120_000;

/** The leader's work: decisions, and the long lists they leave behind. */
export interface LeaderWork {
  readonly decisions: DecisionRunner;
  readonly lists: ImpactWorker;
}

/** The leader's decisions over Postgres: correlate, impact, messages, flags, forecast. */
export function createDecisions(options: DecisionsOptions): LeaderWork {
  const { pool, leadership, rules, publish, network } = options;
  const work = {
    impact: new PostgresImpactStore(rules.impact),
    waves: toldOfIncidents(rules),
    flags: new PostgresFlagStore(rules.crm, rules.texts),
    desk: new PostgresSurgeDesk(rules.desk, options.desk?.config.recipients ?? []),
  };
  const decisions = createRunner(options, new PostgresDecisionStore(pool, leadership, work));
  const lists = new ImpactWorker({
    ...work,
    pool,
    leadership,
    now: () => decisions.tickMs,
    completed: (id) => publish({ type: 'incident', id, at: new Date(network.now()).toISOString() }),
  });
  return { decisions, lists };
}

/** Customers by text, partners in counts: whoever is told of an incident. */
function toldOfIncidents({ policy, partners }: Rules): MessagePlanner<pg.ClientBase> {
  const waves = new PostgresWaveStore({ policy });
  const desk = new PostgresPartnerDesk(partners, policy.shadow);
  return {
    async planMessages(client, incident, impact, nowMs) {
      const verdict = await waves.planMessages(client, incident, impact, nowMs);
      await desk.tell(client, incident, impact, nowMs);
      return verdict;
    },
  };
}

function createRunner(options: DecisionsOptions, store: PostgresDecisionStore): DecisionRunner {
  const { pool, journal, rules, feeds, storedNetwork, network } = options;
  const forecasts = new StoredCalls(options);
  return new DecisionRunner({
    journal,
    events: new PostgresDetectEvents(pool),
    store,
    correlate: async () =>
      createCorrelate(await storedNetwork.load(), rules.correlation, lanesOf(feeds), {
        wanted: rules.detection,
        fitter: options.fitter,
      }),
    network: (version) => storedNetwork.newerThanLoaded(version),
    forecaster: () => forecasts.load(),
    newerForecaster: (version) => forecasts.newerThanLoaded(version),
    learnt: options.patterns.learnt,
    shards: options.shards,
    publish: options.publish,
    refreshMs: REFRESH_MS,
    forecastMs: FORECAST_MS,
    checkpointMs: CHECKPOINT_MS,
    now: () => network.now(),
    lagMs: LAG_MS * options.speed,
    refused: options.refused,
  });
}
