import { randomUUID } from 'node:crypto';
import {
  type CrmConnector,
  type FlagChange,
  type FlagKey,
  type FlagQueue,
  flagName,
  type Pushed,
} from '../crm/ports.js';
import { TocsinError } from '../domain/errors.js';
import type { CrmMetrics } from './crm-metrics.js';
import type { Health } from './health.js';
import type { Logger } from './log.js';
import { Loop, type Turn } from './loop.js';

export interface CrmWorkerOptions {
  readonly queue: FlagQueue;
  readonly connector: CrmConnector;
  readonly health: Health;
  readonly log: Logger;
  readonly metrics: CrmMetrics;
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
  readonly #now: () => number;
  #round = '';
  #refused = 0;
  #whyRefused = '';
  #comparedAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: CrmWorkerOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
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
    const { queue, connector, isLeading, metrics, batch = 500 } = this.#options;
    const { compareEveryMs = 600_000 } = this.#options;
    if (!isLeading()) {
      this.#comparedAtMs = Number.NEGATIVE_INFINITY;
      return 'idle';
    }
    const changes = await queue.changes(connector.name, batch);
    if (changes.length > 0) {
      await this.#push(changes, '');
      const cursor = changes.at(-1)?.version;
      if (cursor !== undefined) await queue.pushed(connector.name, [], { cursor });
    }
    // A change that failed is first tried again as that very change, which a CRM can tell from a new one.
    const sinceMs = this.#now() - this.#comparedAtMs;
    if (sinceMs >= compareEveryMs && (changes.length === 0 || sinceMs < Number.POSITIVE_INFINITY)) {
      await this.#compare(batch);
      this.#comparedAtMs = this.#now();
    }
    const { pending, seconds, refused } = await queue.lag(connector.name);
    metrics.pending.set({ connector: connector.name }, pending);
    metrics.lagSeconds.set({ connector: connector.name }, seconds);
    metrics.refusedNow.set({ connector: connector.name }, refused);
    this.#tellRefused(refused);
    return pending > 0 || changes.length > 0 ? 'busy' : 'idle';
  }

  /** What a CRM will not take stands in `/health`, since nobody else would notice. */
  #tellRefused(refused: number): void {
    const { connector, health } = this.#options;
    if (refused === this.#refused) return;
    this.#refused = refused;
    const why = this.#whyRefused === '' ? '' : `, such as ${this.#whyRefused}`;
    const detail =
      refused === 0 ? 'none is refused' : `${refused} flags are refused for good${why}`;
    health.set(`crm ${connector.name} flags`, refused === 0 ? 'up' : 'degraded', detail);
  }

  async #compare(batch: number): Promise<void> {
    const { queue, connector } = this.#options;
    this.#round = randomUUID();
    if (connector.list) await this.#adopt(connector.list.bind(connector), batch);
    for (;;) {
      const differences = await queue.differences(connector.name, batch);
      if (differences.length === 0) return;
      await this.#push(differences, `/${this.#round}`);
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

  /**
   * Clears, then writes what is not pushed yet: the CRM first, our memory of it after, so that a crash
   * in between pushes the same again. What was dealt with is remembered though the rest fails.
   * @param round tells pushes of a comparison from those of a change
   * @throws TocsinError what the CRM failed by
   */
  async #push(changes: readonly FlagChange[], round: string): Promise<void> {
    const { connector } = this.#options;
    const latest = new Map(changes.map((each) => [flagName(each), each]));
    const due = [...latest.values()].filter(({ isPushed }) => !isPushed);
    const intentOf = ({ version }: FlagChange): string => `${version}${round}`;
    const cleared = due.filter(({ flag }) => flag === null);
    await this.#carryOut(cleared, (some) =>
      connector.clear(some.map((each) => ({ ...each, intent: intentOf(each) }))),
    );
    const written = due.filter(({ flag }) => flag !== null);
    await this.#carryOut(written, (some) =>
      connector.upsert(
        some.flatMap((each) => {
          const { account, flag } = each;
          return flag === null ? [] : [{ account, flag, intent: intentOf(each) }];
        }),
      ),
    );
  }

  async #carryOut(
    changes: readonly FlagChange[],
    push: (some: readonly FlagChange[]) => Promise<Pushed>,
  ): Promise<void> {
    const { queue, connector, isLeading, log, metrics } = this.#options;
    const size = connector.batch ?? Number.POSITIVE_INFINITY;
    for (let from = 0; from < changes.length; from += size) {
      if (!isLeading()) throw new TocsinError('lease.lost', 'another instance leads');
      const some = changes.slice(from, from + size);
      const { dealtWith, refused, stoppedBy } = await push(some);
      if (dealtWith > 0) {
        await queue.pushed(connector.name, some.slice(0, dealtWith), {
          refused: new Map(refused.map(({ key, reason: why }) => [flagName(key), why])),
        });
      }
      metrics.pushed.inc({ connector: connector.name }, dealtWith - refused.length);
      metrics.refused.inc({ connector: connector.name }, refused.length);
      // What it refuses for good is remembered as that: another flag is tried again, a renewed one tomorrow.
      if (refused[0] !== undefined) {
        const { key, reason } = refused[0];
        this.#whyRefused = reason;
        log.warn(
          { connector: connector.name, ...key, reason, flags: refused.length },
          'flag refused',
        );
      }
      if (stoppedBy !== null) throw stoppedBy;
    }
  }
}
