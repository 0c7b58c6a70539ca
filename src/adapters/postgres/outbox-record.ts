import type pg from 'pg';
import type { MessageState } from '../../domain/customer.js';
import type { FindResult, SendRecord, Unsettled } from '../../notify/ports.js';
import { RECORD, SPEND } from './outbox-sql.js';

/** What becomes of a claimed row. */
export interface RowChange {
  readonly messageId: string;
  readonly attempt: number;
  readonly state: MessageState;
  readonly reason: string | null;
  readonly gatewayId: string | null;
  readonly retryMs: number | null;
}

/** What a gateway's answer means for the row. */
export function rowChangeOf({ messageId, attempt, result, retryInMs }: SendRecord): RowChange {
  const base = { messageId, attempt, reason: null, gatewayId: null, retryMs: null };
  switch (result.status) {
    case 'accepted':
      return { ...base, state: 'accepted', gatewayId: result.gatewayId };
    case 'refused':
      return result.isOptOut
        ? { ...base, state: 'suppressed', reason: 'optedOut' }
        : { ...base, state: 'failed', reason: result.reason };
    case 'busy':
      return { ...base, state: 'pending', reason: 'gatewayBusy', retryMs: retryInMs };
    case 'unknown':
      return { ...base, state: 'claimed', reason: 'fateUnknown' };
  }
}

/** What the gateway's word means for a message whose fate was unknown. */
export function settledChange(message: Unsettled, found: FindResult): RowChange {
  const { messageId, attempt } = message;
  const base = { messageId, attempt, reason: null, gatewayId: null, retryMs: null };
  if (found.status === 'found') {
    const reason = found.errorCode === null ? null : `gateway.${found.errorCode}`;
    return { ...base, state: found.state, reason, gatewayId: found.gatewayId };
  }
  return found.isProof
    ? { ...base, state: 'pending' }
    : { ...base, state: 'uncertain', reason: 'notFoundAtGateway' };
}

interface ChangedRow {
  messageId: string;
  channel: string;
  lineageId: string;
  kind: string;
  state: MessageState;
  reason: string | null;
  segments: number;
  phoneKey: Buffer;
}

/**
 * Writes changes to rows that are still claimed by that attempt; others stay as they are.
 * @returns lineages in which somebody was told of an onset just now, and messages that failed
 */
export async function recordChanges(
  client: pg.ClientBase,
  changes: readonly RowChange[],
): Promise<{ readonly told: string[]; readonly failed: string[] }> {
  const { rows } = await client.query<ChangedRow>(RECORD, [
    changes.map((change) => change.messageId),
    changes.map((change) => change.attempt),
    changes.map((change) => change.state),
    changes.map((change) => change.reason),
    changes.map((change) => change.gatewayId),
    changes.map((change) => change.retryMs),
  ]);
  const optedOut = rows.filter(
    ({ state, reason }) => state === 'suppressed' && reason === 'optedOut',
  );
  if (optedOut.length > 0) {
    await client.query(
      `insert into opt_outs (phone_key, source)
       select distinct on (u.key) u.* from unnest($1::bytea[], $2::text[]) as u(key, source)
       on conflict (phone_key) do nothing`,
      [optedOut.map((row) => row.phoneKey), optedOut.map((row) => optOutSource(row.channel))],
    );
  }
  const back = rows.filter(({ state }) => state === 'pending');
  if (back.length > 0) {
    await client.query(SPEND, [
      back.map((row) => row.lineageId),
      back.map((row) => -row.segments),
      back.map((row) => row.channel),
    ]);
  }
  const failed = rows.filter(({ state }) => state === 'failed').map(({ messageId }) => messageId);
  return { told: toldLineages(rows), failed };
}

/** Who says that somebody opted out: `gateway` is that of SMS. */
export function optOutSource(channel: string): string {
  return channel === 'sms' ? 'gateway' : channel;
}

/** Lineages in which a text about an outage reached the gateway. */
export function toldLineages(
  rows: readonly Pick<ChangedRow, 'lineageId' | 'kind' | 'state'>[],
): string[] {
  const told = rows.filter(
    ({ kind, state }) =>
      (kind === 'onset' || kind === 'overrun') && (state === 'accepted' || state === 'delivered'),
  );
  return [...new Set(told.map((row) => row.lineageId))];
}
