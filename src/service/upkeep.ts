import type pg from 'pg';
import type { AliasTable } from '../adapters/postgres/aliases.js';
import type { KpiHistory } from '../adapters/postgres/kpi-history.js';
import { query } from '../adapters/postgres/pool.js';
import { applyRetention, type Retention } from '../adapters/postgres/retention.js';
import { messageOf } from '../domain/errors.js';
import { type Clock, wallClock } from '../runtime/clock.js';
import type { Health } from '../runtime/health.js';
import type { Turn } from '../runtime/loop.js';
import { reasonOf } from './while-away.js';

const RETENTION_MS = 600_000;

export interface UpkeepOptions {
  readonly pool: pg.Pool;
  readonly health: Health;
  readonly history: KpiHistory;
  readonly aliases: AliasTable;
  readonly retention: Retention & { readonly historyDays: number };
  readonly network: Clock;
}

/** Looks after the database: whether it answers, KPI history, aliases, what is past its retention. */
export class Upkeep {
  readonly #options: UpkeepOptions;
  #retentionAtMs = 0;

  constructor(options: UpkeepOptions) {
    this.#options = options;
  }

  /** @throws TocsinError `unavailable.postgres` */
  async turn(): Promise<Turn> {
    const { pool, health, history, aliases, retention, network } = this.#options;
    try {
      await query(pool, 'select 1');
      health.set('postgres', 'up', 'answers');
    } catch (error) {
      health.set('postgres', 'down', messageOf(error), reasonOf(error));
      throw error;
    }
    await history.flushFull();
    await aliases.follow();
    if (wallClock.now() - this.#retentionAtMs > RETENTION_MS) {
      await aliases.refresh();
      await applyRetention(pool, retention, network.now());
      await history.prune(network.now() - retention.historyDays * 86_400_000);
      this.#retentionAtMs = wallClock.now();
    }
    return 'idle';
  }
}
