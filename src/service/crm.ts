import type pg from 'pg';
import { PostgresCrmConnector } from '../adapters/crm/postgres-connector.js';
import { RestCrmConnector } from '../adapters/crm/rest-connector.js';
import { Tmf621Client } from '../adapters/crm/tmf621-client.js';
import type { Tmf621Config } from '../adapters/crm/tmf621-config.js';
import { PostgresDailyQuota } from '../adapters/postgres/crm-quota.js';
import { PostgresFlagQueue } from '../adapters/postgres/crm-store.js';
import { PostgresIncidentTickets } from '../adapters/postgres/incident-tickets.js';
import { createPool } from '../adapters/postgres/pool.js';
import { type CrmConfig, durationMs } from '../config.js';
import type { CrmConnector } from '../crm/ports.js';
import type { TicketSystem } from '../crm/ticket-ports.js';
import { CrmMetrics } from '../runtime/crm-metrics.js';
import { CrmWorker } from '../runtime/crm-worker.js';
import { Loop, type Turn } from '../runtime/loop.js';
import { TicketSync, type TicketSyncOptions } from '../runtime/ticket-sync.js';

/** A place that flags are pushed to. */
export type FlagConfig = Exclude<CrmConfig, { kind: 'tmf621' }>;

const TABLE: FlagConfig = { kind: 'postgres' };
const isTicketSystem = (config: CrmConfig) => config.kind === 'tmf621';

/** A connector of the configuration; nothing is connected yet. @param pool Tocsin's own database */
export function createConnector(config: FlagConfig, pool: pg.Pool): CrmConnector {
  if (config.kind === 'postgres') {
    const { name = 'postgres', url } = config;
    if (url === undefined) return new PostgresCrmConnector(pool, { name });
    return new PostgresCrmConnector(createPool(url, { max: 2 }), { name, ownsPool: true });
  }
  const { timeout } = config;
  return new RestCrmConnector({
    config,
    quota: new PostgresDailyQuota(pool),
    now: () => performance.now(),
    ...(timeout === undefined ? {} : { timeoutMs: durationMs(timeout) }),
  });
}

/** A ticket system of the configuration. */
export function createTicketSystem(config: Tmf621Config): TicketSystem {
  return new Tmf621Client(config, durationMs(config.timeout ?? '10s'));
}

export interface CrmPushOptions
  extends Pick<TicketSyncOptions, 'health' | 'log' | 'isLeading' | 'network' | 'accept'> {
  readonly pool: pg.Pool;
  /** absent: the table in Tocsin's own database */
  readonly crm?: readonly CrmConfig[];
  readonly registry: ConstructorParameters<typeof CrmMetrics>[0];
}

const TIDY_EVERY_MS = 600_000;

/** What was pushed to a CRM that is no longer configured is forgotten; its flags expire by themselves. */
function tidyLoop(
  queue: PostgresFlagQueue,
  names: readonly string[],
  { isLeading, health, log }: Pick<CrmPushOptions, 'isLeading' | 'health' | 'log'>,
): Loop {
  const turn = async (): Promise<Turn> => {
    if (!isLeading()) return 'idle';
    const gone = await queue.forgetOthers(names);
    if (gone.length > 0) {
      log.warn({ connectors: gone }, 'not configured any more: what they had is forgotten');
    }
    return 'idle';
  };
  return new Loop({ name: 'crm connectors', idleMs: TIDY_EVERY_MS, turn, health, log });
}

/** Flags and tickets on their way to every CRM of the configuration, each at its own pace. */
export class CrmPush {
  readonly #outside: readonly { close(): Promise<void> }[];
  readonly #workers: readonly { start(): void; stop(): Promise<void> }[];

  constructor({ pool, crm = [TABLE], registry, accept, ...rest }: CrmPushOptions) {
    const flags = crm.flatMap((each) => (each.kind === 'tmf621' ? [] : [each]));
    const isTicketsOnly = crm.length > 0 && crm.every(isTicketSystem);
    const connectors = (isTicketsOnly ? [TABLE] : flags).map((each) => createConnector(each, pool));
    const systems = crm.flatMap((each) =>
      each.kind === 'tmf621' ? [createTicketSystem(each)] : [],
    );
    const metrics = new CrmMetrics(registry);
    const queue = new PostgresFlagQueue(pool);
    const store = new PostgresIncidentTickets(pool);
    this.#outside = [...connectors, ...systems];
    this.#workers = [
      ...connectors.map((connector) => new CrmWorker({ ...rest, queue, connector, metrics })),
      ...systems.map((system) => new TicketSync({ ...rest, store, system, accept })),
      tidyLoop(
        queue,
        connectors.map(({ name }) => name),
        rest,
      ),
    ];
  }

  start(): void {
    for (const worker of this.#workers) worker.start();
  }

  async stop(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.stop()));
    await Promise.all(this.#outside.map((each) => each.close()));
  }
}
