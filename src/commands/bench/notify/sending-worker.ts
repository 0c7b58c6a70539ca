import type pg from 'pg';
import type { Registry } from 'prom-client';
import { PostgresOutboxQueue } from '../../../adapters/postgres/outbox-queue.js';
import { PostgresWaveStore } from '../../../adapters/postgres/wave-store.js';
import type { OutboxQueue, SmsGateway } from '../../../notify/ports.js';
import { wallClock } from '../../../runtime/clock.js';
import { Health } from '../../../runtime/health.js';
import { createLog } from '../../../runtime/log.js';
import { OutboxWorker, type OutboxWorkerOptions } from '../../../runtime/outbox-worker.js';
import type { Rules } from '../../../service/rules.js';

/** What a measured sender stands on, and where it differs from the service's. */
export interface SendingOptions
  extends Pick<
    OutboxWorkerOptions,
    'metrics' | 'maxInFlight' | 'idleMs' | 'breakMs' | 'failuresToBreak'
  > {
  readonly pool: pg.Pool;
  readonly gateway: SmsGateway;
  readonly rules: Pick<Rules, 'policy' | 'texts'>;
  /** network time, epoch ms; it stands still */
  readonly nowMs: number;
  readonly metrics: Registry;
  /** default 1,000,000, which is no limit */
  readonly segmentsPerSecond?: number;
  /** the queue seen through something else */
  readonly watched?: (queue: OutboxQueue) => OutboxQueue;
}

/** An outbox worker as the service runs it, over one database and one gateway. */
export function sendingWorker(options: SendingOptions): OutboxWorker {
  const { pool, rules, nowMs, segmentsPerSecond = 1_000_000, watched, ...others } = options;
  const { policy, texts } = rules;
  const queue = new PostgresOutboxQueue(pool, new PostgresWaveStore({ policy }), policy);
  return new OutboxWorker({
    ...others,
    queue: watched?.(queue) ?? queue,
    policy,
    texts,
    network: { now: () => nowMs },
    speed: 1,
    sender: { name: 'bench', segmentsPerSecond },
    health: new Health(wallClock, wallClock),
    log: createLog('silent'),
    publish: () => undefined,
  });
}
