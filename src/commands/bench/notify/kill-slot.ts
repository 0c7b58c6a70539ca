import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { type SmsGateway, startSmsGateway } from '../../../../simulators/sms-gateway.js';
import { createPool, query } from '../../../adapters/postgres/pool.js';
import { TocsinError } from '../../../domain/errors.js';
import type { Rules } from '../../../service/rules.js';
import { ACCOUNT, type KillOrder } from './kill-steps.js';
import { killWorker } from './kill-worker.js';

/** How one run ended, by the gateway's own log. */
export interface RunVerdict {
  readonly seed: number;
  /** numbers that were written to more than once */
  readonly twice: number;
  /** people who are neither sent to, suppressed with a reason nor uncertain */
  readonly open: number;
  /** messages that the outbox holds to be sent and the gateway has not, or the other way round */
  readonly wrong: number;
  readonly sent: number;
  readonly uncertain: number;
}

/** Faults by seed: a third of the runs each without, with lost connections, with all of them. */
function faultsOf(seed: number): Parameters<typeof startSmsGateway>[0]['faults'] {
  if (seed % 3 === 0) return {};
  if (seed % 3 === 1) return { dropBeforeRate: 0.2, dropAfterRate: 0.2 };
  return {
    ...{ dropBeforeRate: 0.1, dropAfterRate: 0.1, errorAfterRate: 0.1, serverErrorRate: 0.1 },
    ...{ rateLimitRate: 0.1, retryAfterSeconds: 0 },
  };
}

/** Kept for all runs: opening one costs more than a run's statements. */
const CONNECTIONS = 2;

/** One outbox and one gateway, used for one run after the other. */
export class KillSlot {
  readonly url: string;
  /** for preparing and judging */
  readonly #pool: pg.Pool;
  readonly #workers: pg.Pool;
  readonly #rules: Rules;
  readonly #nowMs: number;
  #gateway: SmsGateway | undefined;
  #seed = 0;

  constructor(url: string, rules: Rules, nowMs: number) {
    this.url = url;
    this.#pool = createPool(url, { max: 1 });
    this.#workers = createPool(url, { max: CONNECTIONS });
    this.#rules = rules;
    this.#nowMs = nowMs;
  }

  /** A fresh gateway, and the wave as it was decided. */
  async prepare(seed: number): Promise<Pick<KillOrder, 'databaseUrl' | 'gatewayUrl' | 'nowMs'>> {
    this.#seed = seed;
    await query(
      this.#pool,
      `delete from outbox; delete from sms_senders; delete from sms_spend;
       update waves set state = 'expanding', expansion_due = true, expanded_to = 0, expanding_at = null, covered_at = '-infinity',
         drained = false, counts = '{}', said_at = null`,
    );
    this.#gateway = await startSmsGateway({ ...ACCOUNT, seed, faults: faultsOf(seed) ?? {} });
    return { databaseUrl: this.url, gatewayUrl: this.#gateway.url, nowMs: this.#nowMs };
  }

  /** After the process was killed: another takes over, and the gateway's log judges. */
  async finish(): Promise<RunVerdict> {
    const gateway = this.#gateway;
    if (!gateway) throw new TocsinError('internal', 'no run was prepared');
    const ends = { pool: this.#workers, gatewayUrl: gateway.url, nowMs: this.#nowMs };
    // What a killed process sent last may still be on its way into the gateway.
    await delay(100);
    const isListComplete = this.#seed % 2 === 0;
    const worker = killWorker(ends, this.#rules, { isListComplete });
    worker.start();
    await this.#settled();
    await worker.stop();
    const verdict = await this.#judge(gateway);
    await gateway.stop();
    return verdict;
  }

  /** Waits until no message is under way; leases end as if their time had passed. */
  async #settled(): Promise<void> {
    for (let turn = 0; turn < 3000; turn++) {
      const { rows } = await query<{ isOpen: boolean }>(
        this.#pool,
        `with ended as (
           update outbox set lease_until = clock_timestamp() - interval '1 second'
           where state = 'claimed' and (reason = 'fateUnknown' or $1)
           returning 1)
         select exists (select from outbox where state in ('pending', 'claimed'))
           or exists (select from waves where expansion_due)
           or exists (select from ended) as "isOpen"`,
        [turn === 0],
      );
      if (rows[0]?.isOpen === false) return;
      await query(
        this.#pool,
        'update outbox set not_before = clock_timestamp() where not_before is not null',
      );
      await delay(10);
    }
  }

  async #judge(gateway: SmsGateway): Promise<RunVerdict> {
    const taken = new Map<string, number>();
    for (const { to } of gateway.sent()) taken.set(to, (taken.get(to) ?? 0) + 1);
    const { rows } = await query<{ to: string; state: string | null; reason: string | null }>(
      this.#pool,
      `select d.value as "to", o.state, o.reason from subscriber_identifiers d
       left join outbox o on o.phone_key = d.phone_key where d.kind = 'msisdn'`,
    );
    const isSent = (state: string | null): boolean => state === 'accepted' || state === 'delivered';
    return {
      seed: this.#seed,
      twice: [...taken.values()].filter((count) => count > 1).length,
      open: rows.filter(
        ({ state, reason }) =>
          !isSent(state) && state !== 'uncertain' && !(state === 'suppressed' && reason !== null),
      ).length,
      wrong: rows.filter(
        ({ to, state }) => state !== 'uncertain' && isSent(state) !== taken.has(to),
      ).length,
      sent: rows.filter(({ state }) => isSent(state)).length,
      uncertain: rows.filter(({ state }) => state === 'uncertain').length,
    };
  }

  async close(): Promise<void> {
    await Promise.all([this.#pool.end(), this.#workers.end()]);
  }
}
