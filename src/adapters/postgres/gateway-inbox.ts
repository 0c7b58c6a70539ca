import type pg from 'pg';
import type { Channel, MessageState } from '../../domain/customer.js';
import { messageMark } from '../../notify/message-mark.js';
import { ReplyWords } from '../../notify/opt-out-words.js';
import type {
  GatewayInbox,
  InboundSms,
  ReceiptInput,
  ReceiptOutcome,
  ReplyWish,
} from '../../notify/ports.js';
import { afterReceipt } from '../../notify/receipt.js';
import { optOutSource, toldLineages } from './outbox-record.js';
import { FALL_BACK, REOPEN_RESTORED } from './outbox-sql.js';
import { phoneKey } from './phone-key.js';
import { query, withTransaction } from './pool.js';

interface MessageRow {
  messageId: string;
  state: MessageState;
  attempts: number;
  channel: string;
  gatewayId: string | null;
  lineageId: string;
  kind: string;
  phoneKey: Buffer;
}

/** What a text that is no opt-out or opt-in word said is not kept, only that it came. */
const COUNT_REPLY = `
insert into sms_replies as r (hour, replies) values (date_trunc('hour', now()), 1)
on conflict (hour) do update set replies = r.replies + 1`;

const MESSAGE_COLUMNS = `message_id as "messageId", state, attempts, gateway_id as "gatewayId", channel,
  lineage_id as "lineageId", kind, phone_key as "phoneKey"`;

export interface InboxOptions {
  readonly channel?: Channel;
  readonly words?: ReplyWords;
}

/** Receipts and replies, written as they come; a repeated one changes nothing. */
export class PostgresGatewayInbox implements GatewayInbox {
  readonly #pool: pg.Pool;
  readonly #secret: string;
  readonly #channel: Channel;
  readonly #words: ReplyWords;

  /**
   * @param options.channel whose gateway speaks; default SMS
   * @param options.words what replies are known by; default the words known in every language
   */
  constructor(
    pool: pg.Pool,
    phoneSecret: string,
    { channel = 'sms', words = new ReplyWords([]) }: InboxOptions = {},
  ) {
    this.#pool = pool;
    this.#secret = phoneSecret;
    this.#channel = channel;
    this.#words = words;
  }

  async receipt(input: ReceiptInput): Promise<ReceiptOutcome> {
    return withTransaction(this.#pool, async (client) => {
      const stored = await client.query(
        `insert into delivery_receipts (gateway_id, status, message_id, error_code, channel)
         values ($1, $2, $3, $4, $5) on conflict do nothing`,
        [input.gatewayId, input.status, input.messageId, input.errorCode, this.#channel],
      );
      if (input.state === null) return 'unknownStatus';
      const row =
        (await this.#messageOf(client, input)) ?? (await this.#tracedMessage(client, input));
      if (!row) return 'unknownMessage';
      await apply(client, row, input, input.state);
      return stored.rowCount === 0 ? 'repeated' : 'applied';
    });
  }

  /** By the gateway's id, else by ours from the URL if that message has no gateway id yet. */
  async #messageOf(client: pg.ClientBase, input: ReceiptInput): Promise<MessageRow | undefined> {
    const { rows } = await client.query<MessageRow>(
      `select ${MESSAGE_COLUMNS} from outbox
       where (gateway_id = $1 or (message_id = $2 and gateway_id is null)) and channel = $3
       order by gateway_id nulls last limit 1 for update`,
      [input.gatewayId, input.messageId, this.#channel],
    );
    return rows[0];
  }

  /** The one message to that number and with that mark whose fate is not known yet. */
  async #tracedMessage(
    client: pg.ClientBase,
    { trace }: ReceiptInput,
  ): Promise<MessageRow | undefined> {
    if (trace === undefined) return undefined;
    const { rows } = await client.query<MessageRow>(
      `select ${MESSAGE_COLUMNS} from outbox
       where phone_key = $1 and gateway_id is null and state in ('claimed', 'uncertain')
         and channel = $2
       for update`,
      [phoneKey(this.#secret, trace.to), this.#channel],
    );
    const marked = rows.filter(({ messageId }) => messageMark(messageId) === trace.mark);
    return marked.length === 1 ? marked[0] : undefined;
  }

  async inbound({ from, body }: InboundSms): Promise<ReplyWish | undefined> {
    const wish = this.#words.wishOf(body);
    const key = phoneKey(this.#secret, from);
    if (wish === 'out') {
      await query(
        this.#pool,
        `insert into opt_outs (phone_key, source) values ($1, 'sms') on conflict do nothing`,
        [key],
      );
    }
    // Someone on the operator's own list is taken off it by the operator, not by a text.
    if (wish === 'in') {
      await query(
        this.#pool,
        `delete from opt_outs where phone_key = $1 and source <> 'import' and source <> 'agent'`,
        [key],
      );
    }
    if (wish === undefined) await query(this.#pool, COUNT_REPLY);
    return wish;
  }
}

async function apply(
  client: pg.ClientBase,
  row: MessageRow,
  input: ReceiptInput,
  reported: MessageState,
): Promise<void> {
  // Never handed over: whoever says otherwise is mistaken.
  if (row.state === 'pending' && row.attempts === 0) return;
  const state = afterReceipt(row.state, reported);
  const isNews = state !== row.state;
  if (!isNews && row.gatewayId !== null) return;
  const reason = state === 'failed' ? `gateway.${input.errorCode ?? input.status}` : null;
  await client.query(
    `update outbox set state = $2, gateway_id = $3, updated_at = clock_timestamp(),
       reason = case when $4 then $5 else reason end,
       lease_until = case when $4 then null else lease_until end,
       not_before = case when $4 then null else not_before end
     where message_id = $1`,
    [row.messageId, state, input.gatewayId, isNews, reason],
  );
  if (input.isOptOut) {
    await client.query(
      `insert into opt_outs (phone_key, source) values ($1, $2) on conflict do nothing`,
      [row.phoneKey, optOutSource(row.channel)],
    );
  }
  if (isNews && state === 'failed') await client.query(FALL_BACK, [[row.messageId], true]);
  const told = isNews ? toldLineages([{ ...row, state }]) : [];
  if (told.length > 0) await client.query(REOPEN_RESTORED, [told]);
}
