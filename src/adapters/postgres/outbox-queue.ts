import type pg from 'pg';
import type { MessageState } from '../../domain/customer.js';
import { type Repair, repairBandMs } from '../../domain/repair.js';
import type { DispatchDecision, DispatchFacts } from '../../notify/decide-dispatch.js';
import type { NotificationPolicy } from '../../notify/policy.js';
import type {
  ClaimedSms,
  FindResult,
  HandOver,
  HandOverResult,
  OutboxQueue,
  SendRecord,
  Unsettled,
} from '../../notify/ports.js';
import { type RowChange, recordChanges, rowChangeOf, settledChange } from './outbox-record.js';
import { REOPEN_RESTORED, TAKE_DUE, TAKE_UNSETTLED, WRITE_DECISIONS } from './outbox-sql.js';
import { query, withTransaction } from './pool.js';
import { readSwitches } from './switches.js';
import type { PostgresWaveStore } from './wave-store.js';

interface DueRow
  extends Omit<
    DispatchFacts,
    | 'validUntilMs'
    | 'startedAtMs'
    | 'endedAtMs'
    | 'estimatedRepairAtMs'
    | 'repairBandMs'
    | 'hasNumber'
  > {
  readonly messageId: string;
  readonly incidentId: string;
  readonly attempts: number;
  readonly refusals: number;
  readonly validUntil: Date;
  readonly startedAt: Date;
  readonly endedAt: Date | null;
  readonly estimatedRepairAt: Date | null;
  readonly repair: Repair | null;
  readonly to: string | null;
}

interface Verdict {
  readonly row: DueRow;
  readonly decision: DispatchDecision;
}

const WAKE = 5_000;
const LONGEST_HOLD_MS = 6 * 3_600_000;

/**
 * The outbox in Postgres. A message leaves the queue in the transaction that decides about it, which
 * marks it `claimed`; only after the commit is it sent. So a claimed row means "may have been sent",
 * and a row in any other state that it surely is not under way.
 */
export class PostgresOutboxQueue implements OutboxQueue {
  readonly #pool: pg.Pool;
  readonly #waves: PostgresWaveStore;
  readonly #policy: NotificationPolicy;

  constructor(pool: pg.Pool, waves: PostgresWaveStore, policy: NotificationPolicy) {
    this.#pool = pool;
    this.#waves = waves;
    this.#policy = policy;
  }

  expand(): Promise<boolean> {
    return this.#waves.expand(this.#pool);
  }

  async wake(): Promise<number> {
    const { rowCount } = await query(
      this.#pool,
      `update outbox set not_before = null where message_id in (
         select message_id from outbox
         where state = 'pending' and not_before <= clock_timestamp()
         order by not_before limit ${WAKE} for update skip locked)`,
    );
    return rowCount ?? 0;
  }

  async handOver(request: HandOver): Promise<HandOverResult> {
    return withTransaction(this.#pool, async (client) => {
      const board = await readSwitches(client);
      // A worker that is frozen in here must not keep incidents locked.
      await client.query(`set local idle_in_transaction_session_timeout = '15s'`);
      if (board.isKilled) return { ...summarise([], request), isKilled: true };
      const { rows } = await client.query<DueRow>(TAKE_DUE, [
        request.maxMessages,
        this.#policy.people.minProbability,
      ]);
      const verdicts = decideAll(rows, request, (facts) => request.decide(facts, board));
      if (verdicts.length > 0) await writeVerdicts(client, verdicts, request);
      return { ...summarise(verdicts, request), isKilled: false };
    });
  }

  async record(records: readonly SendRecord[]): Promise<void> {
    await this.#write(records.map(rowChangeOf));
  }

  async release(messages: readonly ClaimedSms[]): Promise<void> {
    const changes = messages.map(({ messageId, attempt }) => ({
      messageId,
      attempt,
      state: 'pending' as const,
      reason: null,
      gatewayId: null,
      retryMs: null,
    }));
    await this.#write(changes);
  }

  async takeUnsettled(limit: number, leaseMs: number): Promise<Unsettled[]> {
    const { rows } = await query<
      Omit<Unsettled, 'to' | 'handedOverAtMs'> & { to: string | null; handedOverAt: Date }
    >(this.#pool, TAKE_UNSETTLED, [limit, leaseMs]);
    return rows.map(({ to, handedOverAt, ...row }) => ({
      ...row,
      to: to ?? '',
      validitySeconds: 1,
      handedOverAtMs: handedOverAt.getTime(),
    }));
  }

  async settle(message: Unsettled, found: FindResult): Promise<MessageState> {
    const change = settledChange(message, found);
    await this.#write([change]);
    return change.state;
  }

  async isGatewayIdTaken(gatewayId: string): Promise<boolean> {
    const { rowCount } = await query(this.#pool, `select 1 from outbox where gateway_id = $1`, [
      gatewayId,
    ]);
    return (rowCount ?? 0) > 0;
  }

  async depth(): Promise<Readonly<Record<string, number>>> {
    const { rows } = await query<{ state: string; count: number }>(
      this.#pool,
      `select o.state, count(*)::int as count from outbox o join waves w using (wave_id)
       where not w.drained and o.state in ('pending', 'claimed') group by o.state`,
    );
    return Object.fromEntries(rows.map((row) => [row.state, row.count]));
  }

  async #write(changes: readonly RowChange[]): Promise<void> {
    if (changes.length === 0) return;
    await withTransaction(this.#pool, async (client) => {
      const told = await recordChanges(client, changes);
      if (told.length > 0) await client.query(REOPEN_RESTORED, [told]);
    });
  }
}

/** Decides row by row until the segments are used up; what is left over stays as it is. */
function decideAll(
  rows: readonly DueRow[],
  request: HandOver,
  decide: (facts: DispatchFacts) => DispatchDecision,
): Verdict[] {
  const verdicts: Verdict[] = [];
  let segments = 0;
  for (const row of rows) {
    const decision = decide(factsOf(row));
    if (decision.action === 'send') {
      if (segments >= request.maxSegments) continue;
      segments += decision.sms.size.segments;
    }
    verdicts.push({ row, decision });
  }
  return verdicts;
}

function factsOf(row: DueRow): DispatchFacts {
  return {
    ...row,
    validUntilMs: row.validUntil.getTime(),
    startedAtMs: row.startedAt.getTime(),
    endedAtMs: row.endedAt?.getTime() ?? null,
    estimatedRepairAtMs: row.estimatedRepairAt?.getTime() ?? null,
    repairBandMs: repairBandMs(row.repair),
    hasNumber: row.to !== null,
  };
}

const STATE_OF = { send: 'claimed', suppress: 'suppressed', hold: 'pending' } as const;

async function writeVerdicts(
  client: pg.PoolClient,
  verdicts: readonly Verdict[],
  request: HandOver,
): Promise<void> {
  await client.query(WRITE_DECISIONS, [
    verdicts.map(({ row }) => row.messageId),
    verdicts.map(({ decision }) => STATE_OF[decision.action]),
    verdicts.map(({ decision }) => (decision.action === 'send' ? null : decision.reason)),
    verdicts.map(({ decision }) =>
      decision.action === 'hold' ? holdMs(decision.untilMs, request) : null,
    ),
    verdicts.map(({ decision }) => (decision.action === 'send' ? decision.sms.text : null)),
    verdicts.map(({ decision }) =>
      decision.action === 'send' ? decision.sms.size.segments : null,
    ),
    request.settleAfterMs,
  ]);
}

/** Network time until a hold ends, in wall time; bounded, since it is decided again anyway. */
function holdMs(untilMs: number, { nowMs, speed }: HandOver): number {
  return Math.min(LONGEST_HOLD_MS, Math.max(0, (untilMs - nowMs) / speed));
}

function summarise(
  verdicts: readonly Verdict[],
  request: HandOver,
): Omit<HandOverResult, 'isKilled'> {
  const messages: ClaimedSms[] = [];
  const suppressed: Record<string, number> = {};
  const held: Record<string, number> = {};
  for (const { row, decision } of verdicts) {
    if (decision.action === 'send') messages.push(claimedOf(row, decision, request.speed));
    else {
      const counts = decision.action === 'hold' ? held : suppressed;
      counts[decision.reason] = (counts[decision.reason] ?? 0) + 1;
    }
  }
  const incidentIds = [...new Set(verdicts.map(({ row }) => row.incidentId))];
  return { messages, suppressed, held, incidentIds };
}

function claimedOf(
  row: DueRow,
  decision: Extract<DispatchDecision, { action: 'send' }>,
  speed: number,
): ClaimedSms {
  return {
    messageId: row.messageId,
    to: row.to ?? '',
    text: decision.sms.text,
    segments: decision.sms.size.segments,
    validitySeconds: Math.max(1, Math.floor(decision.validityMs / speed / 1000)),
    attempt: row.attempts + 1,
    refusals: row.refusals,
  };
}
