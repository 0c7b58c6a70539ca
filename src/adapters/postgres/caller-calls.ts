import type { CountryCode } from 'libphonenumber-js/min';
import type pg from 'pg';
import { phoneKey } from './phone-key.js';
import { toE164 } from './phone-number.js';
import { query } from './pool.js';

/** What came of storing calls. */
export interface StoredCalls {
  readonly stored: number;
  readonly refused: { index: number; reason: string }[];
}

/** What reading them takes. */
export interface CallerOptions {
  readonly phoneSecret: string;
  readonly region: CountryCode;
}

const ISO_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/;
const MOST_QUEUE = 128;

const STORE = `
insert into caller_calls (phone_key, at, queue)
select * from unnest($1::bytea[], $2::timestamptz[], $3::text[])
on conflict do nothing`;

/**
 * Keeps who called when, by the keyed fingerprint of the number. A call that cannot be read is refused
 * with its place, the others are stored; one that is known changes nothing.
 * @param calls `{caller, at, queue}` each, from outside
 * @param options `region` of numbers without a country code
 */
export async function storeCalls(
  pool: pg.Pool,
  calls: readonly unknown[],
  options: CallerOptions,
): Promise<StoredCalls> {
  const refused: StoredCalls['refused'] = [];
  const read: ReadCall[] = [];
  for (const [index, call] of calls.entries()) {
    const outcome = readCall(call, options);
    if (typeof outcome === 'string') refused.push({ index, reason: outcome });
    else read.push(outcome);
  }
  const { rowCount } = await query(pool, STORE, [
    read.map(({ key }) => key),
    read.map(({ at }) => at),
    read.map(({ queue }) => queue),
  ]);
  return { stored: rowCount ?? 0, refused };
}

interface ReadCall {
  readonly key: Buffer;
  readonly at: Date;
  readonly queue: string;
}

/** @returns the call, or why it is refused */
function readCall(call: unknown, { phoneSecret, region }: CallerOptions): ReadCall | string {
  const { caller, at, queue } = Object(call) as Record<string, unknown>;
  const number = typeof caller === 'string' ? toE164(caller, region) : undefined;
  if (number === undefined) return 'caller: allowed is a telephone number such as +33612345678';
  const time = typeof at === 'string' && ISO_TIME.test(at) ? new Date(at) : undefined;
  if (time === undefined || Number.isNaN(time.getTime()))
    return 'at: allowed is a time such as 2026-01-14T13:00:00Z';
  const isQueue = typeof queue === 'string' && queue.length <= MOST_QUEUE;
  if (queue !== undefined && !isQueue)
    return `queue: allowed is a text of at most ${MOST_QUEUE} characters`;
  return { key: phoneKey(phoneSecret, number), at: time, queue: isQueue ? queue : '' };
}
