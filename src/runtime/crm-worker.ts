import { Gauge, type Registry } from 'prom-client';
import type { CrmConnector, FlagChange, FlagKey, FlagQueue } from '../crm/ports.js';
import { TocsinError } from '../domain/errors.js';
import type { Health } from './health.js';
import type { Logger } from './log.js';
import { Loop, type Turn } from './loop.js';

export interface CrmWorkerOptions {
  readonly queue: FlagQueue;
  readonly connector: CrmConnector;
  readonly health: Health;
  readonly log: Logger;
  readonly metrics: Registry;
  /** only the leader's instance works */
  readonly isLeading: () => boolean;
  /** flags per call to the CRM; default 500 */
  readonly batch?: number;
  readonly idleMs?: number;
  /** how often everything is compared, changes or not; default 10 min */
  readonly compareEveryMs?: number;
  /** a monotonic clock; default the process' own */
  readonly now?: () => number;
}

/**
 * Makes a CRM show what is desired. Changes are pushed as they come; from time to time, and after
 * every start or failure, all flags are compared with what the CRM holds and mended in both
 * directions. One worker per connector: the leader's.
 */
export class CrmWorker {
  readonly #options: CrmWorkerOptions;
  readonly #loop: Loop;
  readonly #lagSeconds: Gauge;
  readonly #pending: Gauge;
  readonly #now: () => number;
  #comparedAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: CrmWorkerOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
    const shape = { labelNames: ['connector'], registers: [options.metrics] };
    this.#lagSeconds = new Gauge({
      ...shape,
      name: 'tocsin_crm_lag_seconds',
      help: 'How long the oldest flag that is not pushed yet has waited',
    });
    this.#pending = new Gauge({
      ...shape,
      name: 'tocsin_crm_flags_pending',
      help: 'Flags not pushed yet',
    });
    this.#loop = new Loop({
      name: `crm ${options.connector.name}`,
      idleMs: options.idleMs ?? 1_000,
      turn: () => this.turn(),
      recover: async () => {
        this.#comparedAtMs = Number.NEGATIVE_INFINITY;
        await options.connector.check();
      },
      health: options.health,
      log: options.log,
    });
  }

  start(): void {
    this.#loop.start();
  }

  /** Ends after the batch in hand. */
  async stop(): Promise<void> {
    await this.#loop.stop();
  }

  /**
   * One batch of changes, or a comparison when it is due, which it is when this instance begins to
   * lead. Nothing while another one leads.
   * @throws TocsinError `lease.lost` when another one begins to lead meanwhile
   */
  async turn(): Promise<Turn> {
    const { queue, connector, isLeading, batch = 500, compareEveryMs = 600_000 } = this.#options;
    if (!isLeading()) {
      this.#comparedAtMs = Number.NEGATIVE_INFINITY;
      return 'idle';
    }
    if (this.#now() - this.#comparedAtMs >= compareEveryMs) {
      await this.#compare(batch);
      this.#comparedAtMs = this.#now();
    }
    const changes = await queue.changes(connector.name, batch);
    if (changes.length > 0) {
      await this.#push(changes, changes.at(-1)?.version);
    }
    const { pending, seconds } = await queue.lag(connector.name);
    this.#pending.set({ connector: connector.name }, pending);
    this.#lagSeconds.set({ connector: connector.name }, seconds);
    return pending > 0 ? 'busy' : 'idle';
  }

  async #compare(batch: number): Promise<void> {
    const { queue, connector } = this.#options;
    if (connector.list) await this.#adopt(connector.list.bind(connector), batch);
    for (;;) {
      const differences = await queue.differences(connector.name, batch);
      if (differences.length === 0) return;
      await this.#push(differences);
    }
  }

  /** Takes the CRM's own word for what it holds, page by page. */
  async #adopt(list: NonNullable<CrmConnector['list']>, batch: number): Promise<void> {
    const { queue, connector } = this.#options;
    let after: FlagKey | undefined;
    for (;;) {
      const held = await list(after, batch);
      const isLast = held.length < batch;
      await queue.adopt(connector.name, after, held, isLast);
      if (isLast) return;
      after = held.at(-1)?.flag;
    }
  }

  /** The CRM first, our memory of it after: a crash in between pushes the same again. */
  async #push(changes: readonly FlagChange[], cursor?: number): Promise<void> {
    const { queue, connector } = this.#options;
    const latest = new Map(
      changes.map((each) => [`${each.subscriberId}/${each.incidentId}`, each]),
    );
    const final = [...latest.values()];
    const flags = final.flatMap(({ account, flag }) => (flag === null ? [] : [{ account, flag }]));
    const cleared = final.filter((change) => change.flag === null);
    if (!this.#options.isLeading()) throw new TocsinError('lease.lost', 'another instance leads');
    if (cleared.length > 0) await connector.clear(cleared);
    if (flags.length > 0) await connector.upsert(flags);
    await queue.pushed(connector.name, final, cursor);
  }
}
