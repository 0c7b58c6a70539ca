import type pg from 'pg';
import { CHANNELS, type Channel, type MessageState } from '../../domain/customer.js';
import { type BatchVerdict, decideBatch } from '../../notify/decide-batch.js';
import type { DispatchDecision } from '../../notify/decide-dispatch.js';
import type { NotificationPolicy } from '../../notify/policy.js';
import type {
  ClaimedSms,
  FindResult,
  HandOver,
  HandOverResult,
  MessageMore,
  OutboxQueue,
  SendRecord,
  Unsettled,
} from '../../notify/ports.js';
import type { RenderedSms } from '../../notify/text-facts.js';
import { type RowChange, recordChanges, rowChangeOf, settledChange } from './outbox-record.js';
import { type DueMessage, type DueRow, dueMessage } from './outbox-rows.js';
import {
  DRAW_FROM_BUCKET,
  FALL_BACK,
  FILL_BUCKET,
  NOTE_SAID,
  REOPEN_RESTORED,
  SPEND,
  TAKE_DUE,
  TAKE_UNSETTLED,
  WRITE_DECISIONS,
} from './outbox-sql.js';
import { query, withTransaction } from './pool.js';
import { readSwitches } from './switches.js';
import type { PostgresWaveStore } from './wave-store.js';

type Verdict = BatchVerdict<DueMessage>;

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
      // A worker that is frozen in here must not keep incidents locked.
      await client.query(`set local idle_in_transaction_session_timeout = '15s'`);
      const bucket = await fillBucket(client, request);
      // read once the bucket is ours: another instance may have held it for a while
      const board = await readSwitches(client);
      if (board.isKilled) return { ...summarise([], request), isKilled: true, waitMs: 0 };
      if (bucket.segments < 1) {
        return { ...summarise([], request), isKilled: false, waitMs: bucket.waitMs };
      }
      const { rows } = await client.query<DueRow>(TAKE_DUE, [
        request.maxMessages,
        this.#policy.people.minProbability,
        request.sender.channels ?? CHANNELS,
      ]);
      const verdicts = decideBatch(
        rows.map((row) => dueMessage(row, this.#policy)),
        bucket.segments,
        (facts) => request.decide(facts, board),
      );
      if (verdicts.length > 0) await writeVerdicts(client, verdicts, request);
      return { ...summarise(verdicts, request), isKilled: false, waitMs: 0 };
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

  async takeUnsettled(
    limit: number,
    leaseMs: number,
    channels: readonly Channel[] = CHANNELS,
  ): Promise<Unsettled[]> {
    const { rows } = await query<
      Omit<Unsettled, 'to' | 'handedOverAtMs'> & { to: string | null; handedOverAt: Date }
    >(this.#pool, TAKE_UNSETTLED, [limit, leaseMs, channels]);
    return rows.map(({ to, handedOverAt, ...row }) => ({
      ...row,
      to: to ?? '',
      validitySeconds: 1,
      handedOverAtMs: handedOverAt.getTime(),
    }));
  }

  async settle(message: Unsettled, found: FindResult): Promise<MessageState> {
    const change = settledChange(message, found);
    const wentOn = await this.#write([change], true);
    return wentOn ? 'pending' : change.state;
  }

  async isGatewayIdTaken(gatewayId: string, channel: Channel = 'sms'): Promise<boolean> {
    const { rowCount } = await query(
      this.#pool,
      `select 1 from outbox where gateway_id = $1 and channel = $2`,
      [gatewayId, channel],
    );
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

  /**
   * @param isLate whether gateways had taken what failed
   * @returns whether some went on by another channel
   */
  async #write(changes: readonly RowChange[], isLate = false): Promise<boolean> {
    if (changes.length === 0) return false;
    return withTransaction(this.#pool, async (client) => {
      const { told, failed } = await recordChanges(client, changes);
      if (told.length > 0) await client.query(REOPEN_RESTORED, [told]);
      if (failed.length === 0) return false;
      const { rowCount } = await client.query(FALL_BACK, [failed, isLate]);
      return (rowCount ?? 0) > 0;
    });
  }
}

/** Seconds of a sender's throughput that may leave at once, and that may lie with it unanswered. */
const BURST_SECONDS = 1;
const UNANSWERED_SECONDS = 5;
const LOOK_FOR_ANSWERS_MS = 100;

async function fillBucket(
  client: pg.PoolClient,
  { sender, maxSegments = Number.POSITIVE_INFINITY }: HandOver,
): Promise<{ segments: number; waitMs: number }> {
  const { name, segmentsPerSecond: rate, channels = CHANNELS } = sender;
  const { rows } = await client.query<{ tokens: number; unanswered: number }>(FILL_BUCKET, [
    name,
    Math.max(1, BURST_SECONDS * rate),
    rate,
    Math.max(1, UNANSWERED_SECONDS * rate),
    channels,
  ]);
  const { tokens = 0, unanswered = 0 } = rows[0] ?? {};
  const segments = Math.min(maxSegments, Math.floor(tokens + 1e-9), Math.floor(unanswered + 1e-9));
  const emptyMs = tokens < 1 ? Math.max(5, ((1 - tokens) / rate) * 1000) : LOOK_FOR_ANSWERS_MS;
  return { segments, waitMs: Math.ceil(emptyMs) };
}

const STATE_OF = {
  send: 'claimed',
  suppress: 'suppressed',
  hold: 'pending',
  reroute: 'pending',
} as const;

async function writeVerdicts(
  client: pg.PoolClient,
  verdicts: readonly Verdict[],
  request: HandOver,
): Promise<void> {
  const sends = verdicts.map(({ decision }) => (decision.action === 'send' ? decision : undefined));
  await client.query(WRITE_DECISIONS, [
    verdicts.map(({ row }) => row.row.messageId),
    verdicts.map(({ decision }) => STATE_OF[decision.action]),
    verdicts.map(({ decision }) => ('reason' in decision ? decision.reason : null)),
    verdicts.map(({ decision }) =>
      decision.action === 'hold' ? holdMs(decision.untilMs, request) : null,
    ),
    sends.map((send) => send?.sms.text ?? null),
    sends.map((send) => send?.sms.size.segments ?? null),
    request.settleAfterMs,
    sends.map((send) => dateOf(send?.saysUntilMs)),
    sends.map((send) => send?.rewritten ?? null),
    new Date(request.nowMs),
    verdicts.map(({ row, decision }) =>
      decision.action === 'reroute' ? decision.channel : row.facts.channel,
    ),
    sends.map((send) => send?.fallback?.channel ?? null),
    sends.map((send) => send?.fallback?.isLate ?? false),
  ]);
  const leaving = verdicts.flatMap(({ row: { row }, decision }) =>
    decision.action === 'send' ? [{ ...row, ...decision }] : [],
  );
  if (leaving.length === 0) return;
  const segments = leaving.map(({ sms }) => sms.size.segments);
  const total = segments.reduce((sum, each) => sum + each, 0);
  const saidBy = new Map(leaving.map((each) => [each.waveId, dateOf(each.saysUntilMs)]));
  await client.query(NOTE_SAID, [[...saidBy.keys()], [...saidBy.values()]]);
  await client.query(SPEND, [
    leaving.map(({ lineageId }) => lineageId),
    segments,
    leaving.map(({ channel }) => channel),
  ]);
  await client.query(DRAW_FROM_BUCKET, [request.sender.name, total]);
}

function dateOf(ms: number | null | undefined): Date | null {
  return typeof ms === 'number' ? new Date(ms) : null;
}

/** Network time until a hold ends, in wall time; bounded, since it is decided again anyway. */
function holdMs(untilMs: number, { nowMs, speed }: HandOver): number {
  return Math.min(LONGEST_HOLD_MS, Math.max(0, (untilMs - nowMs) / speed));
}

function summarise(
  verdicts: readonly Verdict[],
  request: HandOver,
): Omit<HandOverResult, 'isKilled' | 'waitMs'> {
  const messages: ClaimedSms[] = [];
  const suppressed: Record<string, number> = {};
  const held: Record<string, number> = {};
  let rerouted = 0;
  for (const {
    row: { row },
    decision,
  } of verdicts) {
    if (decision.action === 'send') messages.push(claimedOf(row, decision, request.speed));
    else if (decision.action === 'reroute') rerouted++;
    else {
      const counts = decision.action === 'hold' ? held : suppressed;
      counts[decision.reason] = (counts[decision.reason] ?? 0) + 1;
    }
  }
  const incidentIds = [...new Set(verdicts.map(({ row: { row } }) => row.incidentId))];
  return { messages, suppressed, held, rerouted, incidentIds };
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
    ...(row.channel === 'sms' ? {} : { more: moreOf(row, decision.sms) }),
    segments: decision.sms.size.segments,
    validitySeconds: Math.max(1, Math.floor(decision.validityMs / speed / 1000)),
    attempt: row.attempts + 1,
    refusals: row.refusals,
  };
}

function moreOf(row: DueRow, { title, language }: RenderedSms): MessageMore {
  const { kind, subscriberId, account } = row;
  return { title, language, kind, subscriberId, account: account ?? '' };
}
